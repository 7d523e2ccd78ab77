//! Rows laid aside by a shared pass: [`Store`] keeps them, in memory up to a limit and on disk beyond it;
//! [`reader`] is the operator that reads them.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use crate::columns::SystemColumn;
use crate::content::RangeReader;

/// So many rows are read at once, or fewer of so many bytes.
const ROWS: usize = 8192;
const BYTES: usize = 16 << 20;

/// How much all stores of a pass may keep in memory.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    /// So many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: AtomicUsize::new(bytes) }
    }

    /// Takes bytes from it, if there are as many.
    fn take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// Reads the batches that went to disk.
type OnDisk = StreamReader<BufReader<RangeReader<'static>>>;

/// The rows of one table.
pub(crate) struct Store {
    schema: SchemaRef,
    budget: Arc<Budget>,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    in_memory: Vec<RecordBatch>,
    on_disk: Option<StreamWriter<BufWriter<File>>>,
}

impl Store {
    /// Nothing yet.
    pub(crate) fn new(schema: SchemaRef, budget: Arc<Budget>) -> Self {
        Self { schema, budget, rows: Mutex::default() }
    }

    /// The columns.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Where a column that every store has stands.
    pub(crate) fn column(&self, column: SystemColumn) -> usize {
        self.schema.index_of(column.name()).unwrap_or_default()
    }

    /// Adds rows.
    pub(crate) fn push(&self, batch: RecordBatch) -> Result<()> {
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

    /// The batches in memory, and a reader of those on disk, which several can read at a time.
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

/// The operator that reads columns of a store, in so many partitions.
///
/// # Errors
/// If the store does not keep one of them.
pub(crate) fn reader(store: &Arc<Store>, schema: &SchemaRef, partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let kept = schema.fields().iter().map(|field| store.schema().index_of(field.name()));
    let columns = kept.collect::<std::result::Result<Vec<_>, _>>()?;
    let count = partitions.max(1);
    let part = |number| {
        let (store, schema, columns) = (Arc::clone(store), Arc::clone(schema), columns.clone());
        Arc::new(Part { store, schema, columns, number, count }) as Arc<dyn PartitionStream>
    };
    let parts = (0..count).map(part).collect();
    Ok(Arc::new(StreamingTableExec::try_new(Arc::clone(schema), parts, None, [], false, None)?))
}

/// Every so manieth batch of a store.
struct Part {
    store: Arc<Store>,
    /// Its own columns, and where they stand in the store.
    schema: SchemaRef,
    columns: Vec<usize>,
    number: usize,
    count: usize,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part {} of {}", self.number, self.count)
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (in_memory, on_disk, failed) = match self.store.open() {
            Ok((in_memory, on_disk)) => (in_memory, on_disk, None),
            Err(error) => (Vec::new(), None, Some(Err(error))),
        };
        let own = in_memory.into_iter().skip(self.number).step_by(self.count).map(Ok);
        // What is on disk is one stream: the first part reads it.
        let on_disk = on_disk.filter(|_| self.number == 0).into_iter().flatten();
        let (shown, schema) = (self.columns.clone(), Arc::clone(&self.schema));
        let mut batches = own.chain(on_disk).map(move |batch| Ok(batch?.project(&shown)?)).chain(failed);
        let batches = std::iter::from_fn(move || together(&mut batches, &schema));
        let batches = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// The next batches as one. What was laid aside comes in small ones, and an expression costs something for each batch.
fn together(
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

    #[test]
    fn small_batches_are_read_together_and_large_ones_are_not() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let read = |rows: u64, count: usize| -> Vec<usize> {
            let column = Arc::new(UInt64Array::from_iter_values(0..rows));
            let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column of the schema");
            let mut batches = std::iter::repeat_with(|| Ok(batch.clone())).take(count);
            std::iter::from_fn(|| together(&mut batches, &schema)).map(|b| b.expect("in memory").num_rows()).collect()
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
        let read = std::iter::from_fn(|| together(&mut batches, &schema));
        let rows: Vec<usize> = read.map(|batch| batch.expect("in memory").num_rows()).collect();
        assert_eq!(rows, [3, 3, 1]);
    }

    #[test]
    fn rows_on_disk_can_be_read_by_several_at_a_time() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
        let store = Store::new(Arc::clone(&schema), Arc::new(Budget::new(0)));
        let batch = |from: u64| {
            let column = Arc::new(UInt64Array::from_iter_values(from..from + 50_000));
            RecordBatch::try_new(Arc::clone(&schema), vec![column]).expect("a column of the schema")
        };
        let pushed: Vec<RecordBatch> = (0..4).map(|number| batch(number * 50_000)).collect();
        pushed.iter().for_each(|batch| store.push(batch.clone()).expect("a temporary file"));
        let reader = || store.open().expect("it was written").1.expect("nothing fits into memory");
        let (mut one, mut other) = (reader(), reader());
        for batch in &pushed {
            assert_eq!(&one.next().expect("a batch").expect("a whole one"), batch);
            assert_eq!(&other.next().expect("a batch").expect("a whole one"), batch);
        }
        assert!(one.next().is_none() && other.next().is_none() && !store.is_empty());
    }
}
