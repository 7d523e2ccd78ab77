//! `dogwatch test`.

use std::fs;

use crate::tool::{detection, root, run};

#[test]
fn the_bundled_detections_pass_their_tests() {
    run(&root(), &["test", "content", "--quiet"]).expect(0, &[" 0 failed, 0 without their logs"]);
}

#[test]
fn a_test_fails_with_the_stage_that_loses_the_event_and_missing_logs_never_pass() {
    let content =
        detection("Secrets Listed", "verb=list objectRef.resource=secrets\n| where user=\"nobody\"\n| table user");
    let ran = run(content.path(), &["test", ".", "--junit", "report.xml"])
        .expect(1, &["1 tests passed, 1 failed, 1 without their logs"]);
    for part in
        ["FAIL", "no finding, although there has to be one", "<- lost here", "where user == \"nobody\"", "MISSING"]
    {
        assert!(ran.stdout.contains(part), "no {part} in\n{}", ran.stdout);
    }
    let report = fs::read_to_string(content.path().join("report.xml")).expect("a report");
    assert!(report.contains("<failure") && report.contains("<error"), "{report}");
}

#[test]
fn an_emptied_search_fails_every_test_that_has_to_fire() {
    let whole = detection("Secrets Listed", "verb=list objectRef.resource=secrets | table user");
    run(whole.path(), &["test", "."]).expect(3, &["2 tests passed, 0 failed, 1 without their logs"]);
    let emptied = detection("Secrets Listed", "| makeresults | where false() | table user");
    run(emptied.path(), &["test", "."]).expect(1, &["1 failed"]);
    run(emptied.path(), &["test", "nowhere"]).expect(2, &["no content at nowhere"]);
}
