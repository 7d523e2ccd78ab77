//! Plain JSON: the corpus, times, framing, and that neither splitting nor filtering loses a row.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::path::Path;

use dogwatch_formats::documents::{Splitter, Stretch};
use dogwatch_formats::{Framing, Reason};
use json_recorder::{Recorder, format, golden, read, read_into};
use proptest::prelude::*;

const NAME: &str = "json_lines";

#[test]
fn corpus_gives_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/json_lines");
    assert!(golden(NAME, &folder) >= 3);
}

#[test]
fn times() {
    let second = 1_700_000_000_000_000;
    for (line, time) in [
        (r#"{"_time":1700000000}"#, Some(second)),
        (r#"{"_time":"1700000000.5","time":1}"#, Some(second + 500_000)),
        (r#"{"_time":5}"#, Some(5_000_000)),
        (r#"{"_time":"2023-11-14T22:13:20Z"}"#, Some(second)),
        (r#"{"_time":"soon","ts":1700000000}"#, Some(second)),
        (r#"{"time":5,"timestamp":1700000000000}"#, Some(second)),
        (r#"{"ts":1700000000.25}"#, Some(second + 250_000)),
        (r#"{"@timestamp":"2023-11-14 22:13:20.000"}"#, Some(second)),
        (r#"{"eventTime":"2023-11-14T23:13:20+01:00"}"#, Some(second)),
        (r#"{"time":{"a":1},"a":{"_time":1700000000}}"#, None),
        (r#"{"time":null}"#, None),
    ] {
        let rows = read(NAME, line.as_bytes()).rows;
        assert_eq!(rows[0].time, time, "{line}");
        assert!(rows[0].all("_time").is_empty(), "{line}");
    }
}

#[test]
fn framing_is_seen_in_the_head() {
    let lines = Framing::Lines { context: 0 };
    let long = format!("{{\"items\":[{}", "{\"a\":1},".repeat(10_000));
    for (head, framing) in [
        ("", lines),
        ("{\"a\":1}\n{\"a\":2}\n", lines),
        ("{\"a\":1}", lines),
        ("\u{feff}{\"a\":1}\n", lines),
        (long.as_str(), lines),
        ("[{\"a\":1},{\"a\":2}]\n", lines),
        ("{\"a\":\"cut he\n{\"a\":2}\n", lines),
        ("{\"a\":1,\n{\"a\":2}\n", lines),
        ("cut\"}\n{\"a\":2}\n", lines),
        ("text\n\n{\"a\":2}\n", lines),
        ("{\n  \"a\": 1\n}\n", Framing::Documents),
        ("\n{\n", Framing::Documents),
        ("[\n{\"a\":1},\n{\"a\":2}\n]", Framing::Documents),
        ("[{\"a\":1},\n{\"a\":2}", Framing::Documents),
        ("I1123 17:13:00.000000 1 a.go:1] x\n{ \"a\":\n1 }", Framing::Documents),
        ("{\"a\":1,\n{\n  \"a\": 1\n}\n", Framing::Documents),
    ] {
        assert_eq!(format(NAME).framing(head.as_bytes()), framing, "{head:.40}");
    }
}

#[test]
fn sniffing_tells_json_from_text() {
    let sniff = |head: &str| format(NAME).sniff(head.as_bytes());
    assert!(sniff("{\"a\":1}\n{\"a\":2}\n{\"a\":") >= 50);
    assert!(sniff("{\"a\":1}") >= 50);
    assert!(sniff("{\n \"a\": 1\n}\n{\n \"a") >= 50);
    assert!(sniff(&format!("{{\"a\":\"{}", "x".repeat(60_000))) >= 30);
    assert!(sniff("{\"a\":1}\ntext\n") < 50);
    for head in ["", "text\n", "type=EXECVE msg=audit(1.2:3): argc=1\n", "42\n", "{ not json }\n"] {
        assert_eq!(sniff(head), 0, "{head}");
    }
}

/// Files of good and bad documents, pretty-printed or on a line each.
fn any_file() -> impl Strategy<Value = String> {
    let document = prop_oneof![
        4 => "[a-c]{1,3}".prop_map(|text| format!("{{\"k\":\"{text}\",\"n\":[1,{{\"m\":\"}}{{\"}}]}}\n")),
        4 => "[a-c]{1,3}".prop_map(|text| format!("{{\n  \"k\": \"{text}\\\\\\\"\",\n  \"n\": [\n    {{}}\n  ]\n}}\n")),
        1 => Just("[{\"k\":1},\n{\"k\":2}\n]\n".to_owned()),
        1 => Just("{\n  \"k\": \"cut in a str\n".to_owned()),
        1 => Just("{\n  \"k\": 1,\n".to_owned()),
        1 => Just("plain { text\n".to_owned()),
        1 => Just("{\"k\" 1}\n".to_owned()),
        1 => Just("\n\r\n".to_owned()),
        1 => Just("[1, 2]\n".to_owned()),
        1 => Just("\u{feff}\n".to_owned()),
    ];
    (proptest::collection::vec(document, 0..12), any::<bool>()).prop_map(|(documents, cut)| {
        let mut file = documents.concat();
        if cut {
            file.truncate(file.floor_char_boundary(file.len() * 2 / 3));
        }
        file
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn splitting_anywhere_gives_the_same_rows(
        file in any_file(),
        cuts in proptest::collection::vec(any::<usize>(), 0..8),
    ) {
        let whole = read(NAME, file.as_bytes());
        let mut split = Recorder::default();
        read_into(NAME, file.as_bytes(), &cuts, None, &mut split);
        prop_assert_eq!(split.rows, whole.rows);
        prop_assert_eq!(split.malformed, whole.malformed);
    }

    #[test]
    fn rows_are_where_they_say(file in any_file()) {
        let found = read(NAME, file.as_bytes());
        for row in &found.rows {
            let place = row.offset as usize..row.offset as usize + row.raw.len();
            prop_assert_eq!(&file.as_bytes()[place], &row.raw[..]);
        }
        prop_assert!(found.rows.is_sorted_by(|one, next| one.offset < next.offset));
    }
}

#[test]
fn a_broken_document_takes_no_neighbour_along() {
    let good = "{\n  \"k\": 1\n}\n";
    for bad in
        ["{\n  \"k\": \"cut in a str\n", "{\n  \"k\": 1,\n", "{\n  \"k\": [1\n", "{\n  \"k\" 1\n}\n", "{\n  \"k\": 1\n"]
    {
        let found = read(NAME, format!("{good}{bad}{good}{good}").as_bytes());
        assert_eq!(found.counts(), (3, vec![(Reason::BadJson, 1)]), "{bad}");
    }
    let found = read(NAME, format!("{good}{{\n  \"k\": 1,\n").as_bytes());
    assert_eq!(found.counts(), (1, vec![(Reason::Truncated, 1)]));
}

#[test]
fn a_document_over_the_limit_is_dropped_in_pieces() {
    let good = "{\n\"k\":1}\n";
    let file = format!("{good}{{\n\"k\":\"{}\"\n}}\n{good}", "x".repeat(5000));
    for block in [1, 7, 64, 1000, 100_000] {
        let mut splitter = Splitter::with_limit(500);
        let (mut start, mut end) = (0, 0);
        let (mut rows, mut starts, mut dropped) = (String::new(), 0, 0);
        while end < file.len() {
            end = (end + block).min(file.len());
            loop {
                match splitter.next(&file.as_bytes()[start..end], end == file.len()) {
                    Stretch::More => break,
                    Stretch::Rows(length) => {
                        rows.push_str(&file[start..start + length]);
                        start += length;
                    }
                    Stretch::TooLong { bytes, first } => {
                        starts += usize::from(first);
                        dropped += bytes;
                        start += bytes;
                    }
                }
            }
            assert!(end - start <= 500 + block, "the buffer stays small");
        }
        if block < 5000 {
            assert_eq!((starts, rows), (1, good.repeat(2)), "{block}");
            assert_eq!(dropped, file.len() - 2 * good.len());
        }
        assert_eq!(start, file.len());
    }
}

#[test]
fn many_open_brackets_take_linear_time() {
    for line in ["[\n", "{\"a\":\n", "{\"a\":[1,\n", "{\n\"a\":\"\n", "[{\n"] {
        let file = line.repeat(200_000);
        let start = std::time::Instant::now();
        read(NAME, file.as_bytes());
        format(NAME).sniff(&file.as_bytes()[..64 * 1024]);
        assert!(start.elapsed().as_secs() < 20, "{line:?}");
    }
}
