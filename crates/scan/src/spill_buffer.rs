//! Buffered rows: [`SpillBuffer`] keeps them in memory up to a limit and spills to a temporary file beyond it, [`reader`]
//! is the operator that reads them, [`SpillTable`] exposes them as a table.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::project_schema;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use crate::columns::SystemColumn;
use crate::range_reader::RangeReader;

/// Target size of a batch that is read, in rows and in bytes.
const ROWS: usize = 8192;
const BYTES: usize = 16 << 20;

/// Memory limit shared by several buffers. What they use is reserved from the memory pool of the run, until the last of
/// them is dropped.
#[derive(Debug)]
pub struct SpillBudget {
    left: AtomicUsize,
    reservation: MemoryReservation,
}

impl SpillBudget {
    /// A budget of this many bytes of a pool.
    pub fn new(bytes: usize, pool: &Arc<dyn MemoryPool>) -> Self {
        Self { left: AtomicUsize::new(bytes), reservation: MemoryConsumer::new("buffered rows").register(pool) }
    }

    /// Reserves bytes from the budget, if enough are left.
    fn take(&self, bytes: usize) -> bool {
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        if taken.is_err() {
            return false;
        }
        let reserved = self.reservation.try_grow(bytes);
        if reserved.is_err() {
            self.left.fetch_add(bytes, Ordering::Relaxed);
        }
        reserved.is_ok()
    }
}

/// Reads the batches that went to disk.
type OnDisk = StreamReader<BufReader<RangeReader<'static>>>;

/// Rows kept until they are read, once or several times.
pub struct SpillBuffer {
    schema: SchemaRef,
    budget: Arc<SpillBudget>,
    rows: Mutex<Buffered>,
}

#[derive(Default)]
struct Buffered {
    in_memory: Vec<RecordBatch>,
    on_disk: Option<StreamWriter<BufWriter<File>>>,
}

impl SpillBuffer {
    /// An empty buffer of rows with these columns.
    pub fn new(schema: SchemaRef, budget: Arc<SpillBudget>) -> Self {
        Self { schema, budget, rows: Mutex::default() }
    }

    /// The columns.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The index of a system column, which every buffer of events has.
    pub(crate) fn column(&self, column: SystemColumn) -> usize {
        self.schema.index_of(column.name()).unwrap_or_default()
    }

    /// Adds rows.
    ///
    /// # Errors
    /// If a temporary file is needed and cannot be written.
    pub fn push(&self, batch: RecordBatch) -> Result<()> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.on_disk.is_none() && self.budget.take(batch.get_array_memory_size()) {
            rows.in_memory.push(batch);
            return Ok(());
        }
        let writer = match &mut rows.on_disk {
            Some(writer) => writer,
            none => {
                let file = BufWriter::new(tempfile::tempfile()?);
                none.insert(StreamWriter::try_new(file, &self.schema)?)
            }
        };
        Ok(writer.write(&batch)?)
    }

    /// The batches in memory, and a reader of those on disk. Several readers can be open at a time.
    fn open(&self) -> Result<(Vec<RecordBatch>, Option<OnDisk>)> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = match &mut rows.on_disk {
            None => None,
            Some(writer) => {
                writer.flush()?;
                let file = writer.get_ref().get_ref().try_clone()?;
                let length = file.metadata()?.len();
                let reader = RangeReader::new(Arc::new(file), 0, length);
                Some(StreamReader::try_new(BufReader::new(reader), None)?)
            }
        };
        Ok((rows.in_memory.clone(), reader))
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.in_memory.is_empty() && rows.on_disk.is_none()
    }

    /// Every batch in turn.
    pub(crate) fn each(&self, see: &mut dyn FnMut(&RecordBatch)) -> Result<()> {
        let (in_memory, on_disk) = self.open()?;
        in_memory.iter().for_each(&mut *see);
        for batch in on_disk.into_iter().flatten() {
            see(&batch?);
        }
        Ok(())
    }
}

/// The operator that reads columns of a buffer, in this many partitions.
///
/// # Errors
/// If the buffer does not keep one of them.
pub(crate) fn reader(
    buffer: &Arc<SpillBuffer>,
    schema: &SchemaRef,
    partitions: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    let kept = schema.fields().iter().map(|field| buffer.schema().index_of(field.name()));
    let columns = kept.collect::<std::result::Result<Vec<_>, _>>()?;
    let count = partitions.max(1);
    let part = |number| {
        let (buffer, schema, columns) = (Arc::clone(buffer), Arc::clone(schema), columns.clone());
        Arc::new(EveryNth { buffer, schema, columns, number, count }) as Arc<dyn PartitionStream>
    };
    let parts = (0..count).map(part).collect();
    Ok(Arc::new(StreamingTableExec::try_new(Arc::clone(schema), parts, None, [], false, None)?))
}

/// A table of the rows of a buffer.
pub struct SpillTable(Arc<SpillBuffer>);

impl SpillTable {
    /// A table of the rows that the buffer has when the table is read.
    pub fn new(buffer: SpillBuffer) -> Self {
        Self(Arc::new(buffer))
    }
}

