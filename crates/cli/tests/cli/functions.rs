//! `dogwatch functions`.

use std::path::Path;

use crate::tool::{rows, run};

#[test]
fn all_functions_are_listed_by_family() {
    let ran = run(Path::new("."), &["functions"]).expect(0, &[]);
    for part in ["eval: text", "stats\n", "  upper ", "  count "] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn one_function_is_explained_with_usage_and_examples() {
    let ran = run(Path::new("."), &["functions", "upper"]).expect(0, &[]);
    for part in ["upper (eval function)", "upper(<str>)", "→ \"DOCKER\"", "Follows Splunk's Search Reference"] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn a_name_with_a_number_in_it_is_found() {
    assert!(run(Path::new("."), &["functions", "perc95"]).expect(0, &[]).stdout.contains("stats function"));
}

#[test]
fn a_name_that_two_functions_share_shows_both() {
    let ran = run(Path::new("."), &["functions", "max"]).expect(0, &[]);
    assert!(
        ran.stdout.contains("max (eval function)") && ran.stdout.contains("max (stats function)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_unknown_function_is_answered_with_the_nearest() {
    run(Path::new("."), &["functions", "uper"]).expect(2, &["no function `uper`", "did you mean `upper`?"]);
}

#[test]
fn the_reference_is_there_for_programs_too() {
    let ran = run(Path::new("."), &["functions", "upper", "--format", "json"]).expect(0, &[]);
    assert_eq!(rows(&ran)[0]["examples"][0]["result"], "DOCKER");
}
