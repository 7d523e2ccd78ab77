//! Tests of the parser as a whole, by theme.

mod commands;
mod errors;
mod expressions;
mod generated;
mod macros;
mod searches;
mod splunk_form;
mod texts;

use crate::testing::TestSignatures;
use crate::{Diagnostic, Macros, NoMacros, Parsed, Pipeline};

/// Parses with the test signatures and without macros.
fn parse(text: &str) -> Parsed {
    crate::parse(text, &NoMacros, &TestSignatures)
}

fn parse_with(text: &str, macros: &dyn Macros) -> Parsed {
    crate::parse(text, macros, &TestSignatures)
}

/// The tree of a search that must be without errors.
fn tree(text: &str) -> Pipeline {
    let parsed = parse(text);
    assert!(!parsed.has_errors(), "{text}\n{:#?}", parsed.diagnostics);
    parsed.pipeline
}

/// What the printer makes of a search, after a check that it means the same.
fn printed(text: &str) -> String {
    let first = tree(text);
    let out = crate::print(&first);
    let again = parse(&out);
    assert!(!again.has_errors(), "{text}\nprinted as\n{out}\n{:#?}", again.diagnostics);
    assert_eq!(again.pipeline.without_spans(), first.without_spans(), "{text}\nprinted as\n{out}");
    out
}

/// One line per complaint: code, the text complained about, message.
fn complaints(parsed: &Parsed) -> Vec<String> {
    let line = |d: &Diagnostic| {
        let at = parsed.sources.expanded.get(d.span.range()).unwrap_or("?");
        format!("{} [{at}] {}", d.code.as_str(), d.message)
    };
    parsed.diagnostics.iter().map(line).collect()
}
