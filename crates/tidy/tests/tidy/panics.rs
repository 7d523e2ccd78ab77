//! No input may bring the tool down: code outside tests does not panic on purpose.
//!
//! Clippy knows of `unwrap` too, but an `allow` silences it; this check cannot be silenced where the code is.

use proc_macro2::{Delimiter, TokenTree};

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, end_of_item, inside, is_punct, starts_cfg_test, string_literal, tree};

/// The fewest words that can say why a value must be there.
const FEWEST_WORDS: usize = 3;

const UNWRAP_REMEDY: &str = "A log is hostile input, and a panic loses the whole run. Return the error, take a default, or, \
     where it cannot fail, use `expect` with the reason why it cannot.";
const EXPECT_REMEDY: &str = "`expect` is for what cannot fail; its text is the proof (three words or more, a literal). \
     Where it can fail, return the error.";
const PANIC_REMEDY: &str = "A fault of the user is a `Diagnostic`, a fault of the world an error of the crate, our own fault an \
     internal error that says so. None of them is a panic.";

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let mut found = Vec::new();
    if file.path.starts_with("crates/") && file.path.contains("/src/") && !file.is_test_code() {
        search(&file.path, &file.tokens(), &mut found);
    }
    found
}

fn search(path: &str, tokens: &[TokenTree], found: &mut Vec<Breach>) {
    let mut at = 0;
    while at < tokens.len() {
        if starts_cfg_test(tokens, at) {
            at = end_of_item(tokens, at + 2);
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => search(path, &inside(group), found),
            TokenTree::Ident(name) => {
                let line = name.span().start().line;
                if let Some((what, remedy)) = panicking(tokens, at, &name.to_string()) {
                    found.push(Breach::at_line(path, line, what, remedy));
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// What is wrong with the name at `at`, where it is a call that panics.
fn panicking(tokens: &[TokenTree], at: usize, name: &str) -> Option<(String, &'static str)> {
    let next = tokens.get(at + 1);
    let is_method = at > 0 && is_punct(tokens.get(at - 1), '.');
    match name {
        "unwrap" | "unwrap_err" if is_method && is_call(next) => Some((format!("calls `{name}`"), UNWRAP_REMEDY)),
        "expect" | "expect_err" if is_method && is_call(next) => {
            let Some(TokenTree::Group(group)) = next else { return None };
            // The parser's own `expect(Token::Comma)` is another method: what has no text is not an Option's.
            let text = string_literal(inside(group).first())?;
            (text.split_whitespace().count() < FEWEST_WORDS)
                .then(|| (format!("`{name}(\"{text}\")` gives no reason"), EXPECT_REMEDY))
        }
        "panic" | "todo" | "unimplemented" if is_punct(next, '!') => Some((format!("calls `{name}!`"), PANIC_REMEDY)),
        "unreachable" if is_punct(next, '!') => {
            let Some(TokenTree::Group(group)) = tokens.get(at + 2) else { return None };
            let said = string_literal(inside(group).first()).unwrap_or_default();
            (said.split_whitespace().count() < FEWEST_WORDS)
                .then(|| ("`unreachable!` without the reason".to_owned(), EXPECT_REMEDY))
        }
        _ => None,
    }
}

fn is_call(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

#[test]
fn code_outside_tests_does_not_panic_on_purpose() {
    let found: Vec<Breach> = tree().iter().filter(|file| file.is_rust()).flat_map(breaches).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_source(text: &str) -> usize {
        breaches(&SourceFile::new("crates/x/src/a.rs", text)).len()
    }

    #[test]
    fn calls_that_panic_are_found_wherever_they_hide() {
        assert_eq!(in_source("fn a() { b().unwrap(); }"), 1);
        assert_eq!(in_source("fn a() { format!(\"{}\", b.unwrap()) }"), 1);
        assert_eq!(in_source("fn a() { panic!(\"no\") }"), 1);
        assert_eq!(in_source("fn a() { b.expect(\"b\"); unreachable!() }"), 2);
    }

    #[test]
    fn reasons_tests_and_words_in_text_are_no_finding() {
        assert_eq!(in_source("fn a() { b.expect(\"the lexer made it non-empty\"); }"), 0);
        assert_eq!(in_source("fn a() { \"b.unwrap()\"; c.unwrap_or(1); /* panic!() */ }"), 0);
        assert_eq!(in_source("#[cfg(test)]\nmod tests { fn a() { b.unwrap() } }"), 0);
        assert_eq!(in_source("fn a(&mut self) { self.expect(Token::Comma) }"), 0);
        assert_eq!(breaches(&SourceFile::new("crates/x/tests/a.rs", "fn a() { b.unwrap() }")), []);
    }
}
