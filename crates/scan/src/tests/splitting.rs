//! The same rows, however a file is cut or compressed.

use proptest::prelude::*;

use super::*;
use crate::window::ChunkSizes;
use dogwatch_formats::Reason;
use dogwatch_predicate::Condition;

const FIELDS: &[&str] = &["a", "b{}", "around", "event_id", "host", "_raw", "_time"];

/// Rows, and malformed lines by reason.
type Read = (Vec<Vec<String>>, Vec<(Reason, u64)>);

fn read(inputs: &Arc<Inputs>, chunk: usize, longest: usize) -> Read {
    let sizes = ChunkSizes { chunk: Some(chunk), longest, context: None };
    let (rows, counts) = rows(inputs, &ScanRequest { sizes, ..request(FIELDS) }, FIELDS);
    let malformed = counts.malformed.into_iter().map(|m| (m.reason, m.count)).collect();
    assert_eq!(counts.failures, []);
    assert_eq!(counts.files_done, 1);
    assert_eq!(counts.bytes_read, counts.bytes_total);
    (rows, malformed)
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(a=[a-z]{0,5}|b\\{\\}=[0-9]|id=[0-9]|t=[0-9]|node=[xy])( (a=[a-z]|b\\{\\}=[0-9])){0,3}",
        1 => Just(String::new()),
        1 => "[a-z]{1,8}",
        1 => "a=[a-zé]{10,60}",
    ]
}

fn log() -> impl Strategy<Value = String> {
    (prop::collection::vec(line(), 1..20), any::<bool>())
        .prop_map(|(lines, newline)| format!("a=first\n{}{}", lines.join("\n"), if newline { "\n" } else { "" }))
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_gives_the_same_rows(log in log(), chunk in 1_usize..120) {
        let files = Files::new();
        let inputs = inputs(&[&files.add("a.log", &log)]);
        prop_assert_eq!(read(&inputs, chunk, 1000), read(&inputs, 100_000, 100_000));
    }

    #[test]
    fn a_compressed_file_gives_the_same_rows(log in log(), chunk in 1_usize..120) {
        let files = Files::new();
        let plain = read(&inputs(&[&files.add("a.log", &log)]), 100_000, 100_000);
        for (name, content) in [("a.gz", gzip(log.as_bytes())), ("a.zst", zstd(log.as_bytes()))] {
            let inputs = inputs(&[&files.add(name, content)]);
            prop_assert_eq!(&read(&inputs, chunk, 1000), &plain);
        }
    }

    #[test]
    fn lines_that_are_too_long_are_the_same_however_cut(log in log(), chunk in 1_usize..20, longest in 20_usize..50) {
        let files = Files::new();
        let without_context = |inputs: &Arc<Inputs>, chunk: usize| {
            let sizes = ChunkSizes { chunk: Some(chunk), longest, context: Some(0) };
            let (rows, counts) = rows(inputs, &ScanRequest { sizes, ..request(&["a"]) }, &["a", "_raw"]);
            let malformed: Vec<_> = counts.malformed.into_iter().map(|m| (m.reason, m.count, m.samples)).collect();
            (rows, malformed)
        };
        let plain = inputs(&[&files.add("a.log", &log)]);
        let packed = inputs(&[&files.add("a.gz", gzip(log.as_bytes()))]);
        let too_long = log.lines().filter(|line| line.len() > longest).count() as u64;
        let whole = without_context(&plain, longest);
        let counted = whole.1.iter().find(|(reason, ..)| *reason == Reason::TooLong).map_or(0, |(_, count, _)| *count);
        prop_assert_eq!(counted, too_long);
        prop_assert_eq!(&without_context(&plain, chunk), &whole);
        prop_assert_eq!(&without_context(&packed, chunk), &whole);
        prop_assert_eq!(&without_context(&packed, longest), &whole);
    }

    #[test]
    fn documents_are_read_in_blocks_of_any_size(values in prop::collection::vec("[a-z]{1,30}", 1..20), chunk in 1_usize..80) {
        let files = Files::new();
        let log: String = values.iter().map(|value| format!("{{\n a={value}\n}}\n")).collect();
        for (name, content) in [("a.log", log.clone().into_bytes()), ("a.gz", gzip(log.as_bytes()))] {
            let inputs = inputs(&[&files.add(name, content)]);
            let sizes = ChunkSizes { chunk: Some(chunk), longest: 1000, context: None };
            let (rows, counts) = rows(&inputs, &ScanRequest { sizes, ..request(&["a"]) }, &["a"]);
            let found: Vec<_> = rows.into_iter().map(|mut row| row.swap_remove(1)).collect();
            prop_assert_eq!(&found, &values);
            prop_assert_eq!(counts.malformed.len(), 0);
        }
    }
}

