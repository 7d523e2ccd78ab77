//! Memory accounting for windows. DataFusion's operator for windows over all rows, `WindowAggExec`, holds its input and
//! its results without reserving memory from the pool. [`reserve`] does that for it.
//!
//! The wrapper is put around the operator when a plan starts to run. It never becomes part of a plan: plans consist of
//! DataFusion's own operators.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::windows::WindowAggExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use dogwatch_plan::window_owner;
use futures::{StreamExt, TryStreamExt};

/// Bytes that a window needs per row besides the row itself: the group number, and the row number while results are put
/// in order.
const PER_ROW: usize = 16;

/// Additional bytes per row for grouping: a copy of the key, an entry in the table of groups, the state of an aggregate.
/// Measured with one group per row.
const PER_GROUP: usize = 80;

/// Bytes of a result per row. Text and lists are counted where they are built.
const PER_RESULT: usize = 16;

/// Wraps the windows of a plan so that their memory is reserved when it runs.
///
/// # Errors
/// If DataFusion cannot rebuild the plan.
pub(crate) fn reserve(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    if !plan.exists(|node| Ok(node.is::<WindowAggExec>()))? {
        return Ok(plan);
    }
    let wrap = |node: Arc<dyn ExecutionPlan>| {
        let Some(window) = node.downcast_ref::<WindowAggExec>() else { return Ok(Transformed::no(node)) };
        let names = window.window_expr().iter().map(|expr| expr.name());
        let owner = names.clone().find_map(window_owner).unwrap_or("a command").to_owned();
        let groups = window.window_expr().iter().any(|expr| expr.expressions().len() > 1);
        let per_row = PER_ROW + names.count() * PER_RESULT + if groups { PER_GROUP } else { 0 };
        Ok(Transformed::yes(Arc::new(ReservedWindow { window: node, owner, per_row }) as Arc<dyn ExecutionPlan>))
    };
    plan.transform_up(wrap).data()
}

/// A window whose memory is reserved.
struct ReservedWindow {
    window: Arc<dyn ExecutionPlan>,
    /// The command that needs the memory, for the error message.
    owner: String,
    /// Bytes that it needs per row besides the row itself.
    per_row: usize,
}

impl fmt::Debug for ReservedWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.window.fmt(f)
    }
}

impl DisplayAs for ReservedWindow {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.window.fmt_as(kind, f)
    }
}

impl ExecutionPlan for ReservedWindow {
    fn name(&self) -> &str {
        "ReservedWindow"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.window.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.window.children()
    }

    fn apply_expressions(
        &self,
        see: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.window.apply_expressions(see)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        let window = Arc::clone(&self.window).replace_children(children, options)?;
        Ok(Arc::new(Self { window, owner: self.owner.clone(), per_row: self.per_row }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let children = self.window.children();
        let [child] = children.as_slice() else { return Err(internal_datafusion_err!("a window has one input")) };
        let reservation = Arc::new(MemoryConsumer::new(self.owner.as_str()).register(context.memory_pool()));
        let counted = self.counted(child.execute(partition, Arc::clone(&context))?, &reservation, &context);
        let source = Running::source(counted)?;
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
        let window = Arc::clone(&self.window).replace_children(vec![source], options)?;
        let rows = context.session_config().batch_size();
        Ok(released(window.execute(partition, context)?, reservation, rows))
    }
}

impl ReservedWindow {
    /// The input, with its memory reserved. The operator keeps it, and copies it into one batch at the end.
    fn counted(
        &self,
        input: SendableRecordBatchStream,
        reservation: &Arc<MemoryReservation>,
        context: &TaskContext,
    ) -> SendableRecordBatchStream {
        let schema = input.schema();
        let (reservation, owner, per_row) = (Arc::clone(reservation), self.owner.clone(), self.per_row);
        let limit = match context.memory_pool().memory_limit() {
            MemoryLimit::Finite(bytes) => format!("of {} MiB", bytes >> 20),
            _ => "there".to_owned(),
        };
        let counted = input.map(move |batch| {
            let batch = batch?;
            let more = 2 * size(&batch)? + per_row * batch.num_rows();
            reservation.try_grow(more).map_err(|_| {
                let why = format!("{owner} needs all its rows at once, and they take more than what is left {limit}");
                DataFusionError::ResourcesExhausted(why)
            })?;
            Ok(batch)
        });
        Box::pin(RecordBatchStreamAdapter::new(schema, counted))
    }
}

/// The bytes of a batch's rows. Its columns can be slices of larger arrays that are counted elsewhere.
fn size(batch: &RecordBatch) -> Result<usize> {
    let mut bytes = 0;
    for column in batch.columns() {
        bytes += column.to_data().get_slice_memory_size()?;
    }
    Ok(bytes)
}

/// Splits the results of a window, which arrive all at once, into batches of `rows` rows that own their memory, so that a
/// sort behind it can spill. The operator's memory is released before the first batch.
fn released(
    results: SendableRecordBatchStream,
    reservation: Arc<MemoryReservation>,
    rows: usize,
) -> SendableRecordBatchStream {
    let schema = results.schema();
    let whole = async move {
        let batches: Vec<RecordBatch> = results.try_collect().await?;
        let mut held = 0;
        for batch in &batches {
            held += size(batch)?;
        }
        // The remaining memory is less than the reservation, except for results that are large themselves.
        reservation.shrink(reservation.size().saturating_sub(held));
        let parts = batches.into_iter().flat_map(move |batch| divided(batch, rows)).inspect(move |_| {
            let _until_the_last = &reservation;
        });
        Ok::<_, DataFusionError>(futures::stream::iter(parts))
    };
    let stream = futures::stream::once(whole).try_flatten();
    Box::pin(RecordBatchStreamAdapter::new(schema, stream))
}

/// Slices of a batch of at most `rows` rows.
fn divided(batch: RecordBatch, rows: usize) -> impl Iterator<Item = Result<RecordBatch>> {
    let count = batch.num_rows();
    (0..count).step_by(rows.max(1)).map(move |start| {
        if count <= rows {
            return Ok(batch.clone());
        }
        let part = UInt64Array::from_iter_values(start as u64..count.min(start + rows) as u64);
        Ok(take_record_batch(&batch, &part)?)
    })
}

/// The one partition of a stream that is already running.
struct Running {
    schema: SchemaRef,
    stream: Mutex<Option<SendableRecordBatchStream>>,
}

impl Running {
    /// An operator that gives the stream, once.
    fn source(stream: SendableRecordBatchStream) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = stream.schema();
        let running = Arc::new(Self { schema: Arc::clone(&schema), stream: Mutex::new(Some(stream)) });
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![running], None, [], false, None)?))
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl PartitionStream for Running {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take().unwrap_or_else(|| {
            let again = Err(internal_datafusion_err!("a window reads its input once"));
            let schema = Arc::clone(&self.schema);
            Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::once(std::future::ready(again))))
        })
    }
}
