//! `dogwatch explain`.

use crate::tool::{logs, run};

#[test]
fn a_bad_search_is_told_as_by_search() {
    let logs = logs();
    let ran = run(logs.path(), &["explain", "a=1 | tabel a"]).expect(2, &["error[S004]", "`table`", "search:1:7"]);
    assert!(ran.stdout.is_empty());
}

#[test]
fn needs_no_logs() {
    let logs = logs();
    let ran = run(logs.path(), &["explain", "sourcetype=\"kube:audit\" verb=list resource=secrets | table user"])
        .expect(0, &[]);
    for part in ["user", "secrets"] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn shows_the_form_that_splunk_accepts() {
    let logs = logs();
    let search = "(sourcetype=a x=1 | table x) OR (sourcetype=b y=1 | table y)";
    let ran = run(logs.path(), &["explain", search]).expect(0, &["S013"]);
    assert!(ran.stdout.contains("| union\n    [search sourcetype=a"), "{}", ran.stdout);
}

#[test]
fn the_most_common_values_are_found_without_sorting_all() {
    let logs = logs();
    for (search, sorts_all) in [
        ("* | top limit=1 user", false),
        ("* | rare user", false),
        ("* | top limit=0 user", true),
        ("* | top limit=1 user BY verb", true),
        ("* | top useother=true user", true),
    ] {
        let ran = run(logs.path(), &["explain", search]).expect(0, &[]);
        assert_eq!(ran.stdout.contains("fetch="), !sorts_all, "{search}\n{}", ran.stdout);
    }
}