#[test]
fn a_line_end_at_the_seam_belongs_to_one_side() {
    let files = Files::new();
    let log = "a=1\na=2\na=3\n";
    let inputs = inputs(&[&files.add("a.log", log)]);
    for chunk in 1..=log.len() + 1 {
        let values: Vec<_> = read(&inputs, chunk, 100).0.into_iter().map(|row| row[1].clone()).collect();
        assert_eq!(values, ["1", "2", "3"], "chunks of {chunk}");
    }
}

#[test]
fn a_line_of_fifty_megabytes_is_a_row() {
    let files = Files::new();
    let long = "x".repeat(50_000_000);
    let log = format!("a=1\na={long} b{{}}=2\na=3\n");
    for (name, content) in [("a.log", log.clone().into_bytes()), ("a.zst", zstd(log.as_bytes()))] {
        let inputs = inputs(&[&files.add(name, content)]);
        let (rows, counts) = rows(&inputs, &request(&["a", "b{}"]), &["a", "b{}"]);
        let lengths: Vec<_> = rows.iter().map(|row| (row[1].len(), row[2].as_str())).collect();
        assert_eq!(lengths, [(1, "∅"), (50_000_000, "[2]"), (1, "∅")]);
        assert!(counts.malformed.is_empty());
    }
}

#[test]
fn a_line_beyond_the_limit_is_malformed_and_the_next_one_is_read() {
    let files = Files::new();
    let log = format!("a=1\na={}\na=3\n", "x".repeat(70_000_000));
    for (name, content) in [("a.log", log.clone().into_bytes()), ("a.gz", gzip(log.as_bytes()))] {
        let inputs = inputs(&[&files.add(name, content)]);
        let (rows, counts) = rows(&inputs, &request(&["a"]), &["a"]);
        assert_eq!(rows.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["1", "3"]);
        let malformed = &counts.malformed[0];
        assert_eq!((malformed.reason, malformed.count, malformed.samples[0].offset), (Reason::TooLong, 1, 4));
        assert!(malformed.samples[0].text.starts_with("a=xxx"));
    }
}

#[test]
fn files_without_lines_or_line_ends_are_fine() {
    let files = Files::new();
    let inputs =
        inputs(&[&files.add("1", "a=1"), &files.add("2", ""), &files.add("3", "\n\n"), &files.add("4", "\na=4")]);
    assert_eq!(column(&inputs, "a"), ["1", "4"]);
    assert_eq!(inputs.empty(), 2);
}

#[test]
fn damage_in_the_middle_keeps_what_is_before_it_and_the_other_files() {
    let files = Files::new();
    let log: String = (0..200_000).map(|number| format!("a={number}\n")).collect();
    let packed = gzip(log.as_bytes());
    let broken = files.add("1.gz", &packed[..packed.len() / 2]);
    let inputs = inputs(&[&broken, &files.add("2", "a=last\n")]);
    let (rows, counts) = rows(&inputs, &request(&["a"]), &["a"]);
    assert!(rows.len() > 10_000, "{}", rows.len());
    assert!(rows.iter().zip(0..).take(10_000).all(|(row, number)| row[1] == number.to_string()));
    assert_eq!(rows.last().unwrap()[1], "last");
    assert_eq!(counts.failures.len(), 1);
    assert!(counts.failures[0].to_string().starts_with(&format!("{broken}: reading stopped: ")));
}

#[test]
fn a_file_that_grows_is_read_as_it_was_listed_and_one_that_went_away_is_told() {
    let files = Files::new();
    let grown = files.add("1", "a=1\n");
    let gone = files.add("2", "a=2\n");
    let shorter = files.add("3", "a=3\na=4\n");
    let inputs = inputs(&[&grown, &gone, &shorter]);
    files.add("1", "a=1\na=new\n");
    fs::remove_file(gone).unwrap();
    files.add("3", "a=3\n");
    let (rows, counts) = rows(&inputs, &request(&["a"]), &["a"]);
    assert_eq!(rows.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(counts.failures.len(), 2);
    assert!(counts.failures[1].to_string().contains("became shorter"));
}

#[test]
fn filtered_rows_are_the_wanted_ones() {
    let files = Files::new();
    let log: String = (0..1000).map(|number| format!("a={number} b=x\n")).collect();
    let inputs = inputs(&[&files.add("1", log)]);
    for (prefilter, chunk, expected) in [(true, 50, 20), (true, 5000, 20), (false, 50, 1000)] {
        let sizes = ChunkSizes { chunk: Some(chunk), ..ChunkSizes::default() };
        let request = ScanRequest { condition: Condition::raw("=77"), prefilter, sizes, ..request(&["a"]) };
        let (rows, counts) = rows(&inputs, &request, &["a"]);
        let expected =
            if expected == 20 { (0..1000).filter(|n| n.to_string().starts_with("77")).count() } else { expected };
        assert_eq!((rows.len(), counts.rows), (expected, expected as u64));
    }
}
