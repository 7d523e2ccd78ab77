//! Branches in the form that Splunk accepts.

use super::{parse, tree};
use crate::splunk_form;

#[test]
fn branches_become_a_union() {
    for (text, expected) in [
        (
            "i=1 (a | head 1) OR (b c | table x, y) | sort - _time",
            Some("| union [search i=1 a | head 1] [search i=1 b c | table x, y] | sort -_time"),
        ),
        (
            "i=1 OR j=2 (k OR l) (a | head 1) OR (b | head 2)",
            Some("| union [search (i=1 OR j=2) (k OR l) a | head 1] [search (i=1 OR j=2) (k OR l) b | head 2]"),
        ),
        ("(a | head 1) OR b | head 3", Some("| union [search a | head 1] [search b] | head 3")),
        ("i=1 (a | head 1) | head 3", Some("search i=1 a | head 1 | head 3")),
        ("i=1 (* | head 1) OR (a)", Some("| union [search i=1 | head 1] [search i=1 a]")),
        (
            "i=1 (a | head 1) OR (| makeresults | head 2)",
            Some("| union [search i=1 a | head 1] [| makeresults | head 2]"),
        ),
        (
            "i=1 (a (b | head 1) OR (c | head 2) | head 3) OR (d | head 4)",
            Some(
                "| union [| union [search i=1 a b | head 1] [search i=1 a c | head 2] | head 3] [search i=1 d | head 4]",
            ),
        ),
        ("a b | head 1", None),
        ("| makeresults | head 1", None),
        ("NOT (a | head 1)", None),
        ("(a | head 1) (b | head 2)", None),
        ("* | append [search (a | head 1)]", None),
    ] {
        let found = splunk_form(&tree(text));
        assert_eq!(found.as_deref(), expected, "{text}");
        if let Some(form) = found {
            let parsed = parse(&form);
            assert!(parsed.diagnostics.is_empty(), "{form}: {:?}", parsed.diagnostics);
        }
    }
}
