//! The nearest name to a mistyped one. It only measures; what is offered and how it is said is the caller's.

/// The candidate that is so near to `name` that it was probably meant, ignoring case.
///
/// A candidate counts when at most a third of the letters (at least one) were dropped, added, changed or
/// swapped. Of equally near ones the first in alphabetical order is taken, so that the answer is stable.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    if length == 0 || length > 100 {
        return None;
    }
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|c| c.chars().count().abs_diff(length) <= limit)
        .map(|c| (strsim::damerau_levenshtein(&wanted, &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= limit && *distance < c.chars().count())
        .min()
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far() {
        let names = ["stats", "eventstats", "sort", "where", "table", "top"];
        for (typed, meant) in [
            ("stast", Some("stats")),
            ("STATS", Some("stats")),
            ("tabel", Some("table")),
            ("whre", Some("where")),
            ("xyzzy", None),
            ("", None),
            ("q", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
    }
}
