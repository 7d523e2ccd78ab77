//! The value that a search compares a field or the raw text with: literal pieces and `*` between them.

/// A value in a search expression. Equal patterns make equal functions, so that a plan can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchPattern {
    /// The literal pieces in order; `None` is a `*`.
    pub pieces: Vec<Option<String>>,
    /// Whether upper and lower case differ (`CASE(…)`).
    pub case_sensitive: bool,
}

impl SearchPattern {
    /// A pattern without `*`.
    pub fn literal(text: &str, case_sensitive: bool) -> Self {
        Self { pieces: vec![Some(text.to_owned())], case_sensitive }
    }

    /// The text, if there is no `*`.
    pub fn as_literal(&self) -> Option<String> {
        self.pieces.iter().map(Option::as_deref).collect()
    }

    /// Whether any value matches: it is nothing but `*`.
    pub fn matches_everything(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(Option::is_none)
    }

    /// Whether it covers the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        let compiled = self.compile();
        compiled.covers(compiled.folding.fold(text, &mut String::new()))
    }

    /// In the form that texts folded by [`Folding::fold`] are compared with: neighbours merged, lower case unless case
    /// matters.
    pub(super) fn compile(&self) -> Compiled {
        let mut pieces: Vec<Option<String>> = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            match (pieces.last_mut(), piece) {
                (Some(None), None) => {}
                (Some(Some(before)), Some(text)) => before.push_str(text),
                _ => pieces.push(piece.clone()),
            }
        }
        if !self.case_sensitive {
            for piece in pieces.iter_mut().flatten() {
                *piece = piece.to_lowercase();
            }
        }
        Compiled { pieces, folding: Folding { keep_case: self.case_sensitive } }
    }
}

/// A pattern ready to match.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Compiled {
    /// Literals and `*` in turn, lower case unless case matters.
    pub pieces: Vec<Option<String>>,
    /// How a text is brought into the same form.
    pub folding: Folding,
}

/// How upper and lower case are made alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Folding {
    keep_case: bool,
}

impl Folding {
    /// The text to match, made in `buffer` where it must change.
    pub fn fold<'a>(self, text: &'a str, buffer: &'a mut String) -> &'a str {
        if self.keep_case {
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
}

impl Compiled {
    /// Whether the pattern covers the whole of a folded text. Each literal between two `*` is taken where it comes
    /// first, which is enough, because a `*` takes in whatever follows.
    pub fn covers(&self, text: &str) -> bool {
        let mut rest = text;
        let mut after_star = false;
        for (i, piece) in self.pieces.iter().enumerate() {
            let Some(literal) = piece else {
                after_star = true;
                continue;
            };
            let last = i + 1 == self.pieces.len();
            rest = match (after_star, last) {
                (true, true) => return rest.ends_with(literal.as_str()),
                (true, false) => match rest.find(literal.as_str()) {
                    Some(at) => &rest[at + literal.len()..],
                    None => return false,
                },
                (false, _) => match rest.strip_prefix(literal.as_str()) {
                    Some(rest) => rest,
                    None => return false,
                },
            };
            after_star = false;
        }
        after_star || rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str, case_sensitive: bool) -> Compiled {
        let mut pieces = vec![];
        for (i, piece) in text.split('*').enumerate() {
            if i > 0 {
                pieces.push(None);
            }
            if !piece.is_empty() {
                pieces.push(Some(piece.to_owned()));
            }
        }
        SearchPattern { pieces, case_sensitive }.compile()
    }

    fn covers(p: &str, text: &str) -> bool {
        let compiled = pattern(p, false);
        let mut buffer = String::new();
        compiled.covers(compiled.folding.fold(text, &mut buffer))
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
        assert!(covers("ÉTÉ", "été"));
        assert!(!covers("admin", "administrator"));
        assert!(!covers("a*a", "a"));
        assert!(!pattern("admin", true).covers("Admin"));
    }
}
