//! `dogwatch tune`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::tool::{dogwatch, root};

const GOOD: &str = "corpus/kube_audit/b1_benign_cluster.jsonl";

fn told(command: &mut Command) -> (String, String) {
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (text(output.stdout), text(output.stderr))
}

fn at(configuration: &Path, arguments: &[&str]) -> Command {
    let mut command = dogwatch(&root());
    command.env("XDG_CONFIG_HOME", configuration).args(arguments);
    command
}

#[test]
fn after_tuning_on_good_logs_they_have_no_finding_and_all_tests_still_pass() {
    let configuration = tempfile::tempdir().expect("a temporary directory");
    let lookups = configuration.path().join("dogwatch/lookups");
    let (proposed, closing) = told(&mut at(configuration.path(), &["tune", GOOD]));
    assert!(proposed.contains("container_api_allowlist.csv") && proposed.contains("covers 1 finding of"), "{proposed}");
    assert!(closing.contains("nothing is written") && !lookups.exists(), "{closing}");
    told(&mut at(configuration.path(), &["tune", "--owner", "us", "--write", GOOD]));
    let (found, closing) = told(&mut at(configuration.path(), &["detect", "--show-suppressed", GOOD]));
    assert!(found.lines().count() > 2, "{found}");
    assert!(found.lines().skip(2).all(|line| line.contains("suppressed") || line.is_empty()), "{found}");
    assert!(closing.contains("0 findings") && closing.contains("tuned by"), "{closing}");
    let lookups = lookups.to_str().expect("a plain path").to_owned();
    told(&mut at(configuration.path(), &["test", "content", "--quiet", "--lookups", &lookups]));
}

#[test]
fn a_row_that_would_break_a_test_is_refused() {
    let configuration = tempfile::tempdir().expect("a temporary directory");
    let attack = "corpus/kube_audit/a4_anonymous.jsonl";
    let (proposed, closing) = told(&mut at(configuration.path(), &["tune", "--write", attack]));
    assert!(proposed.contains("REFUSED: breaks the test"), "{proposed}");
    let refused = closing.lines().find(|line| line.contains("rows refused")).unwrap_or_default();
    assert!(!refused.contains(" 0 rows refused"), "{closing}");
    let written = fs::read_to_string(configuration.path().join("dogwatch/lookups/container_api_allowlist.csv"));
    assert!(!written.unwrap_or_default().contains("Anonymous Request Allowed"), "a refused row is not written");
}
