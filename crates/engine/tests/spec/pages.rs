//! Runs the pages of `spec/`, or rewrites them. Pages in `spec/fixme/` say what should come out and does not: there every
//! case has to fail, so that nobody forgets one that was mended.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::{Engine, Outcome, sorted};
use crate::heads;
use crate::page::{Blessing, Case, Page};

/// The folder of known faults, in `spec/`.
const KNOWN_WRONG: &str = "fixme";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}

/// All pages, sorted. `SPEC=eval/` runs those alone whose path has this in it.
fn pages() -> Vec<PathBuf> {
    let only = std::env::var("SPEC").unwrap_or_default();
    let (mut folders, mut found) = (vec![root()], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") && name(&path).contains(&only) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The path as seen from `spec/`.
fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// What is wrong with a case, if anything.
fn fault(case: &Case, outcome: &Result<Outcome, String>) -> Option<String> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(why) => return Some(format!("threads or the prefilter change the result\n{why}")),
    };
    let Some(expected) = &case.expected else { return Some(format!("no result is given; it is\n{}", outcome.shown())) };
    let text = &expected.block.text;
    let wanted = Outcome {
        error: expected.error,
        result: if expected.unordered { sorted(text) } else { text.clone() },
        notes: case.notes.as_ref().map(|block| block.text.clone()).unwrap_or_default(),
    };
    (wanted != *outcome).then(|| difference(&wanted.shown(), &outcome.shown()))
}

/// The lines of both, those that only one has marked.
fn difference(wanted: &str, got: &str) -> String {
    let mut text = String::new();
    for line in wanted.lines() {
        let _ = writeln!(text, "{}{line}", if got.lines().any(|other| other == line) { "  " } else { "- " });
    }
    for line in got.lines().filter(|line| !wanted.lines().any(|other| other == *line)) {
        let _ = writeln!(text, "+ {line}");
    }
    if !text.lines().any(|line| line.starts_with(['-', '+'])) {
        let _ = write!(text, "these lines, in the order\n{got}");
    }
    text
}

/// The faults of a page.
fn check(engine: &Engine, path: &Path) -> String {
    let text = fs::read_to_string(path).expect("the page can be read");
    let name = name(path);
    let page = match Page::parse(&text) {
        Ok(page) => page,
        Err(why) => return format!("spec/{name}: {why}\n"),
    };
    let known_wrong = name.starts_with(KNOWN_WRONG);
    let mut faults = String::new();
    if heads::head(&name).is_some_and(|head| heads::with_head(&text, &head) != text) {
        let _ = writeln!(faults, "spec/{name}: does not open with what the reference says\n");
    }
    for case in &page.cases {
        let unordered = case.expected.as_ref().is_some_and(|expected| expected.unordered);
        let found = fault(case, &engine.run(&case.spl, &case.files, unordered));
        let told = match (found, known_wrong) {
            (Some(fault), false) => fault,
            (None, true) => "comes out right: move the case to the page where it belongs\n".to_owned(),
            _ => continue,
        };
        let _ = writeln!(faults, "spec/{name}:{}\n{}\n\n{told}", case.line, case.spl);
    }
    faults
}

/// Rewrites a page. What it says is wrong if the manners of running do not agree.
fn bless(engine: &Engine, path: &Path) -> String {
    let old = fs::read_to_string(path).expect("the page can be read");
    let text = heads::head(&name(path)).map_or_else(|| old.clone(), |head| heads::with_head(&old, &head));
    let page = match Page::parse(&text) {
        Ok(page) => page,
        Err(why) => return format!("spec/{}: {why}\n", name(path)),
    };
    let (mut blessings, mut faults) = (vec![], String::new());
    for case in &page.cases {
        let unordered = case.expected.as_ref().is_some_and(|expected| expected.unordered);
        let outcome = engine.run(&case.spl, &case.files, unordered).unwrap_or_else(|why| {
            let _ = writeln!(faults, "spec/{}:{}\n{}\n\n{why}", name(path), case.line, case.spl);
            Outcome::default()
        });
        blessings.push(Blessing { error: outcome.error, result: outcome.result, notes: outcome.notes });
    }
    let blessed = page.blessed(&blessings);
    if blessed != old {
        fs::write(path, blessed).expect("the page can be written");
    }
    faults
}

#[test]
fn pages_say_what_comes_out() {
    let engine = Engine::new();
    let blessing = std::env::var("DOGWATCH_BLESS").is_ok_and(|value| value == "1");
    let pages = pages();
    assert!(!pages.is_empty(), "no pages under {}", root().display());
    let faults: String = pages
        .iter()
        .map(|path| {
            let rewritten = blessing && !name(path).starts_with(KNOWN_WRONG);
            if rewritten { bless(&engine, path) } else { check(&engine, path) }
        })
        .collect();
    assert!(faults.is_empty(), "\n{faults}\nIf the pages are wrong: `just bless`, and read the difference.");
}
