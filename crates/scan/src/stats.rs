//! Statistics of a run: progress while it runs, the summary after it, and malformed input. One [`ScanStats`] serves all
//! scans of a search.
//!
//! Two scans of one search may read the same file. Bytes and rows are then counted for both; a malformed line is
//! counted once, because each scan's counts are kept apart and the largest is reported.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dogwatch_formats::{Malformed, Reason};

/// Samples kept per file and reason.
const SAMPLES: usize = 5;
/// Maximum length of a sample's text, bytes.
const SAMPLE_LENGTH: usize = 400;

/// Counts, shared by all scans of a search.
#[derive(Debug, Default)]
pub struct ScanStats {
    bytes_total: AtomicU64,
    bytes_read: AtomicU64,
    events: AtomicU64,
    rows: AtomicU64,
    files_total: AtomicU64,
    files_done: AtomicU64,
    files_skipped: AtomicU64,
    scans: AtomicU64,
    malformed: Mutex<BTreeMap<(u64, String, Reason), MalformedCount>>,
    failures: Mutex<Vec<ReadFailure>>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Bytes of the files to be read, as they are on disk, possibly compressed. Grows when a scan starts.
    pub bytes_total: u64,
    /// Number of bytes read so far.
    pub bytes_read: u64,
    /// Rows emitted by the formats: those that the condition could not rule out.
    pub events: u64,
    /// Rows that left the scan: those within the time bounds.
    pub rows: u64,
    /// Files to be read.
    pub files_total: u64,
    /// Files read to their end.
    pub files_done: u64,
    /// Files pruned by their index, sourcetype or source. They are not counted in `files_total`.
    pub files_skipped: u64,
    /// Malformed input, by file and reason.
    pub malformed: Vec<MalformedFile>,
    /// Files that could not be read to their end.
    pub failures: Vec<ReadFailure>,
}

/// Malformed input of a file, for one reason.
#[derive(Clone, Debug)]
pub struct MalformedFile {
    /// The file, as displayed.
    pub source: String,
    /// Why.
    pub reason: Reason,
    /// Number of pieces of input.
    pub count: u64,
    /// The first few of them.
    pub samples: Vec<MalformedSample>,
}

/// A piece of malformed input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedSample {
    /// Its offset in the (decompressed) file, bytes.
    pub offset: u64,
    /// Its beginning, with invalid UTF-8 replaced.
    pub text: String,
}

/// A file that could not be read to its end. The part read before the error is searched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{source_name}: reading stopped: {reason}; what was read before it was searched")]
pub struct ReadFailure {
    /// The file, as displayed.
    pub source_name: String,
    /// What the system or the decoder said.
    pub reason: String,
}

/// Count and samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct MalformedCount {
    count: u64,
    samples: Vec<MalformedSample>,
}

impl MalformedCount {
    pub(crate) fn add(&mut self, malformed: &Malformed<'_>) {
        self.count += 1;
        if self.samples.len() < SAMPLES {
            let sample = malformed.sample.get(..SAMPLE_LENGTH).unwrap_or(malformed.sample);
            let text = String::from_utf8_lossy(sample).into_owned();
            self.samples.push(MalformedSample { offset: malformed.offset, text });
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.samples.extend(other.samples.iter().cloned());
        self.samples.sort_by_key(|sample| sample.offset);
        self.samples.truncate(SAMPLES);
    }
}

/// Counts of one worker for one piece of a file.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) events: u64,
    pub(crate) rows: u64,
    pub(crate) malformed: BTreeMap<Reason, MalformedCount>,
}

impl Tally {
    pub(crate) fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.malformed.entry(malformed.reason).or_default().add(malformed);
    }
}

