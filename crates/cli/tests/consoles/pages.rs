//! The console blocks of the pages.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::block::{Block, blocks};
use crate::compare::{blessed, fits};
use crate::sandbox::{Run, Sandbox, repository, syntax_error};

#[test]
fn what_the_guides_show_is_what_happens() {
    let mut pages = vec![
        repository().join("README.md"),
        repository().join("CONTRIBUTING.md"),
        repository().join("corpus/README.md"),
    ];
    pages.extend(markdown(&repository().join("docs")));
    assert!(pages.len() > 10, "{pages:?}");
    check(&pages);
}

#[test]
fn what_the_pages_of_detections_ask_for_runs() {
    let pages = markdown(&repository().join("docs/detections"));
    assert!(pages.len() > 60, "{pages:?}");
    check(&pages);
}

/// The pages in a directory, by name.
fn markdown(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.sort();
    pages
}

/// Runs the blocks of the pages, two pages at a time, and fails with all that is wrong.
fn check(pages: &[PathBuf]) {
    let halves: Vec<Vec<&PathBuf>> = (0..2).map(|half| pages.iter().skip(half).step_by(2).collect()).collect();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = halves
            .iter()
            .map(|half| scope.spawn(|| half.iter().flat_map(|page| check_page(page)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a page is checked")).collect()
    });
    assert!(
        wrong.is_empty(),
        "{} faults. DOGWATCH_BLESS=1 rewrites what the pages show.\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

/// What is wrong in a page. Each block runs in a sandbox of its own, with the variables that the blocks before it have set.
fn check_page(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a page");
    let name = path.strip_prefix(repository()).expect("a page of the repository").display().to_string();
    let mut wrong = Vec::new();
    let mut variables: Vec<String> = Vec::new();
    // From the last to the first when they are written, so that line numbers stay true.
    let mut rewritten: Vec<(std::ops::Range<usize>, Vec<String>)> = Vec::new();
    for block in blocks(&text) {
        let at = format!("{name}:{}", block.line);
        match &block.not_run {
            Some(reason) if reason.split_whitespace().count() < 3 => {
                wrong.push(format!("{at}: say why this block is not run"))
            }
            Some(_) => {}
            None if block.is_session() => wrong.extend(check_session(&block, &at, &mut rewritten)),
            None => {
                wrong.extend(check_commands(&[&*variables, &*block.lines].concat(), &at));
                variables.extend(block.lines.iter().filter(|line| sets_variables(line)).cloned());
            }
        }
    }
    if !rewritten.is_empty() && std::env::var_os("DOGWATCH_BLESS").is_some() {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (range, replacement) in rewritten.into_iter().rev() {
            lines.splice(range, replacement);
        }
        fs::write(path, lines.join("\n") + "\n").expect("the page is written");
    }
    wrong
}

/// What is wrong in a block that shows outputs, and what would be right, as lines of the page.
fn check_session(block: &Block, at: &str, rewritten: &mut Vec<(std::ops::Range<usize>, Vec<String>)>) -> Vec<String> {
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    if !block.lines[0].starts_with("$ ") {
        wrong.push(format!("{at}: a block with prompts begins with one"));
    }
    for exchange in block.exchanges() {
        let ran = sandbox.run(&with_tool_for_cargo(&exchange.command));
        if let Some(run) = ran.runs.iter().find(|run| run.code == 4 || run.code > 100) {
            wrong.push(format!("{at}: a bug: {run:?}"));
        }
        let shown = &block.lines[exchange.shown.clone()];
        if fits(shown, &ran.printed) {
            continue;
        }
        let lines = blessed(shown, &ran.printed);
        let indent = " ".repeat(block.indent);
        let lines =
            lines.into_iter().map(|line| if line.is_empty() { line } else { format!("{indent}{line}") }).collect();
        rewritten.push((block.line + exchange.shown.start..block.line + exchange.shown.end, lines));
        wrong.push(format!(
            "{at}: $ {}\nis shown as\n{}\nand printed\n{}",
            exchange.command,
            shown.join("\n"),
            ran.printed.join("\n")
        ));
    }
    wrong
}

/// What is wrong in commands that show nothing. `at` says where they stand.
pub fn check_commands(lines: &[String], at: &str) -> Vec<String> {
    let script = with_tool_for_cargo(&lines.join("\n"));
    if let Some(error) = syntax_error(&script) {
        return vec![format!("{at}: the shell does not understand this: {error}")];
    }
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&script);
    let calls = calls_of_dogwatch(&script);
    let mut wrong: Vec<String> = ran.runs.iter().filter_map(complaint).map(|text| format!("{at}: {text}")).collect();
    if ran.runs.len() < calls {
        wrong.push(format!("{at}: {calls} calls of dogwatch, and {} ran: {ran:?}", ran.runs.len()));
    }
    wrong.extend(misnamed_files(&script, &sandbox).into_iter().map(|text| format!("{at}: {text}")));
    wrong
}

/// Whether a line does nothing but set variables: `U='somebody'; LOG=/var/log`.
fn sets_variables(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase()))
}

