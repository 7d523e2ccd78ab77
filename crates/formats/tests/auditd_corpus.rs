//! Real logs: the number of records of every file, and a few telling events field by field.
//!
//! For a log of the corpus there may be `tests/samples/auditd/<log>.expected.jsonl`, one row a line, in any selection: `event_id`, `type`
//! and `offset` say which row, `time` and `fields` are what it has, all of it. With `DOGWATCH_BLESS=1` in the environment the
//! files are rewritten, for the same rows. A log's records are counted by a rule of grep's size.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod auditd_collect;

use std::path::Path;

use auditd_collect::{CORPUS, Row, logs, logs_of_others, own_logs, read};
use dogwatch_formats::Reason;
use serde_json::{Map, Value, json};

/// Lines with a header, counted without the parser: `type=…` at the start or after `node=…`, and a stamp.
fn records_by_text(log: &str) -> usize {
    log.lines()
        .filter(|line| line.starts_with("type=") || line.starts_with("node="))
        .filter(|line| line.contains("audit(") && line.contains(')'))
        .count()
}

#[test]
fn every_record_is_a_row() {
    let (mut files, mut records) = (0, 0);
    for path in own_logs().iter().chain(&logs_of_others()) {
        let bytes = std::fs::read(path).unwrap();
        let log = String::from_utf8_lossy(&bytes);
        let collector = read(&bytes);
        assert_eq!(collector.rows.len(), records_by_text(&log), "{}", path.display());
        assert_eq!(collector.rows.len() + collector.malformed.len(), log.lines().count(), "{}", path.display());
        assert!(collector.rows.iter().all(|row| row.fields.contains_key("type") && row.time.is_some()));
        files += 1;
        records += collector.rows.len();
    }
    assert!(files >= 7 && records >= 1236, "{records} records in {files} files");
}

/// Records and malformed lines of the logs that others recorded, counted by hand.
#[test]
fn shared_samples_have_the_counts_that_were_counted_by_hand() {
    let expected: &[(&str, usize, &[Reason])] = &[
        ("crowdsecurity__hub__.tests_auditd-suid-crash_auditd-suid-crash.log", 13, &[]),
        ("elastic__go-libaudit__aucoalesce_testdata_ubuntu-16.04-linux-4.13.0.yaml.extracted.log", 11, &[]),
        ("elastic__go-libaudit__auparse_testdata_audit-rhel7.log", 49, &[Reason::BadStamp]),
        ("log2timeline__plaso__test_data_audit_enriched.log", 29, &[]),
        ("microsoft__OMS-Auditd-Plugin__TestEventData.cpp.extracted.log", 85, &[Reason::NotARecord]),
        ("splunk__security_content__data_sources_linux_auditd.extracted.log", 6, &[]),
    ];
    for path in logs_of_others() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some((_, records, reasons)) = expected.iter().find(|(file, ..)| *file == name) else {
            panic!("{name} has no counts here");
        };
        let collector = read(std::fs::read(&path).unwrap());
        let seen: Vec<_> = collector.malformed.iter().map(|(reason, _)| *reason).collect();
        assert_eq!((collector.rows.len(), seen.as_slice()), (*records, *reasons), "{name}");
    }
}

fn as_json(row: &Row) -> Value {
    let fields: Map<String, Value> = row
        .fields
        .iter()
        .map(|(name, values)| {
            (name.clone(), if let [value] = values.as_slice() { json!(value) } else { json!(values) })
        })
        .collect();
    json!({ "event_id": row.event_id, "type": row.get("type"), "offset": row.offset, "time": row.time, "fields": fields })
}

fn expected_of(log: &Path) -> std::path::PathBuf {
    let mut name = log.file_name().unwrap_or_default().to_owned();
    name.push(".expected.jsonl");
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/auditd").join(name)
}

#[test]
fn chosen_rows_have_exactly_these_fields() {
    let mut compared = 0;
    for log in logs(CORPUS) {
        let path = expected_of(&log);
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let rows = read(std::fs::read(&log).unwrap()).rows;
        let mut blessed = String::new();
        for line in text.lines() {
            let expected: Value = serde_json::from_str(line).unwrap();
            let row = rows.iter().find(|row| expected["offset"] == row.offset && expected["event_id"] == row.event_id);
            let row = row.unwrap_or_else(|| panic!("{}: no row for {line}", path.display()));
            let seen = as_json(row);
            blessed.push_str(&format!("{seen}\n"));
            if std::env::var_os("DOGWATCH_BLESS").is_none() {
                assert_eq!(seen, expected, "{}: {}", path.display(), row.raw);
            }
            compared += 1;
        }
        if std::env::var_os("DOGWATCH_BLESS").is_some() {
            std::fs::write(&path, blessed).unwrap();
        }
    }
    assert!(compared >= 20, "{compared} rows compared");
}

#[test]
fn the_actions_that_were_run_are_found_by_their_serials() {
    let mut actions = 0;
    for log in logs(CORPUS) {
        let Ok(truth) = std::fs::read_to_string(log.with_extension("truth.tsv")) else {
            continue;
        };
        let rows = read(std::fs::read(&log).unwrap()).rows;
        for line in truth.lines() {
            let serials: Vec<_> = line.split('\t').next().unwrap().split(',').collect();
            for serial in serials {
                let suffix = format!(":{serial}");
                let found = rows.iter().filter(|row| row.event_id.ends_with(&suffix)).count();
                assert!(found > 0, "{}: no rows for {serial}", log.display());
            }
            actions += 1;
        }
    }
    assert!(actions >= 27, "{actions} actions");
}
