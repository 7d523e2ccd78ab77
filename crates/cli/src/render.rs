//! Complaints about a search as text: the place underlined in the search, or in the macro that the place came from, with
//! its code and what to do. What is wrong was found elsewhere.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use dogwatch_content::{Content, Problem};
use dogwatch_engine::{EngineError, FailedDetection, placed};
use dogwatch_output::visible::visible_except;
use dogwatch_syntax::{Diagnostic, Severity, Sources};

/// All complaints, in the order given, divided by blank lines.
pub fn diagnostics(list: &[Diagnostic], sources: &Sources, renderer: &Renderer) -> String {
    let rendered: Vec<String> = list.iter().map(|one| renderer.render(&[group(one, sources)])).collect();
    rendered.join("\n\n")
}

/// A complaint about a file of content.
pub fn problem(problem: &Problem, renderer: &Renderer) -> String {
    let name = problem.path.display().to_string();
    diagnostics(std::slice::from_ref(&problem.diagnostic), &Sources::plain(&name, &problem.text), renderer)
}

/// Why a detection could not run, each reason in its place.
pub fn failed_detection(failed: &FailedDetection, content: &Content, renderer: &Renderer) -> String {
    let name = visible_except(&failed.detection.name, &[]);
    match &failed.error {
        EngineError::Search(failure) => {
            let errors = failure.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
            let placed = errors.map(|one| placed(content, &failed.detection, &failure.sources, one.clone()));
            let shown: Vec<String> = placed.map(|one| problem(&one, renderer)).collect();
            format!("the detection \"{name}\" did not run:\n{}", shown.join("\n\n"))
        }
        other => format!("the detection \"{name}\" did not run: {other}"),
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(visible_except(&diagnostic.message, &['\n'])).id(diagnostic.code.as_str());
    let (index, range) = sources.locate(diagnostic.span);
    let mut group = match sources.sources.get(index) {
        Some(source) => {
            let start = source.text.floor_char_boundary(range.start);
            let end = source.text.ceil_char_boundary(range.end).max(start);
            let label = diagnostic.label.as_deref().map(|label| visible_except(label, &['\n']));
            let annotation = AnnotationKind::Primary.span(start..end).label(label);
            title.element(Snippet::source(source.text.as_str()).path(source.name.as_str()).annotation(annotation))
        }
        None => title.elements(None::<annotate_snippets::Message<'_>>),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible_except(help, &['\n'])));
    }
    group
}

#[cfg(test)]
mod tests {
    use dogwatch_syntax::{Code, Span};

    use super::*;

    #[test]
    fn the_place_is_underlined_with_code_and_help() {
        let sources = Sources::plain("search", "verb=get\n| tabel user");
        let unknown = Diagnostic::error(Code::UnknownCommand, Span::new(11, 16), "unknown command `tabel`")
            .with_label("no such command")
            .with_help("did you mean `table`?");
        let text = diagnostics(&[unknown], &sources, &Renderer::plain());
        for part in ["error[S004]: unknown command `tabel`", "search:2:3", "| tabel user", "^^^^^ no such", "`table`?"]
        {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
    }

    #[test]
    fn any_place_can_be_shown() {
        let text = "a=\"ä\u{1b}[31m\r\n| x";
        let sources = Sources::plain("search", text);
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                let one = Diagnostic::error(Code::Unexpected, Span::new(start, end), "bad \u{1b}[1m");
                let shown = diagnostics(&[one.clone(), one], &sources, &Renderer::plain());
                assert!(!shown.contains('\u{1b}'), "{shown}");
            }
        }
        assert!(diagnostics(&[], &sources, &Renderer::plain()).is_empty());
        let nowhere = Diagnostic::note(Code::Branch, Span::at(0), "note");
        assert!(diagnostics(&[nowhere], &Sources::default(), &Renderer::plain()).contains("note"));
    }
}
