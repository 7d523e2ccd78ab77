//! Matches a keyword or phrase of a search in the raw text.
//!
//! Splunk cuts an event into terms at *breakers* and finds terms, not character sequences: `failed` is found in
//! `login=failed;` but not in `failedX`. A `*` stands for any part of a term. There is no index here; the rule is applied
//! to the text. Source: segmenters.conf (the breakers), Search Manual, Use CASE() and TERM() to match phrases.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};
use dogwatch_predicate::{Matcher, Pattern};

use super::search::booleans;
use crate::literals;
use crate::row_udf::call_name;
use crate::types::{Cell, bool_type};

/// Whether a text contains a keyword or phrase. It must begin and end at a breaker or at an end of the text, unless the
/// pattern has a `*` there or a breaker itself. A `*` inside never goes beyond a major breaker, such as a space. With
/// `whole_term` (`TERM(…)`) only major breakers count as ends. False for null.
pub fn search_term(raw: Expr, pattern: &Pattern, whole_term: bool) -> Expr {
    let function = if whole_term { &WHOLE_TERM } else { &TERM };
    function.call(vec![raw, lit(pattern.encode())])
}

static TERM: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| TermSearch::udf(Ends::Any));
static WHOLE_TERM: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| TermSearch::udf(Ends::Major));

/// The scalar functions of this file.
pub(super) fn scalars() -> [Arc<ScalarUDF>; 2] {
    [Arc::clone(&TERM), Arc::clone(&WHOLE_TERM)]
}

/// The breakers that end a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ends {
    Any,
    Major,
}

/// Encodings in a URL that break like the characters they stand for, and two further sequences.
const MAJOR_SEQUENCES: &[&[u8]] = &[
    b"%21", b"%26", b"%2526", b"%7c", b"%20", b"%2b", b"%3d", b"--", b"%2520", b"%5d", b"%5b", b"%3a", b"%0a", b"%2c",
    b"%28", b"%29",
];

fn is_major(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\n'
            | b'\t'
            | b'\r'
            | b'['
            | b']'
            | b'<'
            | b'>'
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'|'
            | b'!'
            | b';'
            | b','
            | b'\''
            | b'"'
            | b'*'
            | b'&'
            | b'?'
            | b'+'
    )
}

fn is_minor(byte: u8) -> bool {
    matches!(byte, b'/' | b':' | b'=' | b'@' | b'.' | b'-' | b'$' | b'#' | b'%' | b'\\' | b'_')
}

impl Ends {
    fn breaks(self, byte: u8) -> bool {
        is_major(byte) || self == Self::Any && is_minor(byte)
    }

    /// Whether a term that begins with `first` can begin here.
    fn starts(self, text: &[u8], at: usize) -> bool {
        at == 0
            || text.get(at).is_some_and(|first| self.breaks(*first))
            || self.breaks(text[at - 1])
            || MAJOR_SEQUENCES.iter().any(|sequence| ends_with(&text[..at], sequence))
    }

    /// Whether a term can end here.
    fn stops(self, text: &[u8], at: usize) -> bool {
        at == text.len()
            || self.breaks(text[at])
            || at > 0 && self.breaks(text[at - 1])
            || MAJOR_SEQUENCES.iter().any(|sequence| starts_with(&text[at..], sequence))
    }
}

fn starts_with(text: &[u8], sequence: &[u8]) -> bool {
    text.len() >= sequence.len() && text[..sequence.len()].eq_ignore_ascii_case(sequence)
}

fn ends_with(text: &[u8], sequence: &[u8]) -> bool {
    text.len() >= sequence.len() && text[text.len() - sequence.len()..].eq_ignore_ascii_case(sequence)
}

/// The end of the run without major breakers that begins here.
fn stretch_end(text: &str, from: usize) -> usize {
    text.as_bytes()[from..].iter().position(|b| is_major(*b)).map_or(text.len(), |n| from + n)
}

/// A pattern to be found in texts.
struct Sought {
    pattern: Matcher,
    ends: Ends,
}

impl Sought {
    fn found(&self, text: &str) -> bool {
        match self.pattern.pieces().split_first() {
            None => true,
            Some((Some(first), rest)) => self.found_from(text, first, rest),
            Some((None, [])) => true,
            Some((None, rest)) => {
                let mut from = 0;
                while from <= text.len() {
                    let end = stretch_end(text, from);
                    if self.after_star(text, from, end, rest) {
                        return true;
                    }
                    from = end + 1;
                }
                false
            }
        }
    }

