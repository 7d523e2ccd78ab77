//! Text with `*` wildcards, as a search compares values with it.

use std::fmt;

use crate::matcher::Matcher;

/// Literal text and wildcards in order. Two literals are never neighbours, nor two wildcards; empty literals are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern {
    pieces: Vec<PatternPiece>,
    keeps_case: bool,
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatternPiece {
    /// Text to be found as it is (escapes undone).
    Literal(String),
    /// `*`: any text, also none.
    Star,
}

impl Pattern {
    /// A pattern of one literal: what equals it matches.
    pub fn literal(text: impl Into<String>) -> Self {
        [PatternPiece::Literal(text.into())].into_iter().collect()
    }

    /// A text in which every `*` is a wildcard.
    pub fn with_stars(text: &str) -> Self {
        let literal = |part: &str| PatternPiece::Literal(part.to_owned());
        text.split('*')
            .enumerate()
            .flat_map(|(at, part)| (at > 0).then_some(PatternPiece::Star).into_iter().chain([literal(part)]))
            .collect()
    }

    /// `*text*`: what contains the text matches.
    pub fn containing(text: impl Into<String>) -> Self {
        [PatternPiece::Star, PatternPiece::Literal(text.into()), PatternPiece::Star].into_iter().collect()
    }

    /// The same pattern, for which upper and lower case differ (`CASE(…)`) or not.
    #[must_use]
    pub fn keeping_case(self, keeps_case: bool) -> Self {
        Self { keeps_case, ..self }
    }

    /// Whether upper and lower case differ.
    pub fn keeps_case(&self) -> bool {
        self.keeps_case
    }

    /// The pieces.
    pub fn pieces(&self) -> &[PatternPiece] {
        &self.pieces
    }

    /// The text, if the pattern has no wildcard.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [PatternPiece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it matches every text, also the empty one: `*`.
    pub fn is_star(&self) -> bool {
        self.pieces == [PatternPiece::Star]
    }

    /// The literal pieces. Whatever matches contains them in this order.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            PatternPiece::Literal(text) => Some(text.as_str()),
            PatternPiece::Star => None,
        })
    }

    /// The pattern as one text, from which [`Pattern::decode`] makes it again: `*` is a wildcard, `\*` and `\\` are the
    /// characters, and `\c` in front says that case matters.
    pub fn encode(&self) -> String {
        let mut text = String::from(if self.keeps_case { r"\c" } else { "" });
        for piece in &self.pieces {
            match piece {
                PatternPiece::Star => text.push('*'),
                PatternPiece::Literal(literal) => {
                    for letter in literal.chars() {
                        if matches!(letter, '*' | '\\') {
                            text.push('\\');
                        }
                        text.push(letter);
                    }
                }
            }
        }
        text
    }

    /// The pattern of a text that [`Pattern::encode`] gave. Any other text is read as well as it can be.
    pub fn decode(text: &str) -> Self {
        let (keeps_case, text) = text.strip_prefix(r"\c").map_or((false, text), |rest| (true, rest));
        let (mut pieces, mut literal, mut letters) = (Vec::new(), String::new(), text.chars());
        while let Some(letter) = letters.next() {
            match letter {
                '*' => pieces.extend([PatternPiece::Literal(std::mem::take(&mut literal)), PatternPiece::Star]),
                '\\' => literal.extend(letters.next()),
                letter => literal.push(letter),
            }
        }
        pieces.push(PatternPiece::Literal(literal));
        pieces.into_iter().collect::<Self>().keeping_case(keeps_case)
    }

    /// Whether it covers the whole of a text. For many texts, [`Pattern::matcher`] once.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher().matches(text)
    }

    /// The pattern prepared for many texts.
    pub fn matcher(&self) -> Matcher {
        Matcher::new(self)
    }
}

impl FromIterator<PatternPiece> for Pattern {
    fn from_iter<T: IntoIterator<Item = PatternPiece>>(given: T) -> Self {
        let mut pieces: Vec<PatternPiece> = Vec::new();
        for piece in given {
            match (pieces.last_mut(), piece) {
                (_, PatternPiece::Literal(text)) if text.is_empty() => {}
                (Some(PatternPiece::Star), PatternPiece::Star) => {}
                (Some(PatternPiece::Literal(before)), PatternPiece::Literal(text)) => before.push_str(&text),
                (_, piece) => pieces.push(piece),
            }
        }
        Self { pieces, keeps_case: false }
    }
}

impl fmt::Display for Pattern {
    /// The text with `*`, nothing escaped: for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            PatternPiece::Literal(text) => f.write_str(text),
            PatternPiece::Star => f.write_str("*"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pattern_comes_back_from_its_text(
            pieces in prop::collection::vec(prop_oneof![Just(None), r"[ac*\\é]{0,3}".prop_map(Some)], 0..6),
            keeps_case: bool,
        ) {
            let piece = |piece: Option<String>| piece.map_or(PatternPiece::Star, PatternPiece::Literal);
            let pattern = pieces.into_iter().map(piece).collect::<Pattern>().keeping_case(keeps_case);
            prop_assert_eq!(Pattern::decode(&pattern.encode()), pattern);
        }
    }

    #[test]
    fn the_text_of_a_pattern_reads_like_it() {
        assert_eq!(Pattern::with_stars("adm*").encode(), "adm*");
        assert_eq!(Pattern::literal(r"c:\a*b").keeping_case(true).encode(), r"\cc:\\a\*b");
    }

    #[test]
    fn neighbours_are_joined_and_nothing_is_left_out() {
        let literal = |text: &str| PatternPiece::Literal(text.to_owned());
        assert_eq!(Pattern::with_stars("a**b").pieces(), [literal("a"), PatternPiece::Star, literal("b")]);
        assert_eq!(Pattern::with_stars("*").pieces(), [PatternPiece::Star]);
        assert_eq!(Pattern::with_stars(""), Pattern::literal(""));
        let joined: Pattern = [literal("a"), literal(""), literal("b")].into_iter().collect();
        assert_eq!(joined, Pattern::literal("ab"));
        assert_eq!(Pattern::with_stars("a*b*").to_string(), "a*b*");
        assert_eq!(Pattern::literal("a*").as_literal(), Some("a*"));
        assert_eq!(Pattern::with_stars("a*").as_literal(), None);
    }
}