/// `cargo run --release --` builds and starts the tool, which is built already.
fn with_tool_for_cargo(script: &str) -> String {
    script.replace("cargo run --release -- ", "dogwatch ")
}

/// How often a script calls Dogwatch: at the start of a line or behind a pipe.
fn calls_of_dogwatch(script: &str) -> usize {
    let is_call = |line: &&str| line.starts_with("dogwatch ") || line.contains("| dogwatch ");
    script.lines().map(str::trim_start).filter(is_call).count()
}

/// What is wrong with how a run ended. A search may find nothing: the sandbox's logs are not the reader's.
fn complaint(run: &Run) -> Option<String> {
    let complains = |line: &str| line.starts_with("error") || line.starts_with("warning");
    let about_nothing = |line: &str| line.contains("no event matched") || line.contains("no finding");
    let line = run.stderr.lines().find(|line| complains(line) && !about_nothing(line));
    (run.code != 0 || line.is_some())
        .then(|| format!("dogwatch {}\nends with {}:\n{}", run.arguments, run.code, run.stderr))
}

/// The calls whose table would go into a file that promises JSON. What a search finds in the sandbox may be nothing, and then the
/// file does not show it.
fn unformatted(script: &str) -> String {
    let promises_json = |call: &&str| [".json", ".jsonl", ".sarif"].iter().any(|end| call.trim_end().ends_with(end));
    let calls =
        script.lines().flat_map(|line| line.split(';')).filter(|call| call.contains("dogwatch ") && call.contains('>'));
    calls.filter(promises_json).filter(|call| !call.contains("--format ")).fold(String::new(), |mut wrong, call| {
        let _ = writeln!(wrong, "a table goes into a file of JSON: {call}");
        wrong
    })
}

/// The files that a script writes and whose name promises another format than they have.
fn misnamed_files(script: &str, sandbox: &Sandbox) -> Vec<String> {
    let mut wrong = unformatted(script);
    let words: Vec<&str> = script.split_whitespace().map(|word| word.trim_end_matches(';')).collect();
    for pair in words.windows(2).filter(|pair| [">", "-o", "--output"].contains(&pair[0])) {
        let file =
            pair[1].strip_prefix('/').map_or_else(|| sandbox.home().join(pair[1]), |path| sandbox.root().join(path));
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        let fits = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json" | "sarif") => text.is_empty() || is_json(&text),
            Some("jsonl") => text.lines().all(is_json),
            Some("csv") => !text.contains('─'),
            _ => true,
        };
        if !fits {
            let _ = writeln!(
                wrong,
                "{} does not hold what its name says: {}",
                pair[1],
                text.lines().next().unwrap_or_default()
            );
        }
    }
    wrong.lines().map(str::to_owned).collect()
}
