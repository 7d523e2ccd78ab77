//! `dogwatch commands`.

use std::path::Path;

use crate::tool::{rows, run};

#[test]
fn all_commands_are_listed_with_what_they_do() {
    let ran = run(Path::new("."), &["commands"]).expect(0, &[]);
    for name in ["stats", "fields", "where", "head"] {
        let line = ran.stdout.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(line.is_some_and(|line| line.trim_end().ends_with('.')), "{name}: {line:?}");
    }
}

#[test]
fn one_command_is_explained_with_usage_and_examples() {
    let ran = run(Path::new("."), &["commands", "DEDUP"]).expect(0, &[]);
    for part in ["dedup (command)", "<fields>…", "sortby", "keepevents=<bool>", "Examples:", "Follows Splunk's"] {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
}

#[test]
fn an_alias_finds_its_command() {
    assert!(run(Path::new("."), &["commands", "bucket"]).expect(0, &[]).stdout.starts_with("bin "));
}

#[test]
fn an_unknown_command_is_answered_with_the_nearest() {
    let ran = run(Path::new("."), &["commands", "stast"]).expect(2, &["no command `stast`", "did you mean `stats`?"]);
    assert!(ran.stdout.is_empty());
}

#[test]
fn the_reference_is_there_for_programs_too() {
    let ran = run(Path::new("."), &["commands", "--format", "json"]).expect(0, &[]);
    let pages = rows(&ran);
    let head = pages.iter().find(|page| page["name"] == "head").expect("head is a command");
    assert!(head["usage"].as_str().is_some_and(|usage| usage.starts_with("head ")), "{head:#}");
    assert!(head["examples"][0]["result"].is_array(), "{head:#}");
}
