//! Runs the searches of detections and collects their results: rows become findings one by one and go into a buffer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use dogwatch_content::{Detection, Finding, FindingBuilder, SecretRules};
use dogwatch_scan::{SharedScan, SharedTable};
use futures::TryStreamExt;

use super::evidence::{EventIds, Places};
use super::finding_buffer::{FindingBuffer, FindingFilter, Findings, Sieve};
use super::row;
use super::rule_set::Ready;
use crate::datafusion_context::{physical, run};
use crate::error::EngineError;

/// The findings of a run's detections.
pub(super) struct Collection {
    filter: FindingFilter,
    secrets: Option<Arc<SecretRules>>,
    buffer: Mutex<FindingBuffer>,
    /// Hashes the ids of events that have to be located.
    ids: Option<EventIds>,
    /// For each detection, the rows that hold its events.
    rows: Mutex<Vec<Vec<(u64, u64)>>>,
}

impl Collection {
    /// Collects findings that pass a filter, with the locations of their events if requested, and with secrets masked if
    /// rules are given.
    pub(super) fn new(filter: FindingFilter, with_places: bool, secrets: Option<Arc<SecretRules>>) -> Arc<Self> {
        Arc::new(Self {
            filter,
            secrets,
            buffer: Mutex::default(),
            ids: with_places.then(EventIds::default),
            rows: Mutex::default(),
        })
    }

    /// Runs a detection's search over the rows of its tables. A search that fails leaves no findings.
    pub(super) async fn run(
        &self,
        detection: &Arc<Detection>,
        ready: Ready,
        context: &SessionContext,
        tables: &[Arc<SharedTable>],
    ) -> Result<(), EngineError> {
        // Most detections have no rows, and physical planning takes longer than running over a few rows.
        let nothing = !tables.is_empty() && tables.iter().all(|table| table.is_empty());
        if nothing && !ready.makes_rows {
            return Ok(());
        }
        let number = self.buffer().add_detection(detection);
        let collected = self.collect(number, detection, ready.plan, context, tables).await;
        if collected.is_err() {
            self.buffer().discard(number);
        }
        collected
    }

    async fn collect(
        &self,
        number: usize,
        detection: &Arc<Detection>,
        plan: LogicalPlan,
        context: &SessionContext,
        tables: &[Arc<SharedTable>],
    ) -> Result<(), EngineError> {
        let builder = FindingBuilder::new(Arc::clone(detection), self.secrets.clone());
        let (mut sieve, mut ids) = (Sieve::new(self.filter), self.ids.as_ref().map(EventIds::like));
        let mut keep = |findings: Vec<Finding>| {
            if let Some(ids) = &mut ids {
                findings.iter().for_each(|finding| ids.add(finding));
            }
            self.buffer().push(number, findings).map_err(|error| EngineError::temporary(&error))
        };
        let mut batches = run(physical(context, plan).await?, context)?;
        while let Some(batch) = batches.try_next().await? {
            (0..batch.num_rows()).for_each(|at| sieve.add(builder.build(row::read(&batch, at))));
            keep(sieve.take_ready())?;
        }
        drop(batches);
        let (rest, counts) = sieve.finish();
        keep(rest)?;
        self.buffer().count(number, counts);
        if let Some(ids) = &ids {
            let found = ids.rows(tables)?;
            let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            if rows.len() <= number {
                rows.resize_with(number + 1, Vec::new);
            }
            rows[number] = found;
        }
        Ok(())
    }

    fn buffer(&self) -> MutexGuard<'_, FindingBuffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The findings in order. The locations of events are looked up in the pass over the logs.
    ///
    /// # Errors
    /// If a detection is still running, or spilled findings cannot be written.
    pub(super) fn finish(self: Arc<Self>, scan: &SharedScan, threads: usize) -> Result<Findings, EngineError> {
        let still = || EngineError::Internal("a detection still runs".to_owned());
        let Self { buffer, ids, rows, .. } = Arc::into_inner(self).ok_or_else(still)?;
        let buffer = buffer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut findings = buffer.finish().map_err(|error| EngineError::temporary(&error))?;
        if let Some(ids) = ids {
            let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
            findings.places = Places::find(&ids, rows, scan, threads);
        }
        Ok(findings)
    }
}
