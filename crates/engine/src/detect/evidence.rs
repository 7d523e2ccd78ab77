//! Where the events of findings stand in the logs, and what they say.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::datatypes::UInt64Type;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use dogwatch_content::{EvidenceEvent, Finding, mask_raw};
use dogwatch_formats::Condition;
use dogwatch_scan::{Inputs, ScanRequest, ScanStats, SharedScan, SharedTable, table};
use futures::TryStreamExt;

use super::Evidence;
use crate::error::EngineError;
use crate::runtime_profile::physical;

/// How many events of a finding are shown with their records.
const SHOWN: usize = 10;
/// How many events are looked for again in all. Each is a word to look for in the logs.
const SOUGHT: usize = 2000;
/// How much is kept of all records together before they are masked and cut, bytes. Events beyond it are only named.
const MOST: usize = 256 << 20;
/// How much of an event's records is kept, bytes. An event with a Secret's or a pod's whole body can have megabytes.
const LONGEST: usize = 64 << 10;

/// Findings, and the places of their events.
#[derive(Default)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    /// For each finding, by the number of its event, where it stands.
    places: Vec<Vec<(usize, u64)>>,
}

impl Found {
    /// Adds the findings of a detection, and looks up in its tables where their events stand.
    pub(super) fn add(
        &mut self,
        findings: Vec<Finding>,
        tables: &[Arc<SharedTable>],
        evidence: Evidence,
    ) -> Result<(), EngineError> {
        let mut places: HashMap<String, Vec<u64>> = HashMap::new();
        if evidence >= Evidence::Places && !findings.is_empty() {
            let wanted: HashSet<&str> =
                findings.iter().flat_map(|f| &f.events).map(|event| event.event_id.as_str()).collect();
            for table in tables {
                for (id, seq) in table.places(&|id| wanted.contains(id))? {
                    places.entry(id).or_default().push(seq);
                }
            }
        }
        for finding in findings {
            let of_event = |(i, event): (usize, &EvidenceEvent)| {
                places.get(&event.event_id).into_iter().flatten().map(move |seq| (i, *seq)).collect::<Vec<_>>()
            };
            self.places.push(finding.events.iter().enumerate().flat_map(of_event).collect());
            self.findings.push(finding);
        }
        Ok(())
    }

    /// Gives the events their files and lines. An event that stands in several files is named for each.
    pub(super) fn place(&mut self, shared: &SharedScan, threads: usize) {
        let seqs: Vec<u64> = self.places.iter().flatten().map(|(_, seq)| *seq).collect();
        let lines = shared.lines(&seqs, threads);
        for (finding, places) in self.findings.iter_mut().zip(&self.places) {
            let mut placed: Vec<Vec<EvidenceEvent>> = vec![Vec::new(); finding.events.len()];
            for (event, seq) in places {
                let Some(line) = lines.get(seq) else { continue };
                // Several records of an event can match, several stages of a request: the last stands for them.
                match placed[*event].iter_mut().find(|known| known.source.as_deref() == Some(&line.source)) {
                    Some(known) => known.line = line.number,
                    None => placed[*event].push(EvidenceEvent {
                        event_id: finding.events[*event].event_id.clone(),
                        source: Some(line.source.clone()),
                        line: line.number,
                        raw: None,
                    }),
                }
            }
            let events = std::mem::take(&mut finding.events);
            let each = events.into_iter().zip(placed);
            finding.events =
                each.flat_map(|(event, placed)| if placed.is_empty() { vec![event] } else { placed }).collect();
        }
    }
}

/// Gives the first events of each finding their records, in the order of the log.
pub(super) async fn records(
    findings: &mut [Finding],
    inputs: &Arc<Inputs>,
    context: &SessionContext,
    show_secrets: bool,
) -> Result<(), EngineError> {
    let shown = findings.iter().flat_map(|finding| finding.events.iter().take(SHOWN));
    let mut wanted: HashSet<String> = HashSet::new();
    for event in shown {
        if wanted.len() < SOUGHT {
            wanted.insert(event.event_id.clone());
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let texts = read_again(&wanted, inputs, context).await?;
    for finding in findings {
        for event in finding.events.iter_mut().take(SHOWN) {
            let key = (event.event_id.clone(), event.source.clone());
            event.raw = texts.get(&key).map(|records| joined(records, show_secrets));
        }
    }
    Ok(())
}

/// The records of events, by their ids and files, in the order of the log.
async fn read_again(
    wanted: &HashSet<String>,
    inputs: &Arc<Inputs>,
    context: &SessionContext,
) -> Result<HashMap<(String, Option<String>), Vec<String>>, EngineError> {
    let condition = Condition::Any(wanted.iter().cloned().map(Condition::Raw).collect());
    let request = ScanRequest { condition, ..ScanRequest::default() };
    let source = provider_as_source(table(Arc::clone(inputs), request, Arc::new(ScanStats::default())));
    let columns = ["__seq", "event_id", "source", "_raw"].map(datafusion::prelude::col);
    let plan = LogicalPlanBuilder::scan("events", source, None)?.project(columns)?.build()?;
    let plan = physical(context, plan).await?;
    let mut rows: BTreeMap<u64, (String, String, String)> = BTreeMap::new();
    // The scan may hand out every event of the logs: none is kept that is not wanted.
    let mut size = 0;
    let mut batches = execute_stream(plan, context.task_ctx())?;
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

/// The records of an event, a line each.
fn joined(records: &[String], show_secrets: bool) -> String {
    let is_json = |record: &String| record.trim_start().starts_with('{');
    let mut text = match (show_secrets, records.iter().any(is_json)) {
        (true, _) => records.join("\n"),
        (false, true) => records.iter().map(|record| mask_raw(record)).collect::<Vec<_>>().join("\n"),
        // A command can go on in the next record.
        (false, false) => mask_raw(&records.join("\n")).into_owned(),
    };
    if text.len() > LONGEST {
        let end = text.floor_char_boundary(LONGEST);
        text.truncate(end);
        text.push('…');
    }
    text
}
