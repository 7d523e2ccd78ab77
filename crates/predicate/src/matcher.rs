//! Whether a value matches: the one place where this rule is written.
//!
//! A pattern covers the whole of a value. Upper and lower case are alike, unless the pattern keeps them apart: both sides
//! are folded character by character with Unicode's simple and special lower case, without regard to neighbours (so a
//! final sigma is no exception). Each literal between two wildcards is taken where it comes first, which is enough,
//! because a wildcard takes in whatever follows. Values are texts; `1` does not match `1.0`. Source: Search Reference,
//! search command; Search Manual, Use CASE() and TERM() to match phrases.

use crate::find::{ends_with, find, starts_with};
use crate::pattern::{Pattern, PatternPiece};

/// A pattern prepared for many texts. Two of equal patterns are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Matcher {
    /// Literals, folded unless case matters, and wildcards (`None`) in turn.
    pieces: Vec<Option<String>>,
    keeps_case: bool,
}

impl Matcher {
    /// For this pattern.
    pub fn new(pattern: &Pattern) -> Self {
        let keeps_case = pattern.keeps_case();
        let piece = |piece: &PatternPiece| match piece {
            PatternPiece::Star => None,
            PatternPiece::Literal(text) if keeps_case => Some(text.clone()),
            PatternPiece::Literal(text) => Some(folded(text)),
        };
        Self { pieces: pattern.pieces().iter().map(piece).collect(), keeps_case }
    }

    /// The literals, in the form that [`Matcher::fold`] brings a text into, and the wildcards (`None`).
    pub fn pieces(&self) -> &[Option<String>] {
        &self.pieces
    }

    /// Whether the pattern covers the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        if self.keeps_case {
            return self.covers(text.as_bytes(), false);
        }
        if text.is_ascii() {
            return self.covers(text.as_bytes(), true);
        }
        self.covers(folded(text).as_bytes(), false)
    }

    /// A text in the form of the literals, made in `buffer` where it must change: for those who look for the literals by
    /// rules of their own.
    pub fn fold<'a>(&self, text: &'a str, buffer: &'a mut String) -> &'a str {
        if self.keeps_case {
            return text;
        }
        buffer.clear();
        if text.is_ascii() {
            buffer.push_str(text);
            buffer.make_ascii_lowercase();
        } else {
            buffer.extend(text.chars().flat_map(char::to_lowercase));
        }
        buffer
    }

    /// With `any_case` the text is ASCII, and its letters count as lower case.
    fn covers(&self, text: &[u8], any_case: bool) -> bool {
        let mut rest = text;
        let mut after_star = false;
        for (at, piece) in self.pieces.iter().enumerate() {
            let Some(literal) = piece.as_deref().map(str::as_bytes) else {
                after_star = true;
                continue;
            };
            let last = at + 1 == self.pieces.len();
            let start = match (after_star, last) {
                (true, true) => return ends_with(rest, literal, any_case),
                (true, false) => find(rest, literal, any_case),
                (false, _) => starts_with(rest, literal, any_case).then_some(0),
            };
            let Some(start) = start else { return false };
            rest = &rest[start + literal.len()..];
            after_star = false;
        }
        after_star || rest.is_empty()
    }
}

fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, text: &str) -> bool {
        Pattern::with_stars(pattern).matches(text)
    }

    #[test]
    fn stars_cover_any_text() {
        assert!(covers("adm*", "ADMIN"));
        assert!(covers("*or", "administrator"));
        assert!(!covers("*or", "orx"));
        assert!(covers("a*b*c", "aXbYbZc"));
        assert!(!covers("a*bc*c", "abc"));
        assert!(covers("*", ""));
        assert!(covers("", ""));
        assert!(!covers("", "x"));
        assert!(!covers("admin", "administrator"));
        assert!(!covers("a*a", "a"));
        assert!(!covers("1", "1.0"));
    }

    #[test]
    fn case_is_folded_outside_ascii_too_and_alike_on_both_sides() {
        assert!(covers("ÉTÉ", "été"));
        assert!(covers("ΟΔΟΣ*", "ΟΔΟΣ x") && covers("ΟΔΟΣ", "ΟΔΟΣ"), "a final sigma is no exception");
        assert!(covers("k*", "\u{212a}elvin") && covers("\u{212a}elvin", "KELVIN"));
        assert!(!covers("s", "\u{17f}"), "the long s is lower case already");
        assert!(!covers("é", "e"));
    }

    #[test]
    fn case_matters_where_the_pattern_says_so() {
        let admin = Pattern::literal("admin").keeping_case(true);
        assert!(admin.matches("admin") && !admin.matches("Admin"));
    }
}
