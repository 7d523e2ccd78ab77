//! Any text as a search: reading it must not panic, every complaint must have a place in the text, and what is
//! read without error must survive printing. It uses the signatures of the parser's own tests, which show every
//! kind of argument.

#![no_main]

use dogwatch_syntax::{NoMacros, parse, parse_expr, parse_search_expr, print, splunk_form};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/syntax/src/testing.rs"]
mod testing;

fuzz_target!(|text: &str| {
    let signatures = testing::TestSignatures;
    parse_expr(text);
    parse_search_expr(text);
    let parsed = parse(text, &NoMacros, &signatures);
    let length = parsed.sources.expanded.len();
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.span.end <= length, "{diagnostic:?}");
        parsed.sources.locate(diagnostic.span);
    }
    splunk_form(&parsed.pipeline);
    let printed = print(&parsed.pipeline);
    // Quotes that mean a name to one reader and an apostrophe to another pair up differently once printing
    // has moved them; the property tests cover names in single quotes.
    if parsed.has_errors() || printed.contains(['`', '\'']) {
        return;
    }
    let again = parse(&printed, &NoMacros, &signatures);
    assert!(!again.has_errors(), "{printed}\n{:?}", again.diagnostics);
    assert_eq!(again.pipeline.without_spans(), parsed.pipeline.without_spans(), "{printed}");
});
