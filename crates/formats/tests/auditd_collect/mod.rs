//! Collects what the auditd format hands out, for the tests beside this folder.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use dogwatch_formats::{Chunk, FORMATS, Format, Malformed, Prefilter, Reason, RowMeta, RowVisitor, Slot};

/// A row: its fields with their values in order, and what every row has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub raw: String,
    pub offset: u64,
    pub time: Option<i64>,
    pub host: Option<String>,
    pub event_id: String,
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Row {
    /// The values of a field, with `|` between them; empty if it is missing.
    pub fn get(&self, name: &str) -> String {
        self.fields.get(name).map_or(String::new(), |values| values.join("|"))
    }
}

/// A visitor that wants everything, or the fields given.
#[derive(Debug, Default)]
pub struct Collector {
    pub only: Option<Vec<String>>,
    names: Vec<String>,
    pub rows: Vec<Row>,
    pub malformed: Vec<(Reason, u64)>,
    /// For each row, which of several conditions it was said to be able to satisfy.
    pub candidates: Vec<Vec<u64>>,
    next_candidates: Vec<u64>,
    open: bool,
}

impl RowVisitor for Collector {
    fn candidates(&mut self, rules: &[u64]) {
        self.next_candidates = rules.to_vec();
    }
    fn start(&mut self, row: &RowMeta<'_>) {
        assert!(!self.open, "start before end");
        self.open = true;
        self.candidates.push(self.next_candidates.clone());
        self.rows.push(Row {
            raw: String::from_utf8_lossy(row.raw).into_owned(),
            offset: row.offset,
            time: row.time,
            host: row.host.map(str::to_owned),
            event_id: row.event_id.to_owned(),
            fields: BTreeMap::new(),
        });
    }
    fn wants(&mut self, name: &str) -> Option<Slot> {
        if self.only.as_ref().is_some_and(|only| !only.iter().any(|wanted| wanted == name)) {
            return None;
        }
        let known = self.names.iter().position(|known| known == name);
        Some(Slot(known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })))
    }
    fn wants_below(&mut self, _: &str) -> bool {
        true
    }
    fn value(&mut self, slot: Slot, value: &str) {
        assert!(self.open, "value outside a row");
        let name = self.names[slot.0].clone();
        self.rows.last_mut().unwrap().fields.entry(name).or_default().push(value.to_owned());
    }
    fn end(&mut self) {
        assert!(self.open, "end before start");
        self.open = false;
    }
    fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.malformed.push((malformed.reason, malformed.offset));
    }
}

/// The auditd format.
pub fn auditd() -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == "auditd").unwrap()
}

/// Reads the rows that start in `own` of a whole log.
pub fn read_part(log: &[u8], own: Range<usize>, filter: Option<&Prefilter>) -> Collector {
    let mut collector = Collector::default();
    let chunk = Chunk { bytes: log, offset: 0, own, last: true };
    auditd().read(&chunk, filter, &mut collector);
    collector
}

/// Reads a whole log.
pub fn read(log: impl AsRef<[u8]>) -> Collector {
    let log = log.as_ref();
    read_part(log, 0..log.len(), None)
}

/// The rows of a log without anything malformed.
pub fn rows(log: impl AsRef<[u8]>) -> Vec<Row> {
    let collector = read(log);
    assert_eq!(collector.malformed, [], "nothing malformed");
    collector.rows
}

/// The logs (`*.log`) of a folder relative to the crate, sorted; none if the folder is absent.
pub fn logs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut logs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.sort();
    logs
}

/// Logs recorded for this project.
pub const CORPUS: &str = "../../corpus/auditd";
/// Logs written by hand: what the recorded ones lack, such as the spellings of other distributions and agents.
pub const SYNTHETIC: &str = "../../corpus/synthetic/auditd";
/// Logs that others recorded. They belong to others and are not in the repository.
const SHARED: &str = "../../../shared/corpus/auditd";

/// The logs of this repository.
pub fn own_logs() -> Vec<PathBuf> {
    let logs = [logs(CORPUS), logs(SYNTHETIC)].concat();
    assert!(logs.len() > 7, "the corpus is there");
    logs
}

/// The logs that others recorded; without them the further test says that it is skipped, past the harness, which keeps what a
/// passing test prints to itself.
pub fn logs_of_others() -> Vec<PathBuf> {
    let logs = logs(SHARED);
    if logs.is_empty() {
        let _ =
            writeln!(std::io::stderr(), "skipped: {SHARED} is not there, so nothing is tried on the logs of others");
    }
    logs
}
