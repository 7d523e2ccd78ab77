//! How long a file and a function may be, counted without tests.

use proc_macro2::{Delimiter, TokenTree};

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, end_of_item, inside, is_ident, is_punct, starts_cfg_test, test_lines, tree};

/// Lines of a file, tests not counted.
const FILE_LINES: usize = 600;
/// Lines of a function from its `fn` to its closing brace.
const FUNCTION_LINES: usize = 70;

/// Files that may be longer, each with the reason. A table of data is one; "it grew" is none.
const LONG_FILES: &[(&str, &str)] = &[];

const FILE_REMEDY: &str = "A file that fits into one head has at most 600 lines beside its tests. Move one of its jobs to a \
     file that is named for it; a table of data may go on the list in crates/tidy/tests/tidy/limits.rs with its reason.";
const FUNCTION_REMEDY: &str =
    "A function that can be read at a glance has at most 70 lines. Give one of its steps a name.";

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let tokens = file.tokens();
    let mut found = Vec::new();
    let listed = LONG_FILES.iter().any(|(path, _)| *path == file.path);
    let lines = file.text.lines().count().saturating_sub(test_lines(&tokens));
    if lines > FILE_LINES && !listed {
        found.push(Breach::of_file(&file.path, format!("{lines} lines beside its tests"), FILE_REMEDY));
    }
    if !file.is_test_code() {
        long_functions(&file.path, &tokens, &mut found);
    }
    found
}

fn long_functions(path: &str, tokens: &[TokenTree], found: &mut Vec<Breach>) {
    let mut at = 0;
    while at < tokens.len() {
        if starts_cfg_test(tokens, at) {
            at = end_of_item(tokens, at + 2);
            continue;
        }
        if let (true, Some(TokenTree::Ident(name))) = (is_ident(tokens.get(at), "fn"), tokens.get(at + 1)) {
            let (first, last) = (tokens[at].span().start().line, last_line(tokens, at));
            let lines = last - first + 1;
            if lines > FUNCTION_LINES {
                found.push(Breach::at_line(path, first, format!("`{name}` has {lines} lines"), FUNCTION_REMEDY));
            }
        }
        if let TokenTree::Group(group) = &tokens[at] {
            long_functions(path, &inside(group), found);
        }
        at += 1;
    }
}

/// The line of the brace that closes the function's body, or of the semicolon of one without.
fn last_line(tokens: &[TokenTree], at: usize) -> usize {
    let mut last = tokens[at].span().end().line;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        last = token.span().end().line;
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            _ if is_punct(tokens.get(index), ';') => break,
            _ => {}
        }
    }
    last
}

#[test]
fn files_and_functions_are_short() {
    let found: Vec<Breach> = tree().iter().filter(|file| file.is_rust()).flat_map(breaches).collect();
    assert_none(&found);
}

#[test]
fn the_list_of_long_files_is_not_stale() {
    let tree = tree();
    for (path, _) in LONG_FILES {
        assert!(tree.iter().any(|file| file.path == *path), "{path} is on the list of long files and is no more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "let brace = '{';\n".repeat(lines - 2))
    }

    #[test]
    fn a_long_function_is_found_and_a_string_with_braces_is_none() {
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", &function(70))), []);
        let found = breaches(&SourceFile::new("crates/x/src/a.rs", &format!("impl A {{\n{}}}", function(71))));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "crates/x/src/a.rs:2");
    }

    #[test]
    fn tests_may_be_longer() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function(700));
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", &tests)), []);
        assert_eq!(breaches(&SourceFile::new("crates/x/tests/a.rs", &function(100))), []);
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", &"use a::b;\n".repeat(601))).len(), 1);
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", &"use a::b;\n".repeat(600))), []);
    }
}
