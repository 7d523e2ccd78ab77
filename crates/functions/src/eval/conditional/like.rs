//! `like`: whether a whole text matches a pattern, in which `%` stands for any text and `_` for one character.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `like(<str>, <pattern>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "like",
    aliases: &[],
    family: "conditional",
    usage: "like(<str>, <pattern>)",
    parameters: &[Parameter::required("str", ParameterKind::Any), Parameter::required("pattern", ParameterKind::Text)],
    repeats: 0,
    summary: "Whether a text as a whole has a pattern, in which `%` stands for any text and `_` for one character.",
    details: "With case. A backslash takes the meaning from the character behind it. Null if either is null; any value of a multivalue suffices. The operator `LIKE` is the same.",
    source: "Search Reference: Comparison and Conditional functions, like()",
    examples: &[
        Example { expression: r#"if(like("10.9.165.8", "10.9.165.%"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(like("abc", "a_"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments[0].values();
    match arguments[1].text() {
        Some(pattern) if !values.is_empty() => {
            let pattern = compile(&pattern);
            output.bool(values.iter().any(|value| is_like(&value.text(), &pattern)));
        }
        _ => output.null(),
    }
    Ok(())
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Any,
    One,
    Is(char),
}

fn compile(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        pieces.push(match c {
            '%' => Piece::Any,
            '_' => Piece::One,
            '\\' => Piece::Is(rest.next().unwrap_or('\\')),
            c => Piece::Is(c),
        });
    }
    pieces
}

/// Matches in one pass, backtracking to the last `%` on a mismatch.
fn is_like(text: &str, pattern: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut last_any: Option<(usize, usize)> = None;
    loop {
        let next = text[at..].chars().next();
        match (pattern.get(piece), next) {
            (Some(Piece::Any), _) => {
                last_any = Some((at, piece + 1));
                piece += 1;
                continue;
            }
            (Some(Piece::One), Some(c)) => {
                (at, piece) = (at + c.len_utf8(), piece + 1);
                continue;
            }
            (Some(Piece::Is(wanted)), Some(c)) if *wanted == c => {
                (at, piece) = (at + c.len_utf8(), piece + 1);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        match last_any {
            Some((from, after)) => match text[from..].chars().next() {
                Some(c) => {
                    (at, piece) = (from + c.len_utf8(), after);
                    last_any = Some((at, after));
                }
                None => return false,
            },
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_text() {
        let like = |text: &str, pattern: &str| is_like(text, &compile(pattern));
        assert!(like("abc", "a%"));
        assert!(like("abc", "%b%"));
        assert!(like("", "%"));
        assert!(like("a%c", r"a\%c"));
        assert!(like("éx", "_x"));
        assert!(!like("abc", "b%"));
        assert!(!like("axc", r"a\%c"));
        assert!(!like("abc", "ABC"));
        assert!(like("abcbcd", "a%bcd"));
        assert!(!like("", "_"));
    }
}
