//! The family of text logs, by a format of these tests' own: a web server's access log.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use dogwatch_formats::{About, Chunk, Format, Framing, Prefilter, Reason, TextLog, TextRow};
use dogwatch_predicate::{Condition, Pattern};
use json_recorder::{Recorder, Row};
use proptest::prelude::*;

/// `192.0.2.1 alice [1795401382] "GET /a b" 200`
static ACCESS: TextLog = TextLog {
    about: About {
        name: "access",
        sourcetype: "access_combined",
        index: "web",
        origin: "a web server's access log",
        ..About::BASE
    },
    row: |line| {
        let (_, rest) = line.split_once('[')?;
        let (seconds, rest) = rest.split_once(']')?;
        let time = seconds.parse::<i64>().ok()?.checked_mul(1_000_000)?;
        rest.contains('"').then_some(TextRow { time: Some(time), ..TextRow::default() })
    },
    fields_of: |line, take| {
        let words: Vec<&str> = line.split(' ').collect();
        take("clientip", words[0]);
        take("user", words.get(1).unwrap_or(&"-"));
        take("uri", line.split('"').nth(1).unwrap_or_default());
        let status = line.rsplit(' ').next().unwrap_or_default();
        take("action", if status.starts_with('2') { "success" } else { "failure" });
    },
    derived: &["action"],
};

const LOG: &str = "192.0.2.1 alice [1795401382] \"GET /secrets/db\" 200\n\
    no row\n\
    \n\
    192.0.2.2 Kevin [1795401383] \"GET /healthz\" 403\r\n\
    192.0.2.3 \u{212a}IM [1795401384] \"POST /login\" 200\n\
    192.0.2.4 eve [1795401385] \"GET /sec";

fn read_parts(cuts: &[usize], filter: Option<&Prefilter>) -> Recorder {
    let mut found = Recorder::default();
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (LOG.len() + 1)).chain([LOG.len()]).collect();
    ends.sort_unstable();
    let mut start = 0;
    for end in ends {
        let chunk = Chunk { bytes: LOG.as_bytes(), offset: 0, own: start..end, last: true };
        ACCESS.read(&chunk, filter, &mut found);
        start = end;
    }
    found
}

#[test]
fn lines_are_rows_with_fields() {
    let found = read_parts(&[], None);
    assert_eq!(found.counts(), (4, vec![(Reason::NotAnEvent, 1)]));
    let row = &found.rows[1];
    assert_eq!(
        (row.time, row.all("user"), row.all("action")),
        (Some(1_795_401_383_000_000), vec!["Kevin"], vec!["failure"])
    );
    assert!(row.raw.ends_with(b"403"), "the line end is none of it");
    assert_eq!(ACCESS.framing(b""), Framing::Lines { context: 0 });
    assert!(ACCESS.sniff(LOG.as_bytes()) > 50 && ACCESS.sniff(b"{}\n") == 0);
}

#[test]
fn the_filter_does_filter() {
    let condition = Condition::field("uri", Pattern::containing("secrets"));
    assert_eq!(read_parts(&[], Some(&ACCESS.prefilter(&condition))).rows.len(), 1);
    let rules = [condition, Condition::field("user", Pattern::literal("nobody"))];
    let found = read_parts(&[], Some(&ACCESS.compile_rules(&rules)));
    assert_eq!((found.rows.len(), found.candidates[0][0]), (1, 1));
    assert_eq!(found.lines.len(), 6, "every line is told");
}

#[test]
fn a_stream_gives_the_same_rows() {
    for size in [1, 5, 1000] {
        let mut found = Recorder::default();
        let mut decoder = ACCESS.decoder();
        LOG.as_bytes().chunks(size).for_each(|piece| decoder.push(piece, &mut found));
        decoder.finish(&mut found);
        assert_eq!(found, read_parts(&[], None), "in pieces of {size}");
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(vec!["clientip", "user", "uri", "action"]);
    let word =
        prop::sample::select(vec!["secrets", "kevin", "kim", "success", "failure", "192.0.2", "GET", "x", "/sec"]);
    let leaf = (field, word, any::<bool>()).prop_map(|(field, word, whole)| {
        Condition::field(field, if whole { Pattern::literal(word) } else { Pattern::containing(word) })
    });
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner, 1..4).prop_map(Condition::Any),
        ]
    })
}

proptest! {
    #[test]
    fn neither_cuts_nor_filters_lose_a_row(condition in condition(), cuts in prop::collection::vec(any::<usize>(), 0..5)) {
        let whole = read_parts(&[], None);
        prop_assert_eq!(&read_parts(&cuts, None), &whole);
        let wanted: Vec<&Row> = whole.rows.iter().filter(|row| row.satisfies(&condition)).collect();
        for filter in [ACCESS.prefilter(&condition), ACCESS.compile_rules(std::slice::from_ref(&condition))] {
            let some = read_parts(&cuts, Some(&filter));
            let found: Vec<&Row> = some.rows.iter().filter(|row| row.satisfies(&condition)).collect();
            prop_assert_eq!(&found, &wanted, "{:?}", condition);
        }
    }
}
