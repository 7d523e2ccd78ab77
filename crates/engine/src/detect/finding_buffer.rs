//! The findings of a run, kept until all detections have run and then returned in order, newest first.
//!
//! There can be as many findings as rows in the logs. Findings that do not fit into memory are spilled to a temporary
//! file as JSON and read back one by one; only their offsets and times stay in memory. If only the newest findings of
//! each detection are wanted, the others are counted and dropped.

use std::cmp::Reverse;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::mem;
use std::sync::Arc;

use dogwatch_content::{Detection, Finding};

use super::evidence::{Places, Records};
use crate::error::EngineError;

/// Memory limit for findings, bytes of text.
const IN_MEMORY: usize = 64 << 20;

/// Filter for the findings of a run.
#[derive(Clone, Copy, Debug)]
pub struct FindingFilter {
    /// Minimum risk.
    pub min_risk: u8,
    /// Whether to include findings that the allow-list silences. They are counted either way.
    pub suppressed: bool,
    /// Maximum number of findings kept per detection, the newest ones; all if not given. The others are only counted.
    pub most: Option<usize>,
}

impl Default for FindingFilter {
    /// All, but for those that the allow-list silences.
    fn default() -> Self {
        Self { min_risk: 0, suppressed: false, most: None }
    }
}

/// Findings of a run while it goes on.
#[derive(Default)]
pub(super) struct FindingBuffer {
    detections: Vec<Arc<Detection>>,
    entries: Vec<Entry>,
    memory: Vec<Option<Finding>>,
    memory_size: usize,
    spill: Option<Spill>,
    /// Placeholder for the detection of spilled findings, replaced when they are read back.
    nobody: Arc<Detection>,
    counts: Vec<Counts>,
}

/// Numbers of findings of a detection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Findings of sufficient risk that are not silenced.
    pub(super) found: u64,
    /// Findings of sufficient risk that the allow-list silences.
    pub(super) suppressed: u64,
    /// Matching findings beyond the maximum number.
    pub(super) omitted: u64,
}

/// A finding in its place.
#[derive(Clone, Copy, Debug)]
struct Entry {
    time: Option<i64>,
    detection: u32,
    place: Place,
}

/// The location of a finding. Ordered by arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Memory(usize),
    File { offset: u64, length: usize },
}

/// Findings in a temporary file.
struct Spill {
    file: BufWriter<File>,
    size: u64,
}

impl FindingBuffer {
    /// Registers a detection, and returns its number.
    pub(super) fn add_detection(&mut self, detection: &Arc<Detection>) -> usize {
        self.detections.push(Arc::clone(detection));
        self.counts.push(Counts::default());
        self.detections.len() - 1
    }

    /// Adds findings of a detection, in their order.
    pub(super) fn push(&mut self, detection: usize, findings: Vec<Finding>) -> io::Result<()> {
        for mut finding in findings {
            let time = finding.time;
            let place = if self.memory_size < IN_MEMORY {
                self.memory_size += size(&finding);
                self.memory.push(Some(finding));
                Place::Memory(self.memory.len() - 1)
            } else {
                finding.detection = Arc::clone(&self.nobody);
                let spill = match &mut self.spill {
                    Some(spill) => spill,
                    None => self.spill.insert(Spill { file: BufWriter::new(tempfile::tempfile()?), size: 0 }),
                };
                spill.push(&finding)?
            };
            self.entries.push(Entry { time, detection: u32::try_from(detection).unwrap_or(u32::MAX), place });
        }
        Ok(())
    }

    /// Sets the counts of a detection.
    pub(super) fn count(&mut self, detection: usize, counts: Counts) {
        self.counts[detection] = counts;
    }

    /// Discards the findings of a detection that failed after producing some.
    pub(super) fn discard(&mut self, detection: usize) {
        self.counts[detection] = Counts::default();
        for entry in self.entries.extract_if(.., |entry| entry.detection as usize == detection) {
            if let Place::Memory(at) = entry.place {
                self.memory[at] = None;
            }
        }
    }

    /// The findings in order: newest first, then by the name of the detection.
    pub(super) fn finish(mut self) -> io::Result<Findings> {
        let detections = &self.detections;
        self.entries.sort_by_key(|entry| {
            let name = detections.get(entry.detection as usize).map(|detection| detection.name.as_str());
            (Reverse(entry.time), name, entry.detection, entry.place)
        });
        let file =
            self.spill.map(|spill| spill.file.into_inner().map_err(io::IntoInnerError::into_error)).transpose()?;
        Ok(Findings {
            detections: self.detections,
            entries: self.entries,
            next: 0,
            memory: self.memory,
            file,
            counts: self.counts,
            places: Places::default(),
            records: Records::default(),
        })
    }
}

