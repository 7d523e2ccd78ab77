//! The scan operator: one blocking worker per output partition, all drawing from the same [`Work`].

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use dogwatch_predicate::Condition;
use tokio::sync::mpsc::Sender;

use crate::inputs::Inputs;
use crate::prune;
use crate::row_builder::{Output, RowBuilder};
use crate::stats::ScanStats;
use crate::table::ScanRequest;
use crate::work::{ScanPredicates, Work};

/// Capacity of a partition's channel to the next operator, in batches.
const WAITING: usize = 2;

/// Reads the inputs. The partitions share the work, so the partition in which a row comes out is not fixed.
pub(crate) struct LogScanExec {
    inputs: Arc<Inputs>,
    request: Arc<ScanRequest>,
    stats: Arc<ScanStats>,
    schema: SchemaRef,
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
    runs: Mutex<Runs>,
}

/// The work of each run of the plan, and the number of runs started for each partition.
#[derive(Default)]
struct Runs {
    of_partition: Vec<usize>,
    works: Vec<Arc<Run>>,
}

/// The destination of a partition's batches.
struct Channel {
    tx: Sender<Result<RecordBatch>>,
    run: Arc<Run>,
    limit: usize,
}

impl Output for Channel {
    fn send(&mut self, batch: Result<RecordBatch, ArrowError>) -> ControlFlow<()> {
        let rows = batch.as_ref().map_or(0, RecordBatch::num_rows);
        let failed = batch.is_err();
        let sent = self.tx.blocking_send(batch.map_err(DataFusionError::from)).is_ok();
        let rows = self.run.rows.fetch_add(rows, Ordering::Relaxed).saturating_add(rows);
        if sent && !failed && rows < self.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn is_closed(&self) -> bool {
        self.tx.is_closed() || self.run.rows.load(Ordering::Relaxed) >= self.limit
    }
}

/// One run of the plan.
struct Run {
    work: Work,
    /// Rows that have left it.
    rows: AtomicUsize,
}

impl LogScanExec {
    pub(crate) fn new(
        inputs: Arc<Inputs>,
        request: Arc<ScanRequest>,
        stats: Arc<ScanStats>,
        schema: SchemaRef,
        partitions: usize,
        limit: Option<usize>,
    ) -> Self {
        let partitions = partitions.max(1);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let properties = Arc::new(properties.with_scheduling_type(SchedulingType::Cooperative));
        let runs = Mutex::new(Runs { of_partition: vec![0; partitions], works: Vec::new() });
        Self { inputs, request, stats, schema, limit, properties, runs }
    }

    /// The run that a partition takes part in: the n-th execution of a partition belongs to the n-th run.
    fn run(&self, partition: usize) -> Result<Arc<Run>> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = runs.of_partition.get_mut(partition) else {
            return Err(DataFusionError::Internal(format!("LogScan has no partition {partition}")));
        };
        let number = *count;
        *count += 1;
        while runs.works.len() <= number {
            let request = &self.request;
            let work = Work::new(
                &self.inputs,
                &ScanPredicates::One(&request.condition),
                request.prefilter,
                request.sizes,
                &self.stats,
            );
            runs.works.push(Arc::new(Run { work, rows: AtomicUsize::new(0) }));
        }
        Ok(Arc::clone(&runs.works[number]))
    }
}

impl fmt::Debug for LogScanExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as(DisplayFormatType::Default, f)
    }
}

impl DisplayAs for LogScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let words = match &self.request.condition {
            Condition::Anything => String::new(),
            condition => prune::words(condition),
        };
        write!(f, "LogScan: files={}, fields=[{}], words=[{words}]", self.inputs.files().len(), fields.join(", "))?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for LogScanExec {
    fn name(&self) -> &str {
        "LogScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let run = self.run(partition)?;
        let mut builder = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), WAITING);
        let tx = builder.tx();
        let schema = Arc::clone(&self.schema);
        let bounds = self.request.bounds();
        let output = Channel { tx, run: Arc::clone(&run), limit: self.limit.unwrap_or(usize::MAX) };
        builder.spawn_blocking(move || {
            run.work.run(&mut RowBuilder::new(schema, bounds, output));
            Ok(())
        });
        Ok(builder.build())
    }
}
