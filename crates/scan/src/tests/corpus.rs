//! The real formats over the logs of the corpus: however they are cut, compressed or filtered, the rows are the same.

use std::sync::atomic::AtomicBool;

use dogwatch_predicate::Condition;

use super::*;
use crate::discover::discover;
use crate::window::ChunkSizes;

const CORPUS: [&str; 3] = [
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../formats/tests/samples/json_lines"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../formats/tests/samples/kube_audit"),
];

fn open(path: &str) -> Arc<Inputs> {
    let (inputs, errors) = Inputs::list(&[path.to_owned()], &InputOptions::default());
    assert!(errors.is_empty(), "{errors:?}");
    Arc::new(inputs)
}

/// The files of the corpus that are logs: what stands beside them says what is in them.
fn logs() -> Vec<String> {
    let of = |folder: &&str| open(folder).files().iter().map(|file| file.source.clone()).collect::<Vec<_>>();
    CORPUS.iter().flat_map(of).collect()
}

/// Columns, rows, and what was malformed.
type Rows = (Vec<String>, Vec<Vec<String>>, String);

/// The rows with all their fields, and what was malformed.
fn all(inputs: &Arc<Inputs>, change: impl Fn(&mut ScanRequest)) -> Rows {
    let found = discover(inputs, &request(&[]), &Arc::default(), &AtomicBool::new(false));
    assert!(!found.cut);
    let fields: Vec<String> = found.fields.into_iter().map(|field| field.name).collect();
    let columns: Vec<&str> = ["_time", "_raw", "host", "event_id"]
        .into_iter()
        .chain(fields.iter().map(String::as_str).filter(|name| crate::SystemColumn::of(name).is_none()))
        .collect();
    let mut wanted = ScanRequest { fields: fields.clone(), ..ScanRequest::default() };
    change(&mut wanted);
    let (rows, counts) = rows(inputs, &wanted, &columns);
    assert_eq!(counts.failures, []);
    let malformed: Vec<_> = counts.malformed.iter().map(|m| (m.reason, m.count, &m.samples)).collect();
    (columns.into_iter().map(str::to_owned).collect(), rows, format!("{malformed:?}"))
}

#[test]
fn only_logs_are_read() {
    let others = [".tsv", ".md", ".expected", ".truth"];
    let logs = logs();
    let wrong: Vec<_> = logs.iter().filter(|log| others.iter().any(|other| log.ends_with(other))).collect();
    assert!(wrong.is_empty(), "taken for logs: {wrong:#?}");
    assert!(logs.len() > 17, "{logs:#?}");
}

#[test]
fn every_log_gives_the_same_rows_however_it_is_cut_or_packed() {
    let files = Files::new();
    for log in logs() {
        let content = fs::read(&log).unwrap();
        let inputs = open(&log);
        let whole = all(&inputs, |_| {});
        for chunk in [1, 1000, 4096] {
            if chunk == 1 && content.len() > 50_000 {
                continue;
            }
            let sizes = ChunkSizes { chunk: Some(chunk), ..ChunkSizes::default() };
            assert_same(&all(&inputs, |request| request.sizes = sizes), &whole, &format!("{log} in {chunk}s"));
        }
        let packed = open(&files.add("packed", zstd(&content)));
        assert_same(&all(&packed, |_| {}), &whole, &format!("{log} compressed"));
        let sizes = ChunkSizes { chunk: Some(3000), ..ChunkSizes::default() };
        let small = all(&packed, |request| request.sizes = sizes);
        assert_same(&small, &whole, &format!("{log} compressed, in small chunks"));
    }
}

fn assert_same(found: &Rows, expected: &Rows, what: &str) {
    assert_eq!(found.0, expected.0, "{what}: fields");
    assert_eq!(found.1.len(), expected.1.len(), "{what}: number of rows");
    for (found, expected) in found.1.iter().zip(&expected.1) {
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(found.2, expected.2, "{what}: malformed");
}

/// Rows in which a field has a value are never lost, whatever the bytes look like.
#[test]
fn the_prefilter_loses_no_row_that_has_the_value() {
    for log in logs() {
        let inputs = open(&log);
        let (columns, rows, _) = all(&inputs, |request| request.prefilter = false);
        for (at, name) in columns.iter().enumerate().skip(2) {
            // A few values of each field.
            let mut values: Vec<&str> = rows.iter().map(|row| row[at + 1].as_str()).filter(|v| *v != "∅").collect();
            values.sort_unstable();
            values.dedup();
            let step = values.len() / 3 + 1;
            for value in values.into_iter().step_by(step) {
                if value.starts_with('[') || value.contains('\n') || value.is_empty() || value.len() > 200 {
                    continue;
                }
                let condition = Condition::equals(name, value.to_uppercase());
                let wanted = ScanRequest { condition, ..request(&[name]) };
                let found = super::rows(&inputs, &wanted, &[name]).0;
                let count = |rows: &[Vec<String>], at: usize| rows.iter().filter(|row| row[at] == value).count();
                assert_eq!(count(&found, 1), count(&rows, at + 1), "{log}: {name}={value}");
            }
        }
    }
}