impl Spill {
    fn push(&mut self, finding: &Finding) -> io::Result<Place> {
        let text = serde_json::to_vec(finding)?;
        self.file.write_all(&text)?;
        let place = Place::File { offset: self.size, length: text.len() };
        self.size += text.len() as u64;
        Ok(place)
    }
}

/// Roughly what a finding takes, bytes.
fn size(finding: &Finding) -> usize {
    const TEXT: usize = mem::size_of::<String>();
    let fields = finding
        .fields
        .iter()
        .map(|(name, values)| 2 * TEXT + name.len() + values.iter().map(|value| TEXT + value.len()).sum::<usize>());
    let activity = finding.activity.iter().map(|text| TEXT + text.len());
    let events = finding.events.iter().map(|event| mem::size_of_val(event) + event.event_id.len());
    mem::size_of::<Finding>() + finding.message.len() + fields.chain(activity).chain(events).sum::<usize>()
}

/// Iterator over the findings of a run, newest first. It ends after an error.
pub struct Findings {
    detections: Vec<Arc<Detection>>,
    entries: Vec<Entry>,
    next: usize,
    memory: Vec<Option<Finding>>,
    file: Option<File>,
    counts: Vec<Counts>,
    pub(super) places: Places,
    pub(super) records: Records,
}

impl Findings {
    /// Total number of findings that the iterator returns.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the iterator returns no findings.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of findings of sufficient risk that are not silenced, returned or not.
    pub fn found(&self) -> u64 {
        self.counts.iter().map(|counts| counts.found).sum()
    }

    /// Number of findings of sufficient risk that the allow-list silences.
    pub fn suppressed(&self) -> u64 {
        self.counts.iter().map(|counts| counts.suppressed).sum()
    }

    /// The detections with more findings than are returned, sorted by name, with the number of findings omitted.
    pub fn omitted(&self) -> Vec<(Arc<Detection>, u64)> {
        let all = self.detections.iter().zip(&self.counts).filter(|(_, counts)| counts.omitted > 0);
        let mut omitted: Vec<_> = all.map(|(detection, counts)| (Arc::clone(detection), counts.omitted)).collect();
        omitted.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        omitted
    }

    /// Visits the findings from the start without consuming them, until `wanted` returns `false`.
    pub(super) fn look(&mut self, wanted: &mut dyn FnMut(&Finding) -> bool) -> Result<(), EngineError> {
        for at in 0..self.entries.len() {
            let entry = self.entries[at];
            let mut finding = match entry.place {
                Place::Memory(kept) => match self.memory.get(kept).and_then(Option::as_ref) {
                    Some(finding) => finding.clone(),
                    None => continue,
                },
                Place::File { .. } => self.load(entry)?,
            };
            self.places.place(entry.detection as usize, &mut finding);
            if !wanted(&finding) {
                break;
            }
        }
        Ok(())
    }

    /// A finding as it was kept.
    fn load(&mut self, entry: Entry) -> Result<Finding, EngineError> {
        let lost = || EngineError::Internal("a finding is not where it was kept".to_owned());
        match entry.place {
            Place::Memory(at) => self.memory.get_mut(at).and_then(Option::take).ok_or_else(lost),
            Place::File { offset, length } => {
                let file = self.file.as_mut().ok_or_else(lost)?;
                let mut text = vec![0; length];
                file.seek(SeekFrom::Start(offset))
                    .and_then(|_| file.read_exact(&mut text))
                    .map_err(|error| EngineError::temporary(&error))?;
                let mut finding: Finding =
                    serde_json::from_slice(&text).map_err(|error| EngineError::Internal(error.to_string()))?;
                let detection = self.detections.get(entry.detection as usize).ok_or_else(lost)?;
                finding.detection = Arc::clone(detection);
                finding.time = entry.time;
                Ok(finding)
            }
        }
    }
}

impl Iterator for Findings {
    type Item = Result<Finding, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = *self.entries.get(self.next)?;
        self.next += 1;
        let loaded = self.load(entry).map(|mut finding| {
            self.places.place(entry.detection as usize, &mut finding);
            self.records.add(&mut finding);
            finding
        });
        if loaded.is_err() {
            self.next = self.entries.len();
        }
        Some(loaded)
    }
}

/// Filters the findings of one detection as its rows arrive, and keeps only the newest if there is a maximum.
pub(super) struct Sieve {
    filter: FindingFilter,
    counts: Counts,
    kept: Vec<Finding>,
}

impl Sieve {
    pub(super) fn new(filter: FindingFilter) -> Self {
        Self { filter, counts: Counts::default(), kept: Vec::new() }
    }

