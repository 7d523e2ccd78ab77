//! Evidence of findings: the locations of their events in the logs, and the events' records.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt64Type;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::prelude::SessionContext;
use dogwatch_content::{EvidenceEvent, Finding, SecretRules, is_json, mask_raw};
use dogwatch_predicate::Condition;
use dogwatch_scan::{Inputs, ScanRequest, ScanStats, SharedScan, SharedTable, table};
use futures::TryStreamExt;

use super::finding_buffer::Findings;
use crate::datafusion_context::{physical, run};
use crate::error::EngineError;

/// Number of events of a finding that are shown with their records.
const SHOWN: usize = 10;
/// Maximum number of events that are read again in a run. Each is one more literal to search for in the logs.
const SOUGHT: usize = 2000;
/// Memory limit for all records before masking and truncation, bytes. Events beyond it are listed without their records.
const MOST: usize = 256 << 20;
/// Maximum length of an event's records, bytes. An event with the whole body of a Secret or a pod can have megabytes.
const LONGEST: usize = 64 << 10;

/// Hashes of the ids of the events behind a detection's findings: eight bytes per id, however long it is. The author of a
/// log does not know the keys of the hash, so collisions cannot be provoked and are too unlikely to occur by accident.
#[derive(Clone, Default)]
pub(super) struct EventIds {
    state: RandomState,
    hashes: HashSet<u64>,
}

impl EventIds {
    /// An empty set with the hash keys of another set.
    pub(super) fn like(other: &Self) -> Self {
        Self { state: other.state.clone(), hashes: HashSet::new() }
    }

    /// Adds the events of a finding.
    pub(super) fn add(&mut self, finding: &Finding) {
        self.hashes.extend(finding.events.iter().map(|event| self.state.hash_one(&event.event_id)));
    }

    /// The rows of tables that hold these events: the event's hash and the row's number in the pass.
    pub(super) fn rows(&self, tables: &[Arc<SharedTable>]) -> Result<Vec<(u64, u64)>, EngineError> {
        let mut rows = Vec::new();
        if self.hashes.is_empty() {
            return Ok(rows);
        }
        for table in tables {
            let found = table.places(&|id| self.hashes.contains(&self.state.hash_one(id)))?;
            rows.extend(found.into_iter().map(|(id, seq)| (self.state.hash_one(&id), seq)));
        }
        Ok(rows)
    }
}

/// The locations of the events of findings.
#[derive(Default)]
pub(super) struct Places {
    state: RandomState,
    sources: Vec<String>,
    /// For each detection, sorted by event and row.
    rows: Vec<Vec<Placed>>,
}

/// A row that has an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    event: u64,
    seq: u64,
    source: usize,
    line: Option<u64>,
}

impl Places {
    /// Finds the files and lines of rows, given for each detection as returned by [`EventIds::rows`].
    pub(super) fn find(ids: &EventIds, rows: Vec<Vec<(u64, u64)>>, shared: &SharedScan, threads: usize) -> Self {
        let mut seqs: Vec<u64> = rows.iter().flatten().map(|(_, seq)| *seq).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let lines = shared.lines(&seqs, threads);
        let mut sources: Vec<String> = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut of_detection = |rows: Vec<(u64, u64)>| {
            let placed = rows.into_iter().filter_map(|(event, seq)| {
                let line = lines.get(&seq)?;
                let source = match numbers.get(&line.source) {
                    Some(number) => *number,
                    None => {
                        sources.push(line.source.clone());
                        numbers.insert(line.source.clone(), sources.len() - 1);
                        sources.len() - 1
                    }
                };
                Some(Placed { event, seq, source, line: line.number })
            });
            let mut placed: Vec<Placed> = placed.collect();
            placed.sort_unstable();
            placed
        };
        let rows = rows.into_iter().map(&mut of_detection).collect();
        Self { state: ids.state.clone(), sources, rows }
    }

