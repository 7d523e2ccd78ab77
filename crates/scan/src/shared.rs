//! One pass over the inputs for many searches: [`SharedScan`].
//!
//! Each search gets a table of its own ([`SharedScan::table`]), which is empty at first. [`SharedScan::run`] reads the
//! inputs once, with the conditions of all searches: for each row the formats report the tables that it can match, and
//! the row is buffered for those whose condition its fields satisfy. After that, plans over the tables can run; a search
//! whose table is empty need not be planned at all. The buffer has a memory limit and spills to disk beyond it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{Schema, SchemaRef, UInt64Type};
use arrow::error::ArrowError;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::project_schema;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use dogwatch_predicate::Condition;

use crate::columns::{self, SystemColumn};
use crate::inputs::Inputs;
use crate::line_index::LineIndex;
use crate::lines::{Line, lines};
use crate::residual_filter::RowFilter;
use crate::row_builder::{Output, RowBuilder, TimeBounds};
use crate::spill_buffer::{SpillBudget, SpillBuffer, reader};
use crate::stats::ScanStats;
use crate::table::ScanRequest;
use crate::window::ChunkSizes;
use crate::work::{ScanPredicates, Work};

/// A pass over the inputs that several searches share.
pub struct SharedScan {
    inputs: Arc<Inputs>,
    stats: Arc<ScanStats>,
    budget: Arc<SpillBudget>,
    /// Tables whose plans still exist.
    tables: Mutex<Vec<Weak<SharedTable>>>,
    lines: LineIndex,
}

impl SharedScan {
    /// A pass over these inputs that counts into `stats` and buffers rows in memory within a budget.
    pub fn new(inputs: Arc<Inputs>, stats: Arc<ScanStats>, budget: Arc<SpillBudget>) -> Arc<Self> {
        let lines = LineIndex::new(&inputs);
        Arc::new(Self { inputs, stats, budget, tables: Mutex::default(), lines })
    }

    /// A table for one search, with the columns of [`crate::table`]; `_raw` is buffered only if `raw` is set. The table
    /// is empty before [`SharedScan::run`].
    pub fn table(&self, request: ScanRequest, raw: bool) -> Arc<SharedTable> {
        let schema = Arc::new(columns::schema(&request.fields, &self.inputs));
        let kept = schema.fields().iter().filter(|field| raw || field.name() != SystemColumn::Raw.name());
        let kept = Arc::new(Schema::new(kept.cloned().collect::<Vec<_>>()));
        let buffer = Arc::new(SpillBuffer::new(kept, Arc::clone(&self.budget)));
        let table = Arc::new(SharedTable { request, schema, buffer });
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&table));
        table
    }

    /// Reads the inputs once, in this number of threads, for all existing tables. Blocks until done; if cancelled, it
    /// returns soon after, and the tables have only part of their rows.
    ///
    /// # Errors
    /// If rows cannot be spilled. Inputs that cannot be read are counted in the stats.
    pub fn run(&self, threads: usize, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<()> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let tables: Vec<_> = tables.iter().filter_map(Weak::upgrade).collect();
        if tables.is_empty() {
            return Ok(());
        }
        let schema = Arc::new(self.schema(&tables));
        let takers = tables.iter().map(|table| Taker::new(table, &schema)).collect::<Result<Vec<_>>>()?;
        let needs = needs(&takers, schema.fields().len());
        let conditions: Vec<Condition> = tables.iter().map(|table| table.request.condition.clone()).collect();
        let prefilter = tables.iter().all(|table| table.request.prefilter);
        let work =
            Work::new(&self.inputs, &ScanPredicates::Each(&conditions), prefilter, ChunkSizes::default(), &self.stats);
        let bounds = bounds(&tables);
        self.lines.start(&self.inputs, |rank| work.tells_lines(rank));
        let failure: Mutex<Option<DataFusionError>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                scope.spawn(|| {
                    let (takers, failure, lines) = (&takers[..], &failure, &self.lines);
                    let output = Demultiplexer { takers, candidates: Vec::new(), failure, lines, cancelled };
                    let mut rows = RowBuilder::new(Arc::clone(&schema), bounds, output).with_needs(needs.clone());
                    work.run(&mut rows);
                    rows.finish();
                });
            }
        });
        (0..self.inputs.files().len())
            .filter(|rank| work.has_failed(*rank))
            .for_each(|rank| self.lines.break_off(rank));
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// The line numbers of rows of the tables, by their `__seq`, found in `threads` threads.
    pub fn lines(&self, seqs: &[u64], threads: usize) -> BTreeMap<u64, Line> {
        lines(&self.inputs, seqs, threads, &self.lines)
    }

    /// The columns that all tables together keep.
    fn schema(&self, tables: &[Arc<SharedTable>]) -> Schema {
        let mut fields = Vec::new();
        for field in tables.iter().flat_map(|table| &table.request.fields) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        let all = columns::schema(&fields, &self.inputs);
        let raw = tables.iter().any(|table| table.keeps_raw());
        let kept = all.fields().iter().filter(|field| raw || field.name() != SystemColumn::Raw.name());
        Schema::new(kept.cloned().collect::<Vec<_>>())
    }
}

