//! Runs one search as the tool does, over files in a folder of its own, and tells what came out as text that is the same
//! on every machine.

use std::fmt::Write as _;

use dogwatch_engine::{EngineError, Session, SessionOptions, Text};
use dogwatch_output::format::{self, FormatOptions};
use dogwatch_syntax::{Diagnostic, Severity, Sources};
use futures::StreamExt;
use tokio::runtime::{Builder, Runtime};

use crate::folder::Folder;
use crate::page::File;

/// How a search is run. The result must not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// On how many threads.
    pub threads: usize,
    /// Whether the bytes are searched before they are parsed.
    pub prefilter: bool,
}

/// All manners, the usual one first.
pub const MANNERS: &[Manner] = &[
    Manner { threads: 2, prefilter: true },
    Manner { threads: 1, prefilter: true },
    Manner { threads: 2, prefilter: false },
    Manner { threads: 1, prefilter: false },
];

/// What came out of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether there was an error instead of rows.
    pub error: bool,
    /// The rows, a JSON object a line; or the errors.
    pub result: String,
    /// Warnings and notes.
    pub notes: String,
}

/// The engine with a place for files.
pub struct Engine {
    runtime: Runtime,
}

impl Engine {
    /// An engine.
    pub fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self { runtime: runtime.expect("threads can be started") }
    }

    /// Runs a search over files, once in each manner.
    ///
    /// # Errors
    /// When the manners do not agree, with what each gave.
    pub fn run(&self, spl: &str, files: &[File], unordered: bool) -> Result<Outcome, String> {
        let folder = Folder::new(files);
        let mut outcomes = MANNERS.iter().map(|manner| {
            let mut outcome = self.runtime.block_on(folder.search(spl, *manner));
            if unordered {
                outcome.result = sorted(&outcome.result);
            }
            (manner, outcome)
        });
        let (usual, first) = outcomes.next().expect("there are manners");
        for (manner, outcome) in outcomes {
            if outcome != first {
                return Err(format!("with {usual:?}:\n{}\nwith {manner:?}:\n{}", first.shown(), outcome.shown()));
            }
        }
        Ok(first)
    }
}

impl Outcome {
    /// All of it, for messages.
    pub fn shown(&self) -> String {
        let notes = if self.notes.is_empty() { String::new() } else { format!("notes:\n{}", self.notes) };
        format!("{}{notes}", self.result)
    }
}

/// The lines in sorted order.
pub fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.concat()
}

impl Folder {
    async fn search(&self, spl: &str, manner: Manner) -> Outcome {
        let options = SessionOptions { threads: Some(manner.threads), prefilter: manner.prefilter, ..self.options() };
        // In a task of its own, so that a panic is one case's result and not the end of all.
        let mut outcome = match tokio::spawn(run(options, spl.to_owned(), self.logs.clone())).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => refused(&error),
            Err(why) => Outcome { error: true, result: format!("bug: {why}\n"), notes: String::new() },
        };
        let here = self.path().display().to_string();
        for text in [&mut outcome.result, &mut outcome.notes] {
            for inner in ["/logs/", "/lookups/", "/macros/", "/"] {
                *text = text.replace(&format!("{here}{inner}"), "");
            }
        }
        outcome
    }
}

async fn run(options: SessionOptions, spl: String, paths: Vec<String>) -> Result<Outcome, EngineError> {
    let session = Session::new(options)?;
    let text = Text { name: "search".to_owned(), text: spl };
    let mut search = session.search(&text, &paths).await?;
    let mut format = format::find("jsonl").expect("there is this format").make(&FormatOptions::default());
    let mut rows = Vec::new();
    format.begin(&search.schema(), &mut rows).expect("the columns can be printed");
    let mut stream = search.stream()?;
    while let Some(batch) = stream.next().await {
        format.batch(&batch?, &mut rows).expect("the rows can be printed");
    }
    format.finish(&mut rows).expect("the rows can be printed");
    drop(stream);
    let errors = search.take_input_errors();
    assert!(errors.is_empty(), "{errors:?}");
    let result = String::from_utf8(rows).expect("rows are text");
    let mut diagnostics = search.diagnostics().to_vec();
    diagnostics.extend(search.warnings());
    Ok(Outcome { error: false, result, notes: told(&diagnostics, search.sources()) })
}

fn refused(error: &EngineError) -> Outcome {
    let result = match error {
        EngineError::Search(failure) => told(&failure.diagnostics, &failure.sources),
        EngineError::Internal(why) => format!("bug: {why}\n"),
        other => format!("{other}\n"),
    };
    Outcome { error: true, result, notes: String::new() }
}

/// Complaints as a page shows them: what and where, then what to do.
fn told(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for one in diagnostics {
        let severity = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "{severity}[{}] at {}: {}", one.code.as_str(), place(one, sources), one.message);
        if let Some(help) = &one.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    text
}

/// Line, column and the text there; before them the macro that it is in.
fn place(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let (index, range) = sources.locate(diagnostic.span);
    let Some(source) = sources.sources.get(index) else { return "?".to_owned() };
    let before = &source.text[..source.text.floor_char_boundary(range.start)];
    let (line, start) = (before.matches('\n').count() + 1, before.rfind('\n').map_or(0, |at| at + 1));
    let column = before[start..].chars().count() + 1;
    let name = if index == 0 { String::new() } else { format!("{} ", source.name) };
    format!("{name}{line}:{column}")
}