    /// Sets files and lines of a finding's events. An event that occurs in several files is listed once for each.
    pub(super) fn place(&self, detection: usize, finding: &mut Finding) {
        let Some(rows) = self.rows.get(detection).filter(|rows| !rows.is_empty()) else { return };
        let mut events: Vec<EvidenceEvent> = Vec::with_capacity(finding.events.len());
        for event in std::mem::take(&mut finding.events) {
            let hash = self.state.hash_one(&event.event_id);
            let first = rows.partition_point(|placed| placed.event < hash);
            let mut placed: Vec<(usize, Option<u64>)> = Vec::new();
            for row in rows[first..].iter().take_while(|row| row.event == hash) {
                // Several records of an event, or stages of a request, can match: the last one represents them.
                match placed.iter_mut().find(|(source, _)| *source == row.source) {
                    Some((_, line)) => *line = row.line,
                    None => placed.push((row.source, row.line)),
                }
            }
            if placed.is_empty() {
                events.push(event);
                continue;
            }
            events.extend(placed.into_iter().map(|(source, line)| EvidenceEvent {
                event_id: event.event_id.clone(),
                source: self.sources.get(source).cloned(),
                line,
                raw: None,
            }));
        }
        finding.events = events;
    }
}

/// The records of events, by their ids and files.
#[derive(Default)]
pub(super) struct Records(HashMap<(String, Option<String>), String>);

impl Records {
    /// Reads the logs once more for the records of the first events of each finding, up to [`SOUGHT`] events.
    pub(super) async fn read(
        findings: &mut Findings,
        inputs: &Arc<Inputs>,
        context: &SessionContext,
        secrets: Option<&SecretRules>,
    ) -> Result<Self, EngineError> {
        let mut wanted: HashSet<String> = HashSet::new();
        findings.look(&mut |finding| {
            for event in finding.events.iter().take(SHOWN) {
                if wanted.len() < SOUGHT {
                    wanted.insert(event.event_id.clone());
                }
            }
            wanted.len() < SOUGHT
        })?;
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let texts = read_again(&wanted, inputs, context).await?;
        Ok(Self(texts.into_iter().map(|(event, records)| (event, joined(&records, secrets))).collect()))
    }

    /// Sets the records of a finding's first events, in the order of the log.
    pub(super) fn add(&self, finding: &mut Finding) {
        if self.0.is_empty() {
            return;
        }
        for event in finding.events.iter_mut().take(SHOWN) {
            let key = (event.event_id.clone(), event.source.clone());
            event.raw = self.0.get(&key).cloned();
        }
    }
}

/// The records of events, by their ids and files, in the order of the log.
async fn read_again(
    wanted: &HashSet<String>,
    inputs: &Arc<Inputs>,
    context: &SessionContext,
) -> Result<HashMap<(String, Option<String>), Vec<String>>, EngineError> {
    let condition = Condition::Any(wanted.iter().cloned().map(Condition::raw).collect());
    let request = ScanRequest { condition, ..ScanRequest::default() };
    let source = provider_as_source(table(Arc::clone(inputs), request, Arc::new(ScanStats::default())));
    let columns = ["__seq", "event_id", "source", "_raw"].map(datafusion::prelude::col);
    let plan = LogicalPlanBuilder::scan("events", source, None)?.project(columns)?.build()?;
    let plan = physical(context, plan).await?;
    let mut rows: BTreeMap<u64, (String, String, String)> = BTreeMap::new();
    // The scan may emit every event of the logs: unwanted ones are discarded at once.
    let mut size = 0;
    let mut batches = run(plan, context)?;
    while let Some(batch) = batches.try_next().await? {
        let seq = batch.column(0).as_primitive::<UInt64Type>();
        let [id, source, raw] = [1, 2, 3].map(|i| batch.column(i).as_string::<i32>());
        for row in (0..batch.num_rows()).filter(|row| id.is_valid(*row) && wanted.contains(id.value(*row))) {
            let text = |i: &arrow::array::StringArray| i.value(row).to_owned();
            size += raw.value(row).len();
            if size > MOST {
                break;
            }
            rows.insert(seq.value(row), (text(id), text(source), text(raw)));
        }
    }
    let mut texts: HashMap<(String, Option<String>), Vec<String>> = HashMap::new();
    for (id, source, raw) in rows.into_values() {
        texts.entry((id, Some(source))).or_default().push(raw);
    }
    Ok(texts)
}

/// The records of an event, a line each, with their secrets masked if there are rules for it.
fn joined(records: &[String], secrets: Option<&SecretRules>) -> String {
    let mut text = match secrets {
        None => records.join("\n"),
        Some(rules) if records.iter().any(|record| is_json(record)) => {
            records.iter().map(|record| mask_raw(record, rules)).collect::<Vec<_>>().join("\n")
        }
        // A command can continue in the next record.
        Some(rules) => mask_raw(&records.join("\n"), rules).into_owned(),
    };
    if text.len() > LONGEST {
        let end = text.floor_char_boundary(LONGEST);
        text.truncate(end);
        text.push('…');
    }
    text
}
