//! A planned search: the schema of its results, their stream, and warnings that only a run can determine.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use dogwatch_scan::{InputError, ScanStats};
use dogwatch_syntax::{Diagnostic, Severity, Sources, walk};
use futures::Stream;

use crate::datafusion_context;
use crate::error::EngineError;
use crate::session::Prepared;
use crate::unknown_fields;

/// A planned search.
pub struct Search {
    schema: SchemaRef,
    physical: Arc<dyn ExecutionPlan>,
    prepared: Prepared,
    seen: Arc<Seen>,
}

/// Statistics of the results so far.
struct Seen {
    rows: AtomicU64,
    /// For each column, whether a row had a value.
    columns: Vec<AtomicBool>,
}

impl Search {
    /// A search whose plan is ready to run.
    pub(crate) fn new(schema: SchemaRef, physical: Arc<dyn ExecutionPlan>, prepared: Prepared) -> Self {
        let columns = schema.fields().iter().map(|_| AtomicBool::new(false)).collect();
        Self { schema, physical, prepared, seen: Arc::new(Seen { rows: AtomicU64::new(0), columns }) }
    }

    /// The columns of the results, in order.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Notes and warnings about the search.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.prepared.planned.diagnostics
    }

    /// The texts that the diagnostics refer to.
    pub fn sources(&self) -> &Sources {
        &self.prepared.parsed.sources
    }

    /// The inputs that could not be searched, and why.
    pub fn take_input_errors(&mut self) -> Vec<InputError> {
        std::mem::take(&mut self.prepared.errors)
    }

    /// Number of files in directories that were skipped because they are not logs.
    pub fn skipped(&self) -> usize {
        self.prepared.catalog.inputs.skipped()
    }

    /// Counts of what is read, while it runs and after.
    pub fn stats(&self) -> Arc<ScanStats> {
        Arc::clone(&self.prepared.catalog.stats)
    }

    /// The plan that [`Search::stream`] runs, for callers that run it elsewhere.
    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.physical
    }

    /// Runs the search. Dropping the stream stops it.
    ///
    /// # Errors
    /// If DataFusion cannot start the plan.
    pub fn stream(
        &mut self,
    ) -> Result<impl Stream<Item = Result<RecordBatch, EngineError>> + Unpin + use<>, EngineError> {
        let stream = datafusion_context::run(Arc::clone(&self.physical), &self.prepared.catalog.context)?;
        Ok(Results { stream, seen: Arc::clone(&self.seen) })
    }

    /// Warnings that only the run can determine, after the stream has ended: fields that no event has.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let rows = self.seen.rows.load(Ordering::Relaxed);
        if let Some(cut) = dogwatch_plan::commands::after_run(&self.prepared.parsed.pipeline, rows) {
            return vec![cut];
        }
        let empty = |(i, _): (usize, &AtomicBool)| !self.seen.columns[i].load(Ordering::Relaxed);
        if rows > 0 && !self.seen.columns.iter().enumerate().any(empty) {
            return vec![];
        }
        let reads: Vec<BTreeSet<String>> =
            self.prepared.planned.reads.iter().map(|request| request.fields.iter().cloned().collect()).collect();
        let mut warnings = unknown_fields::warnings(
            &self.prepared.catalog.inputs,
            &reads,
            &walk::field_references(&self.prepared.parsed.pipeline),
        );
        warnings.retain(|w| w.severity == Severity::Warning);
        warnings
    }
}

/// The stream of results, which records the columns that have values.
struct Results {
    stream: SendableRecordBatchStream,
    seen: Arc<Seen>,
}

impl Stream for Results {
    type Item = Result<RecordBatch, EngineError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled: Poll<Option<Result<RecordBatch, DataFusionError>>> = self.stream.as_mut().poll_next(context);
        polled.map(|next| {
            next.map(|result| {
                let batch = result?;
                self.seen.rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                for (column, seen) in batch.columns().iter().zip(&self.seen.columns) {
                    if column.logical_null_count() < column.len() {
                        seen.store(true, Ordering::Relaxed);
                    }
                }
                Ok(batch)
            })
        })
    }
}
