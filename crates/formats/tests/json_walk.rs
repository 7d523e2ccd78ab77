//! The JSON walker against serde_json: the same texts are valid, and the same fields come out.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use dogwatch_formats::json::walk;
use dogwatch_formats::{RowMeta, RowVisitor};
use json_recorder::Recorder;
use proptest::prelude::*;
use serde_json::Value;

fn fields(text: &[u8], wanted: &[&str]) -> Vec<(String, String)> {
    let mut recorder = Recorder::wanting(wanted);
    recorder.start(&RowMeta { raw: text, offset: 0, time: None, host: None, event_id: "" });
    walk(text, &mut recorder).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(text));
    });
    recorder.rows.remove(0).fields
}

/// Splunk's names, written as plainly as can be.
fn flatten(name: &str, root: bool, value: &Value, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) if !root => fields.push((name.into(), value.to_string())),
        Value::String(text) if !root => fields.push((name.into(), text.clone())),
        Value::Array(elements) => {
            for element in elements {
                flatten(&format!("{name}{{}}"), false, element, fields);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let name = if root { key.clone() } else { format!("{name}.{key}") };
                flatten(&name, false, member, fields);
            }
        }
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![".{0,8}", "[a-z/.\"\\\\{}\\[\\]:, \u{0}-\u{1f}]{0,20}"];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Bytes that are often JSON, or nearly.
fn near_json() -> impl Strategy<Value = Vec<u8>> {
    let broken =
        (any_value(), any::<prop::sample::Index>(), ".|[{}\\[\\],:\"0-9e.+-]").prop_map(|(value, place, with)| {
            let mut text = value.to_string();
            let mut at = place.index(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
            text.replace_range(at..end, &with);
            text.into_bytes()
        });
    prop_oneof![
        3 => broken,
        1 => any_value().prop_map(|value| format!("{value:#}").into_bytes()),
        1 => "[{}\\[\\],:\"0-9e.+ truefalsn\\\\-]{0,30}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn same_fields_as_serde_json(value in any_value(), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let mut expected = Vec::new();
        flatten("", true, &value, &mut expected);
        prop_assert_eq!(fields(text.as_bytes(), &[]), expected.clone());
        // Declining changes nothing about what is wanted.
        if let Some((name, _)) = expected.last().cloned() {
            let only = fields(text.as_bytes(), &[&name]);
            expected.retain(|(field, _)| *field == name);
            prop_assert_eq!(only, expected);
        }
    }

    #[test]
    fn same_texts_are_valid(text in near_json()) {
        let text = String::from_utf8_lossy(&text);
        let oracle = serde_json::from_str::<serde::de::IgnoredAny>(&text);
        let ours = walk(text.as_bytes(), &mut Recorder::wanting(&["no such field"]));
        prop_assert_eq!(ours.is_ok(), oracle.is_ok(), "{:?} {:?} {:?}", text, ours, oracle);
    }

    #[test]
    fn no_bytes_do_harm(text in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut recorder = Recorder::default();
        recorder.start(&RowMeta { raw: b"", offset: 0, time: None, host: None, event_id: "" });
        let _ = walk(&text, &mut recorder);
    }
}

#[test]
fn any_depth() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let depth = 300_000;
        let text = open.repeat(depth) + "1" + &close.repeat(depth);
        fields(text.as_bytes(), &[]);
        let error = walk(open.repeat(depth).as_bytes(), &mut Recorder::default()).unwrap_err();
        assert!(error.cut, "{error}");
    }
    let depth = 2000;
    let text = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    let name = ["a"].repeat(depth).join(".");
    assert_eq!(fields(text.as_bytes(), &[&name]), [(name, "1".to_owned())]);
}

#[test]
fn invalid_utf8_is_replaced() {
    let found = fields(b"{\"a\xff\":\"b\xc3\",\"c\":\"\\ud800\"}", &[]);
    let expected = [("a\u{fffd}", "b\u{fffd}"), ("c", "\u{fffd}")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn duplicate_keys_keep_both_values() {
    let found = fields(br#"{"a":1,"a":"2","b":[1,2],"b":[3]}"#, &["a", "b{}"]);
    let values: Vec<_> = found.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["1", "2", "1", "2", "3"]);
}

#[test]
fn faults_name_the_place() {
    let error = walk(b"{\"a\": 01}", &mut Recorder::default()).unwrap_err();
    assert_eq!(error.to_string(), "`,` or `}` at byte 7");
}
