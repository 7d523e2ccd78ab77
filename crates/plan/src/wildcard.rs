//! Field names with `*` in `fields`, `table`, `rename` and the like.

use crate::relation::Relation;

/// Whether a name matches a pattern in which each `*` stands for any text. Case-sensitive, as all field names.
pub fn matches(pattern: &str, name: &str) -> bool {
    captures(pattern, name).is_some()
}

/// The text that each `*` of the pattern matches in the name, if it matches.
pub fn captures<'a>(pattern: &str, name: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = pattern.split('*');
    let first = pieces.next()?;
    let mut rest = name.strip_prefix(first)?;
    let pieces: Vec<&str> = pieces.collect();
    let mut found = Vec::with_capacity(pieces.len());
    for (i, piece) in pieces.iter().enumerate() {
        let last = i + 1 == pieces.len();
        let at = if last {
            rest.len().checked_sub(piece.len()).filter(|_| rest.ends_with(piece))?
        } else {
            rest.find(piece)?
        };
        found.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty().then_some(found)
}

/// A pattern with its `*` replaced by the captures, in order. Stars without a capture become empty.
pub fn fill(pattern: &str, captures: &[&str]) -> String {
    let mut fillings = captures.iter();
    let mut out = String::new();
    for (i, piece) in pattern.split('*').enumerate() {
        if i > 0 {
            out.push_str(fillings.next().copied().unwrap_or_default());
        }
        out.push_str(piece);
    }
    out
}

/// Expands a list with wildcards to fields. A plain name is kept, even if there is no such field.
pub fn expand(names: &[String], rows: &Relation) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let found = if name.contains('*') {
            rows.fields().into_iter().filter(|f| matches(name, f)).collect()
        } else {
            vec![name.clone()]
        };
        for field in found {
            if !out.contains(&field) {
                out.push(field);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_capture_what_they_stand_for() {
        assert_eq!(captures("EU*", "EU_UK"), Some(vec!["_UK"]));
        assert_eq!(captures("*_a_*", "x_a_y"), Some(vec!["x", "y"]));
        assert_eq!(captures("a*a", "a"), None);
        assert_eq!(captures("abc", "abc"), Some(vec![]));
        assert_eq!(captures("abc", "abcd"), None);
        assert_eq!(captures("*", "any"), Some(vec!["any"]));
    }

    #[test]
    fn a_pattern_is_filled_in_order() {
        assert_eq!(fill("EMEA*", &["_UK"]), "EMEA_UK");
        assert_eq!(fill("*-*", &["a", "b"]), "a-b");
    }
}
