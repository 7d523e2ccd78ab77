//! AWS CloudTrail: recognition, rows, envelopes, and that cuts change nothing.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::path::{Path, PathBuf};

use dogwatch_formats::FORMATS;
use dogwatch_predicate::{Condition, Pattern};
use json_recorder::{
    Recorder, corpus_file, format, golden, has_every_action, is_the_same_in_pieces, let_through, read, read_into,
};
use proptest::prelude::*;

const NAME: &str = "cloudtrail";

fn corpus(name: &str) -> Vec<u8> {
    corpus_file(NAME, name)
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/cloudtrail")
}

#[test]
fn envelopes_give_what_is_expected() {
    assert!(golden(NAME, &samples()) >= 1);
}

#[test]
fn its_logs_are_recognised_and_others_are_not() {
    let best = |head: &[u8]| FORMATS.iter().max_by_key(|format| format.sniff(head)).unwrap().name();
    for name in ["a1_secrets_and_keys.jsonl", "b1_delivered.json", "b2_pretty.json"] {
        assert_eq!(best(&corpus(name)), NAME, "{name}");
    }
    let delivered = corpus("b1_delivered.json");
    assert_eq!(best(&delivered[..3000]), NAME, "one value that does not end in the head");
    let samples = std::fs::read_to_string(samples().join("envelopes.jsonl")).unwrap();
    let notification = samples.lines().nth(5).unwrap();
    assert!(format(NAME).sniff(notification.as_bytes()) == 0, "S3's own notifications are none");
    assert!(format(NAME).sniff(br#"{"eventTime":"2026-11-23T10:00:00Z","eventName":"x"}"#) == 0);
    // A line that quotes an event is one line of a log of something else.
    let event = String::from_utf8(corpus("a1_secrets_and_keys.jsonl")).unwrap();
    let event = event.lines().next().unwrap();
    let other = "{\"level\":\"info\",\"msg\":\"served\"}\n".repeat(3);
    assert_eq!(best(format!("{other}{event}\n").as_bytes()), "json_lines");
    // Events as text in a batch of CloudWatch, of which the head has only the beginning.
    let text = serde_json::to_string(event).unwrap();
    let batch = format!("{{\"logEvents\":[{{\"id\":\"1\",\"message\":{text}}},{{\"id\":\"2\",\"message\":{text}}}]}}");
    assert_eq!(best(&batch.as_bytes()[..batch.len() - 100]), NAME);
}

#[test]
fn events_have_the_fields_of_the_add_on() {
    let found = read(NAME, &corpus("a1_secrets_and_keys.jsonl"));
    assert_eq!((found.rows.len(), found.malformed.len()), (9, 0));
    let refused = &found.rows[3];
    for (field, value) in [
        ("user", "deploy"),
        ("src", "203.0.113.66"),
        ("dest", "secretsmanager.amazonaws.com"),
        ("signature", "GetSecretValue"),
        ("action", "failure"),
        ("errorCode", "AccessDenied"),
        ("user_arn", "arn:aws:iam::123456789012:user/deploy"),
        ("vendor_account", "123456789012"),
        ("userIdentity.accessKeyId", "AKIAEXAMPLE0DEPLOY01"),
    ] {
        assert_eq!(refused.all(field), [value], "{field}");
    }
    assert_eq!(refused.all("eventID"), [refused.event_id.as_str()]);
    assert_eq!(refused.time, Some(1_795_449_617_000_000));
    let role = &found.rows[6];
    assert_eq!(
        (role.all("user"), role.all("action"), role.all("errorCode")),
        (vec!["admin"], vec!["success"], vec!["success"])
    );
    let delivered = read(NAME, &corpus("b1_delivered.json"));
    let users: Vec<_> = delivered.rows.iter().map(|row| row.all("user")[0].to_owned()).collect();
    assert_eq!(users, ["ec2.amazonaws.com", "web", "alice", "alice", "Root"]);
    let pretty = read(NAME, &corpus("b2_pretty.json"));
    assert_eq!(pretty.rows[0].fields, delivered.rows[2].fields);
}

#[test]
fn a_refused_sign_in_is_a_failure_without_an_error_code() {
    let pretty = String::from_utf8(corpus("b2_pretty.json")).unwrap();
    let signed_in = |rows: &json_recorder::Recorder| {
        let row = rows.rows.iter().find(|row| row.all("eventName") == ["ConsoleLogin"]).unwrap();
        row.all("action")[0].to_owned()
    };
    assert_eq!(signed_in(&read(NAME, pretty.as_bytes())), "success");
    let refused = pretty.replace("\"ConsoleLogin\": \"Success\"", "\"ConsoleLogin\": \"Failure\"");
    assert_eq!(signed_in(&read(NAME, refused.as_bytes())), "failure");
}

#[test]
fn every_action_of_the_truth_has_its_event() {
    let truth = String::from_utf8(corpus("a1_secrets_and_keys.truth.tsv")).unwrap();
    has_every_action(NAME, &corpus("a1_secrets_and_keys.jsonl"), &truth);
}

#[test]
fn derived_values_are_not_looked_for_in_the_text() {
    let file = corpus("a1_secrets_and_keys.jsonl");
    for (field, value, rows) in [("action", "failure", 1), ("errorCode", "success", 8)] {
        let condition = Condition::field(field, Pattern::literal(value));
        for filter in [format(NAME).prefilter(&condition), format(NAME).compile_rules(std::slice::from_ref(&condition))]
        {
            let mut found = Recorder::default();
            read_into(NAME, &file, &[], Some(&filter), &mut found);
            assert_eq!(found.rows.iter().filter(|row| row.satisfies(&condition)).count(), rows, "{field}");
        }
    }
}

#[test]
fn early_fields_rule_events_out() {
    let file = corpus("a1_secrets_and_keys.jsonl");
    let condition = Condition::field("eventName", Pattern::literal("StopLogging"));
    assert_eq!(let_through(NAME, &file, &condition), 1);
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(any::<usize>(), 0..6)) {
        for name in ["a1_secrets_and_keys.jsonl", "b1_delivered.json", "b2_pretty.json"] {
            prop_assert!(is_the_same_in_pieces(NAME, &corpus(name), &cuts), "{}", name);
        }
    }
}