    /// Tries each occurrence of the first literal. If the rest after a `*` is not found in the run without major
    /// breakers, it is not found from a later position of that run either, so the search continues behind it.
    fn found_from(&self, text: &str, first: &str, rest: &[Option<String>]) -> bool {
        if first.is_empty() {
            return rest.is_empty() || self.after_star(text, 0, stretch_end(text, 0), &rest[1..]);
        }
        let spans_stretches = first.bytes().any(is_major);
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|tail| tail.find(first)).map(|n| from + n) {
            let end = at + first.len();
            let step = at + text[at..].chars().next().map_or(1, char::len_utf8);
            from = step;
            if !self.ends.starts(text.as_bytes(), at) {
                continue;
            }
            if rest.is_empty() {
                if self.ends.stops(text.as_bytes(), end) {
                    return true;
                }
                continue;
            }
            let stretch = stretch_end(text, end);
            if self.after_star(text, end, stretch, &rest[1..]) {
                return true;
            }
            if !spans_stretches {
                from = stretch.max(step);
            }
        }
        false
    }

    /// Whether the pieces after a `*` follow, the next literal beginning between `from` and `stretch`.
    fn after_star(&self, text: &str, from: usize, stretch: usize, pieces: &[Option<String>]) -> bool {
        let (mut from, mut stretch, mut pieces) = (from, stretch, pieces);
        loop {
            let Some((Some(literal), rest)) = pieces.split_first() else { return true };
            let mut search = from;
            let at = loop {
                let limit = (stretch + literal.len()).min(text.len());
                let window = text.as_bytes().get(search..limit).unwrap_or_default();
                let Some(at) = find(window, literal.as_bytes()).map(|n| search + n) else { return false };
                if !rest.is_empty() || self.ends.stops(text.as_bytes(), at + literal.len()) {
                    break at;
                }
                search = at + 1;
            };
            if rest.is_empty() {
                return true;
            }
            from = at + literal.len();
            stretch = stretch_end(text, from);
            pieces = &rest[1..];
        }
    }
}

/// The first position of a byte sequence; the window is a term, or a term and a phrase, hence short.
fn find(window: &[u8], literal: &[u8]) -> Option<usize> {
    let Some(first) = literal.first() else { return Some(0) };
    let last = window.len().checked_sub(literal.len())?;
    (0..=last).find(|at| window[*at] == *first && &window[*at..*at + literal.len()] == literal)
}

/// The scalar function. Its arguments are the text and the pattern ([`Pattern::encode`]).
#[derive(Debug, PartialEq, Eq, Hash)]
struct TermSearch {
    ends: Ends,
    signature: Signature,
}

impl TermSearch {
    fn udf(ends: Ends) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Self { ends, signature: Signature::any(2, Volatility::Immutable) }))
    }
}

impl ScalarUDFImpl for TermSearch {
    fn name(&self) -> &str {
        match self.ends {
            Ends::Any => "search_term",
            Ends::Major => "search_whole_term",
        }
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(call_name(self.name(), args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(bool_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let pattern = Pattern::decode(literals::text(&args.args, 1)?).matcher();
        let sought = Sought { pattern, ends: self.ends };
        let mut buffer = String::new();
        test_column(&args, |cell| match cell {
            Cell::Text(text) => sought.found(sought.pattern.fold(text, &mut buffer)),
            cell => cell.text().is_some_and(|text| sought.found(sought.pattern.fold(&text, &mut buffer))),
        })
    }
}

/// Tests every value of the first argument.
pub(super) fn test_column(args: &ScalarFunctionArgs, holds: impl FnMut(Cell<'_>) -> bool) -> Result<ColumnarValue> {
    match args.args.first() {
        Some(ColumnarValue::Array(array)) => Ok(ColumnarValue::Array(booleans(array, holds))),
        Some(ColumnarValue::Scalar(scalar)) => {
            let result = booleans(&scalar.to_array()?, holds);
            Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?))
        }
        None => Ok(ColumnarValue::Scalar(ScalarValue::Boolean(Some(false)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str, ends: Ends) -> bool {
        let pattern = Pattern::with_stars(pattern).matcher();
        let search = Sought { pattern, ends };
        let mut buffer = String::new();
        search.found(search.pattern.fold(text, &mut buffer))
    }

    #[test]
    fn keywords_are_whole_terms() {
        let any = |p: &str, t: &str| found(p, t, Ends::Any);
        assert!(any("failed", r#"{"msg":"Login FAILED for alice"}"#));
        assert!(any("failed", "login=failed;"));
        assert!(!any("failed", "failure imminent"));
        assert!(!any("failed", "xfailed failedx"));
        assert!(any("failed", "xfailed failed"));
        assert!(any("fail*", "a failure"));
        assert!(!any("fail*", "xfailure"));
        assert!(any("*lure", "a failure"));
        assert!(any("f*re", "a failure"));
        assert!(!any("f*re", "fail re"));
        assert!(!any("f*re", "failures fix"));
        assert!(any("*ail*", "xfailure"));
        assert!(any("10.0.0.1", "src=10.0.0.1,"));
        assert!(!any("10.0.0.1", "src=10.0.0.12"));
        assert!(any("login failed", "The login failed."));
        assert!(!any("login failed", "login  failed"));
        assert!(any("login f*", "relogin login from"));
        assert!(any("/etc/passwd", "x/etc/passwd"));
        assert!(any("token", "a%20token%2Cb"));
        assert!(any("a a*b", "a a ab"));
        assert!(any("*", ""));
        assert!(any("été", "un ÉTÉ"));
    }

    #[test]
    fn whole_terms_end_at_major_breakers_only() {
        let whole = |p: &str, t: &str| found(p, t, Ends::Major);
        assert!(whole("10.0.0.1", "from 10.0.0.1 to"));
        assert!(!whole("10.0.0.1", "src=10.0.0.1 to"));
        assert!(whole("src=10*", "x src=10.0.0.1 to"));
        assert!(whole("a", "b%20a%20c"));
        assert!(!whole("a", "b_a"));
    }

    #[test]
    fn a_long_stretch_is_searched_in_one_go() {
        let text = "a-".repeat(200_000);
        assert!(!found("a*b", &text, Ends::Any));
        assert!(!found("*a*b", &text, Ends::Any));
    }
}
