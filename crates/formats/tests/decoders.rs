//! A log that is pushed in pieces gives the rows that it gives as a whole, whatever its format and wherever it is cut.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dogwatch_formats::FORMATS;
use json_recorder::{Recorder, format, read};
use proptest::prelude::*;

/// Larger files take too long to be read again and again.
const LARGEST: u64 = 400_000;

/// A log: what it is read as, its path, its bytes, and what reading it gives.
type Log = (&'static str, PathBuf, Vec<u8>, Recorder);

/// The logs of the corpus and of the samples.
static LOGS: LazyLock<Vec<Log>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut logs = Vec::new();
    for name in FORMATS.iter().map(|format| format.name()) {
        for folder in ["../../corpus", "../../corpus/synthetic", "tests/samples"] {
            for entry in std::fs::read_dir(root.join(folder).join(name)).into_iter().flatten() {
                let path = entry.unwrap().path();
                let is_log = path.extension().is_some_and(|e| ["log", "json", "jsonl"].iter().any(|known| e == *known));
                if is_log && path.metadata().unwrap().len() <= LARGEST {
                    let bytes = std::fs::read(&path).unwrap();
                    let whole = read(name, &bytes);
                    logs.push((name, path, bytes, whole));
                }
            }
        }
    }
    logs.sort_by(|one, other| one.1.cmp(&other.1));
    logs
});

fn pushed(name: &str, log: &[u8], cuts: &[usize]) -> Recorder {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (log.len() + 1)).chain([log.len()]).collect();
    cuts.sort_unstable();
    let mut found = Recorder::default();
    let mut decoder = format(name).decoder();
    let mut start = 0;
    for cut in cuts {
        decoder.push(&log[start..cut], &mut found);
        start = cut;
    }
    decoder.finish(&mut found);
    found
}

#[test]
fn every_log_gives_its_rows_in_pieces_of_any_size() {
    for name in FORMATS.iter().map(|format| format.name()) {
        assert!(LOGS.iter().any(|log| log.0 == name), "there is a log of {name}");
    }
    for (name, path, log, whole) in &*LOGS {
        for size in [1, 7, 4096] {
            if size == 1 && log.len() > 50_000 {
                continue;
            }
            let cuts: Vec<usize> = (0..log.len()).step_by(size).collect();
            assert_eq!(&pushed(name, log, &cuts), whole, "{} in pieces of {size}", path.display());
        }
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing(log in any::<prop::sample::Index>(), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let (name, path, log, whole) = log.get(&LOGS);
        prop_assert_eq!(&pushed(name, log, &cuts), whole, "{}", path.display());
    }
}

/// Rows are handed out while the log goes on, as soon as their event has ended.
#[test]
fn an_audit_event_comes_when_it_has_ended() {
    let record = |kind: &str, time: &str, serial: u32| format!("type={kind} msg=audit({time}:{serial}): pid=1\n");
    let mut decoder = format("auditd").decoder();
    let mut found = Recorder::default();
    let mut push = |text: String| {
        decoder.push(text.as_bytes(), &mut found);
        found.rows.len()
    };
    assert_eq!(push(record("SYSCALL", "1795401382.124", 1)), 0);
    assert_eq!(push(record("EXECVE", "1795401382.124", 1)), 0);
    assert_eq!(push(record("PROCTITLE", "1795401382.124", 1)), 3, "PROCTITLE ends an event with a SYSCALL record");
    assert_eq!(push(record("USER_LOGIN", "1795401382.200", 2)), 4, "a user-space record is an event");
    assert_eq!(push(record("SYSCALL", "1795401382.300", 3)), 4);
    assert_eq!(push(record("USER_END", "1795401383.000", 4)), 4, "rows keep the order of the log");
    assert_eq!(push(record("EOE", "1795401382.300", 3)), 7);
    assert_eq!(push(record("AVC", "1795401384.000", 5)), 7);
    assert_eq!(push(record("SYSCALL", "1795401386.000", 6)), 8, "two seconds later nothing more is expected");
    assert_eq!(push(record("PROCTITLE", "1795401386.500", 7)), 8, "PROCTITLE comes first in what ausearch prints");
    decoder.finish(&mut found);
    assert_eq!(found.rows.len(), 10);
}

/// What nobody ends is handed out when more of the log has come than records are joined over.
#[test]
fn what_is_held_is_bounded() {
    let mut decoder = format("auditd").decoder();
    let mut found = Recorder::default();
    let other = format!("type=PATH msg=audit(1795401382.124:2): name=\"{}\"\n", "x".repeat(1000));
    decoder.push(b"type=SYSCALL msg=audit(1795401382.124:1): pid=1\n", &mut found);
    for _ in 0..6000 {
        decoder.push(other.as_bytes(), &mut found);
    }
    assert!(found.rows.len() > 1000, "{} rows", found.rows.len());
}
