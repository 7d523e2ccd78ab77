//! `dogwatch check`.

use std::fs;

use serde_json::Value;

use crate::tool::{detection, root, run};

#[test]
fn the_bundled_content_is_sound_and_every_detection_is_tested_both_ways() {
    run(&root(), &["check", "content"]).expect(0, &[" 0 errors, 0 warnings"]);
    let listed = run(&root(), &["check", "content", "--list", "--format", "json"]).expect(0, &[]).stdout;
    let listed: Vec<Value> = serde_json::from_str(&listed).expect("an array");
    assert!(listed.len() > 60);
    for detection in &listed {
        let path = root().join(detection["file"].as_str().expect("a path"));
        let text = fs::read_to_string(&path).expect("a detection");
        let tests = text.split("\ntests:").nth(1).unwrap_or_default();
        assert!(tests.contains("True Negative"), "{path:?} has no log on which it must be silent");
        assert!(tests.matches("attack_data:").count() > tests.matches("True Negative").count(), "{path:?} never fires");
        let page = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        assert!(root().join(format!("docs/detections/{page}.md")).is_file(), "{page} has no page for responders");
    }
}

#[test]
fn faults_are_placed_in_the_file() {
    let content = detection("Secrets Listed", "`no_such_macro` verb=list\n| lookup nothing user\n| eval x=lowr(user)");
    let ran = run(content.path(), &["check", "."]).expect(1, &["errors"]);
    for part in ["no_such_macro", "secrets_listed.yml:7:", "S010", "^^^"] {
        assert!(ran.stdout.contains(part), "no {part} in\n{}", ran.stdout);
    }
    let content = detection("Secrets Listed", "verb=list\n| lookup nothing user\n| eval x=lowr(user)");
    let ran = run(content.path(), &["check", "."]).expect(1, &["errors"]);
    for part in ["S012", "S005", "did you mean `lower`"] {
        assert!(ran.stdout.contains(part), "no {part} in\n{}", ran.stdout);
    }
}

#[test]
fn a_search_that_splunk_refuses_is_an_error() {
    let content = detection("Branches", "(verb=list | table user) OR (verb=get | table user)");
    let ran = run(content.path(), &["check", "."]).expect(1, &[]);
    assert!(ran.stdout.contains("error[S013]: Splunk refuses a pipeline"), "{}", ran.stdout);
}