impl ScanStats {
    /// The counts now.
    pub fn snapshot(&self) -> Snapshot {
        let mut largest: BTreeMap<(&str, Reason), &MalformedCount> = BTreeMap::new();
        let malformed = lock(&self.malformed);
        for ((_, source, reason), count) in malformed.iter() {
            let kept = largest.entry((source, *reason)).or_insert(count);
            if kept.count < count.count {
                *kept = count;
            }
        }
        let listed = largest.into_iter().map(|((source, reason), kept)| MalformedFile {
            source: source.to_owned(),
            reason,
            count: kept.count,
            samples: kept.samples.clone(),
        });
        let mut failures = lock(&self.failures).clone();
        failures.sort();
        failures.dedup();
        Snapshot {
            bytes_total: self.bytes_total.load(Ordering::Relaxed),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            events: self.events.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            files_total: self.files_total.load(Ordering::Relaxed),
            files_done: self.files_done.load(Ordering::Relaxed),
            files_skipped: self.files_skipped.load(Ordering::Relaxed),
            malformed: listed.collect(),
            failures,
        }
    }

    /// A scan starts; returns its number.
    pub(crate) fn start(&self, files: u64, bytes: u64, skipped: u64) -> u64 {
        self.files_total.fetch_add(files, Ordering::Relaxed);
        self.bytes_total.fetch_add(bytes, Ordering::Relaxed);
        self.files_skipped.fetch_add(skipped, Ordering::Relaxed);
        self.scans.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn read(&self, bytes: u64) {
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The count of bytes read, for readers that count by themselves.
    pub(crate) fn bytes(&self) -> &AtomicU64 {
        &self.bytes_read
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, source: &str, reason: &str) {
        let mut failures = lock(&self.failures);
        let failure = ReadFailure { source_name: source.to_owned(), reason: reason.to_owned() };
        if !failures.contains(&failure) {
            failures.push(failure);
        }
    }

    /// Adds a worker's counts for `source`, and resets them.
    pub(crate) fn add(&self, scan: u64, source: &str, tally: &mut Tally) {
        self.events.fetch_add(tally.events, Ordering::Relaxed);
        self.rows.fetch_add(tally.rows, Ordering::Relaxed);
        if !tally.malformed.is_empty() {
            let mut malformed = lock(&self.malformed);
            for (reason, count) in &tally.malformed {
                malformed.entry((scan, source.to_owned(), *reason)).or_default().merge(count);
            }
        }
        *tally = Tally::default();
    }
}

/// Locks a mutex even if a thread has panicked while holding it: counts stay usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(offsets: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for &offset in offsets {
            tally.malformed(&Malformed { reason: Reason::BadJson, offset, sample: &[b'x', 0xff].repeat(900) });
        }
        tally
    }

    #[test]
    fn pieces_of_a_scan_add_up_and_scans_do_not() {
        let stats = ScanStats::default();
        let (first, second) = (stats.start(1, 10, 0), stats.start(1, 10, 0));
        stats.add(first, "a", &mut tally(&[30, 40]));
        stats.add(first, "a", &mut tally(&[10, 20]));
        stats.add(second, "a", &mut tally(&[10]));
        stats.add(second, "b", &mut tally(&[7]));
        let malformed = stats.snapshot().malformed;
        let counts: Vec<_> = malformed.iter().map(|m| (m.source.as_str(), m.count)).collect();
        assert_eq!(counts, [("a", 4), ("b", 1)]);
        let offsets: Vec<_> = malformed[0].samples.iter().map(|sample| sample.offset).collect();
        assert_eq!(offsets, [10, 20, 30, 40]);
    }

    #[test]
    fn samples_are_few_and_short() {
        let stats = ScanStats::default();
        stats.add(0, "a", &mut tally(&(0..100).collect::<Vec<_>>()));
        let malformed = stats.snapshot().malformed;
        assert_eq!((malformed[0].count, malformed[0].samples.len()), (100, SAMPLES));
        assert!(malformed[0].samples[0].text.chars().count() <= SAMPLE_LENGTH);
    }

    #[test]
    fn a_failure_is_told_once() {
        let stats = ScanStats::default();
        stats.failed("a.gz", "unexpected end of file");
        stats.failed("a.gz", "unexpected end of file");
        let failures = stats.snapshot().failures;
        assert_eq!(failures.len(), 1);
        assert_eq!(
            failures[0].to_string(),
            "a.gz: reading stopped: unexpected end of file; what was read before it was searched"
        );
    }
}