impl fmt::Debug for SpillTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpillTable").field("schema", self.0.schema()).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SpillTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.0.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shown = project_schema(self.0.schema(), projection)?;
        reader(&self.0, &shown, state.config().target_partitions())
    }
}

/// Every n-th batch of a buffer.
struct EveryNth {
    buffer: Arc<SpillBuffer>,
    /// Its own columns, and their indices in the buffer.
    schema: SchemaRef,
    columns: Vec<usize>,
    number: usize,
    count: usize,
}

impl fmt::Debug for EveryNth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partition {} of {}", self.number, self.count)
    }
}

impl PartitionStream for EveryNth {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (in_memory, on_disk, failed) = match self.buffer.open() {
            Ok((in_memory, on_disk)) => (in_memory, on_disk, None),
            Err(error) => (Vec::new(), None, Some(Err(error))),
        };
        let own = in_memory.into_iter().skip(self.number).step_by(self.count).map(Ok);
        // The batches on disk form one stream: the first partition reads it.
        let on_disk = on_disk.filter(|_| self.number == 0).into_iter().flatten();
        let (shown, schema) = (self.columns.clone(), Arc::clone(&self.schema));
        let mut batches = own.chain(on_disk).map(move |batch| Ok(batch?.project(&shown)?)).chain(failed);
        let batches = std::iter::from_fn(move || coalesce(&mut batches, &schema));
        let batches = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// Concatenates the next batches. They are small, and evaluating an expression has a cost per batch.
fn coalesce(
    batches: &mut impl Iterator<Item = Result<RecordBatch>>,
    schema: &SchemaRef,
) -> Option<Result<RecordBatch>> {
    let mut parts = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    while rows < ROWS
        && bytes < BYTES
        && let Some(batch) = batches.next()
    {
        match batch {
            Ok(batch) => {
                rows += batch.num_rows();
                bytes += batch.get_array_memory_size();
                parts.push(batch);
            }
            Err(error) => return Some(Err(error)),
        }
    }
    (!parts.is_empty()).then(|| Ok(concat_batches(schema, &parts)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{StringArray, UInt64Array};
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::execution::memory_pool::GreedyMemoryPool;

    #[test]
    fn small_batches_are_read_together_and_large_ones_are_not() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let read = |rows: u64, count: usize| -> Vec<usize> {
            let column = Arc::new(UInt64Array::from_iter_values(0..rows));
            let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column of the schema");
            let mut batches = std::iter::repeat_with(|| Ok(batch.clone())).take(count);
            std::iter::from_fn(|| coalesce(&mut batches, &schema)).map(|b| b.expect("in memory").num_rows()).collect()
        };
        assert_eq!(read(100, 90), [8200, 800]);
        assert_eq!(read(8192, 2), [8192, 8192]);
        assert_eq!(read(7000, 3), [14_000, 7000]);
    }

    #[test]
    fn batches_of_few_large_rows_are_bounded_by_their_bytes() {
        let schema = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8, false)]));
        let column = Arc::new(StringArray::from_iter_values(["x".repeat(6 << 20)]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column of the schema");
        let mut batches = std::iter::repeat_with(|| Ok(batch.clone())).take(7);
        let read = std::iter::from_fn(|| coalesce(&mut batches, &schema));
        let rows: Vec<usize> = read.map(|batch| batch.expect("in memory").num_rows()).collect();
        assert_eq!(rows, [3, 3, 1]);
    }

    #[test]
    fn what_the_pool_has_no_room_for_goes_to_disk() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(100_000));
        let buffer = SpillBuffer::new(Arc::clone(&schema), Arc::new(SpillBudget::new(1 << 20, &pool)));
        for _ in 0..3 {
            let column = Arc::new(UInt64Array::from_iter_values(0..8_000));
            buffer.push(RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column")).expect("a file");
        }
        let (in_memory, on_disk) = buffer.open().expect("it was written");
        assert_eq!((in_memory.len(), on_disk.map_or(0, Iterator::count)), (1, 2));
        assert!(pool.reserved() >= 64_000);
        drop((in_memory, buffer));
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn rows_on_disk_can_be_read_by_several_at_a_time() {
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(1 << 20));
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let buffer = SpillBuffer::new(Arc::clone(&schema), Arc::new(SpillBudget::new(0, &pool)));
        let batch = |from: u64| {
            let column = Arc::new(UInt64Array::from_iter_values(from..from + 50_000));
            RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column of the schema")
        };
        let pushed: Vec<RecordBatch> = (0..4).map(|number| batch(number * 50_000)).collect();
        pushed.iter().for_each(|batch| buffer.push(batch.clone()).expect("a temporary file"));
        let reader = || buffer.open().expect("it was written").1.expect("nothing fits into memory");
        let (mut one, mut other) = (reader(), reader());
        for batch in &pushed {
            assert_eq!(&one.next().expect("a batch").expect("a whole one"), batch);
            assert_eq!(&other.next().expect("a batch").expect("a whole one"), batch);
        }
        assert!(one.next().is_none() && other.next().is_none() && !buffer.is_empty());
    }
}
