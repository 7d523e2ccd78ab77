//! Okta's System Log: recognition, rows, envelopes, and that cuts change nothing.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::path::Path;

use dogwatch_formats::FORMATS;
use dogwatch_predicate::{Condition, Pattern};
use json_recorder::{corpus_file, format, golden, has_every_action, is_the_same_in_pieces, let_through, read};
use proptest::prelude::*;

const NAME: &str = "okta";

fn corpus(name: &str) -> Vec<u8> {
    corpus_file(NAME, name)
}

#[test]
fn envelopes_give_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/okta");
    assert!(golden(NAME, &folder) >= 1);
}

#[test]
fn its_logs_are_recognised_and_others_are_not() {
    let best = |head: &[u8]| FORMATS.iter().max_by_key(|format| format.sniff(head)).unwrap().name();
    for name in ["a1_taken_account.jsonl", "b1_page.json", "b2_pretty.json"] {
        assert_eq!(best(&corpus(name)), NAME, "{name}");
    }
    assert_eq!(best(&corpus("b1_page.json")[..1800]), NAME, "one value that does not end in the head");
    assert_eq!(format(NAME).sniff(br#"{"uuid":"a","published":"2026-11-23T10:00:00Z","title":"a post"}"#), 0);
}

#[test]
fn events_have_the_fields_of_the_add_on() {
    let found = read(NAME, &corpus("a1_taken_account.jsonl"));
    assert_eq!((found.rows.len(), found.malformed.len()), (7, 0));
    let refused = &found.rows[0];
    for (field, value) in [
        ("user", "bob@example.com"),
        ("src_ip", "203.0.113.66"),
        ("signature", "user.session.start"),
        ("action", "failure"),
        ("result", "FAILURE"),
        ("reason", "INVALID_CREDENTIALS"),
        ("authentication_method", "PASSWORD"),
        ("uuid", refused.event_id.as_str()),
    ] {
        assert_eq!(refused.all(field), [value], "{field}");
    }
    assert_eq!(refused.time, Some(1_795_450_200_120_000));
    assert_eq!(found.rows[4].all("target{}.type"), ["AppInstance", "User"]);
    let page = read(NAME, &corpus("b1_page.json"));
    assert_eq!(
        page.rows.iter().map(|row| row.all("action")[0]).collect::<Vec<_>>(),
        ["success", "success", "success", "failure"]
    );
    let pretty = read(NAME, &corpus("b2_pretty.json"));
    assert_eq!(pretty.rows[0].fields, page.rows[2].fields);
}

#[test]
fn an_outcome_that_is_neither_is_unknown() {
    let log = String::from_utf8(corpus("a1_taken_account.jsonl")).unwrap();
    let first = log.lines().next().unwrap();
    for outcome in [r#""outcome":{"result":"UNKNOWN"}"#, r#""outcome":null"#] {
        let (before, rest) = first.split_once(r#""outcome":{"#).unwrap();
        let event = format!("{before}{outcome}{}", rest.split_once('}').unwrap().1);
        assert_eq!(read(NAME, event.as_bytes()).rows[0].all("action"), ["unknown"], "{outcome}");
    }
}

#[test]
fn every_action_of_the_truth_has_its_event() {
    let truth = String::from_utf8(corpus("a1_taken_account.truth.tsv")).unwrap();
    has_every_action(NAME, &corpus("a1_taken_account.jsonl"), &truth);
}

#[test]
fn early_fields_rule_events_out() {
    let file = corpus("a1_taken_account.jsonl");
    let condition = Condition::field("eventType", Pattern::literal("system.api_token.create"));
    assert_eq!(let_through(NAME, &file, &condition), 1);
}

proptest! {
    #[test]
    fn cuts_change_nothing(cuts in prop::collection::vec(any::<usize>(), 0..6)) {
        for name in ["a1_taken_account.jsonl", "b1_page.json", "b2_pretty.json"] {
            prop_assert!(is_the_same_in_pieces(NAME, &corpus(name), &cuts), "{}", name);
        }
    }
}