    /// Keeps a finding, or only counts it.
    pub(super) fn add(&mut self, finding: Finding) {
        if finding.risk_score < self.filter.min_risk {
            return;
        }
        match finding.suppressed_by {
            Some(_) => self.counts.suppressed += 1,
            None => self.counts.found += 1,
        }
        if finding.suppressed_by.is_some() && !self.filter.suppressed {
            return;
        }
        self.kept.push(finding);
        if self.filter.most.is_some_and(|most| self.kept.len() >= 2 * most.max(1)) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let Some(most) = self.filter.most.filter(|most| self.kept.len() > *most) else { return };
        self.kept.sort_by_key(|finding| Reverse(finding.time));
        self.counts.omitted += (self.kept.len() - most) as u64;
        self.kept.truncate(most);
    }

    /// The findings that are final by now: all so far if there is no maximum, else none before the end.
    pub(super) fn take_ready(&mut self) -> Vec<Finding> {
        if self.filter.most.is_none() { mem::take(&mut self.kept) } else { Vec::new() }
    }

    /// The remaining findings, and the counts.
    pub(super) fn finish(mut self) -> (Vec<Finding>, Counts) {
        self.cut();
        (self.kept, self.counts)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dogwatch_content::{FindingBuilder, Row, RowValue};

    use super::*;

    fn detection(name: &str) -> Arc<Detection> {
        let text = format!("name: {name}\nid: {name}\nsearch: a\ntype: TTP\n");
        Arc::new(Detection::parse(Path::new("a.yml"), text.into()).expect("a detection"))
    }

    fn finding(detection: &Arc<Detection>, time: i64, text: &str) -> Finding {
        let fields = vec![
            ("_time".to_owned(), RowValue::Time(time)),
            ("process".to_owned(), RowValue::Texts(vec![text.to_owned()])),
        ];
        FindingBuilder::new(Arc::clone(detection), Some(Arc::default())).build(Row { fields, group: None })
    }

    #[test]
    fn findings_come_newest_first_from_memory_and_from_the_file() {
        let detections = ["b", "a"].map(detection);
        let mut buffer = FindingBuffer::default();
        for detection in &detections {
            buffer.add_detection(detection);
        }
        let long = "x".repeat(IN_MEMORY / 8);
        for time in 0..20 {
            for (number, detection) in detections.iter().enumerate() {
                buffer.push(number, vec![finding(detection, time, &format!("{time} {long}"))]).expect("it is kept");
            }
        }
        assert!(buffer.spill.is_some() && buffer.memory.len() < 10);
        let findings = buffer.finish().expect("it is written");
        assert_eq!(findings.len(), 40);
        let all: Vec<Finding> = findings.map(|finding| finding.expect("it is read")).collect();
        let seen: Vec<(Option<i64>, &str)> =
            all.iter().map(|finding| (finding.time, finding.detection.name.as_str())).collect();
        let expected: Vec<_> = (0..20).rev().flat_map(|time| [(Some(time), "a"), (Some(time), "b")]).collect();
        assert_eq!(seen, expected);
        assert!(all.iter().all(|finding| finding.activity[0].len() > long.len() && finding.key.as_str().len() == 36));
        assert!(all.iter().all(|finding| !finding.detection.search.text.is_empty()), "each has its detection again");
    }

    #[test]
    fn what_a_failed_detection_had_is_dropped() {
        let detections = ["a", "b"].map(detection);
        let mut buffer = FindingBuffer::default();
        for detection in &detections {
            buffer.add_detection(detection);
        }
        for (number, detection) in detections.iter().enumerate() {
            buffer.push(number, vec![finding(detection, 1, "x"), finding(detection, 2, "y")]).expect("it is kept");
        }
        buffer.discard(0);
        let names: Vec<String> = buffer
            .finish()
            .expect("it is written")
            .map(|finding| finding.expect("it is read").detection.name.clone())
            .collect();
        assert_eq!(names, ["b", "b"]);
    }

    #[test]
    fn of_too_many_the_newest_are_kept_and_the_others_counted() {
        let detection = detection("a");
        let mut sieve = Sieve::new(FindingFilter { most: Some(3), ..FindingFilter::default() });
        for time in [5, 1, 9, 7, 3, 8, 2] {
            sieve.add(finding(&detection, time, "x"));
        }
        sieve.add(Finding { suppressed_by: Some("known".to_owned()), ..finding(&detection, 10, "x") });
        let (kept, counts) = sieve.finish();
        assert_eq!(kept.iter().map(|finding| finding.time).collect::<Vec<_>>(), [Some(9), Some(8), Some(7)]);
        assert_eq!((counts.found, counts.suppressed, counts.omitted), (7, 1, 4));
    }
}