/// For each of `columns` columns, the tables that keep or test it.
fn needs(takers: &[Taker], columns: usize) -> Vec<Vec<u64>> {
    let mut needs = vec![vec![0; takers.len().div_ceil(64)]; columns];
    for (table, taker) in takers.iter().enumerate() {
        for column in taker.columns.iter().copied().chain(taker.filter.columns()) {
            needs[column][table / 64] |= 1 << (table % 64);
        }
    }
    needs
}

/// The smallest time range that covers those of all tables.
fn bounds(tables: &[Arc<SharedTable>]) -> TimeBounds {
    let earliest = tables.iter().map(|table| table.request.earliest).min().flatten();
    let all = tables.iter().all(|table| table.request.latest.is_some());
    TimeBounds { earliest, latest: tables.iter().filter_map(|table| table.request.latest).max().filter(|_| all) }
}

/// Distributes a worker's batches over the tables.
struct Demultiplexer<'a> {
    takers: &'a [Taker],
    /// For each row of the next batch, the tables that it can match; an empty set if nothing is known.
    candidates: Vec<Vec<u64>>,
    failure: &'a Mutex<Option<DataFusionError>>,
    lines: &'a LineIndex,
    cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Demultiplexer<'_> {
    /// The rows that can match a table's condition.
    fn rows_for(&self, table: usize, rows: usize) -> Vec<u32> {
        let wanted = |row: &u32| match self.candidates.get(*row as usize) {
            Some(set) if !set.is_empty() => set.get(table / 64).is_some_and(|word| word & (1 << (table % 64)) != 0),
            _ => true,
        };
        (0..u32::try_from(rows).unwrap_or(u32::MAX)).filter(wanted).collect()
    }

    fn take(&self, batch: &RecordBatch) -> Result<()> {
        for (number, taker) in self.takers.iter().enumerate() {
            let rows = self.rows_for(number, batch.num_rows());
            if !rows.is_empty() {
                taker.take(batch, rows)?;
            }
        }
        Ok(())
    }
}

impl Output for Demultiplexer<'_> {
    fn send(&mut self, batch: std::result::Result<RecordBatch, ArrowError>) -> ControlFlow<()> {
        match batch.map_err(DataFusionError::from).and_then(|batch| self.take(&batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    }

    fn candidates(&mut self, rows: &mut Vec<Vec<u64>>) {
        std::mem::swap(&mut self.candidates, rows);
    }

    fn lines(&mut self, rank: usize, block: usize, count: u16) {
        self.lines.add(rank, block, count);
    }

    fn buffers_across_chunks(&self) -> bool {
        true
    }

    fn is_closed(&self) -> bool {
        (self.cancelled)() || self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// Selects one table's rows from the batches of the pass.
struct Taker {
    filter: RowFilter,
    /// Indices of the batch's columns that it keeps, in the order of its buffer.
    columns: Vec<usize>,
    buffer: Arc<SpillBuffer>,
}

impl Taker {
    fn new(table: &SharedTable, schema: &SchemaRef) -> Result<Self> {
        let kept = table.buffer.schema().fields().iter();
        let columns = kept.map(|field| schema.index_of(field.name())).collect::<std::result::Result<_, _>>()?;
        Ok(Self {
            filter: RowFilter::new(&table.request.condition, schema),
            columns,
            buffer: Arc::clone(&table.buffer),
        })
    }

    fn take(&self, batch: &RecordBatch, mut rows: Vec<u32>) -> Result<()> {
        rows.retain(|row| self.filter.admits(batch, *row as usize));
        if rows.is_empty() {
            return Ok(());
        }
        let kept = batch.project(&self.columns)?;
        self.buffer.push(take_record_batch(&kept, &UInt32Array::from(rows))?)
    }
}

/// See [`SharedScan::table`].
pub struct SharedTable {
    request: ScanRequest,
    schema: SchemaRef,
    buffer: Arc<SpillBuffer>,
}

impl SharedTable {
    /// Whether it has no rows, after [`SharedScan::run`].
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Number of rows, after [`SharedScan::run`].
    #[cfg(test)]
    pub(crate) fn rows(&self) -> usize {
        let mut rows = 0;
        self.buffer.each(&mut |batch| rows += batch.num_rows()).map_or(0, |()| rows)
    }

    fn keeps_raw(&self) -> bool {
        self.buffer.schema().index_of(SystemColumn::Raw.name()).is_ok()
    }

    /// The locations of events: for each of the table's rows whose `event_id` is wanted, the id and the row's `__seq`,
    /// unordered.
    ///
    /// # Errors
    /// If spilled rows cannot be read.
    pub fn places(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<(String, u64)>> {
        let (id, seq) = (self.buffer.column(SystemColumn::EventId), self.buffer.column(SystemColumn::Seq));
        let mut places = Vec::new();
        self.buffer.each(&mut |batch| {
            let ids = batch.column(id).as_string::<i32>();
            let seqs = batch.column(seq).as_primitive::<UInt64Type>();
            for row in (0..batch.num_rows()).filter(|row| ids.is_valid(*row) && wanted(ids.value(*row))) {
                places.push((ids.value(row).to_owned(), seqs.value(row)));
            }
        })?;
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }
}

impl fmt::Debug for SharedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTable").field("request", &self.request).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SharedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shown = project_schema(&self.schema, projection)?;
        reader(&self.buffer, &shown, state.config().target_partitions())
    }
}
