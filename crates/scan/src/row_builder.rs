//! The visitor that builds record batches from rows. Only projected columns are built, and only their values are decoded.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use dogwatch_formats::{Malformed, RowMeta, RowVisitor, Slot};

use crate::column_builder::ColumnBuilder;
use crate::columns::{SEQ_BITS, SystemColumn};
use crate::inputs::InputFile;
use crate::line_index::block_of;
use crate::projection::Projection;
use crate::reading::Sink;
use crate::stats::Tally;
use crate::work::Worker;

/// Maximum rows of a batch.
const BATCH_ROWS: usize = 8192;
/// Maximum text of a batch, bytes. A single row can exceed it.
const BATCH_TEXT: usize = 4 * 1024 * 1024;
/// Rows between cancellation checks.
const CANCEL_CHECK_ROWS: u64 = 256;

/// Consumer of the batches.
pub(crate) trait Output {
    /// Receives a batch. Returns whether more are wanted.
    fn send(&mut self, batch: Result<RecordBatch, ArrowError>) -> ControlFlow<()>;
    /// Receives, before a batch is sent, the rules that each of its rows can satisfy as bit sets; an empty set means that
    /// nothing is known about the row.
    fn candidates(&mut self, _rows: &mut Vec<Vec<u64>>) {}
    /// Receives the number of lines that begin in a block of a file: see [`crate::line_index`].
    fn lines(&mut self, _rank: usize, _block: usize, _count: u16) {}
    /// Whether no more are wanted.
    fn is_closed(&self) -> bool;
    /// Whether rows may wait until their batch is full, or [`RowBuilder::finish`]ed.
    fn buffers_across_chunks(&self) -> bool {
        false
    }
}

/// Time range of the scan: `[earliest, latest)`, microseconds since 1970 UTC. Rows without a time always match.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeBounds {
    pub(crate) earliest: Option<i64>,
    pub(crate) latest: Option<i64>,
}

impl TimeBounds {
    pub(crate) fn contain(self, time: Option<i64>) -> bool {
        time.is_none_or(|time| {
            self.earliest.is_none_or(|earliest| earliest <= time) && self.latest.is_none_or(|latest| time < latest)
        })
    }
}

/// Builds the batches of one worker.
pub(crate) struct RowBuilder<O> {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    /// The columns that every row has, whatever its fields.
    system: Vec<usize>,
    wanted: Projection,
    bounds: TimeBounds,
    /// The field columns that the current row has touched.
    touched: Vec<usize>,
    rows: usize,
    text: usize,
    /// Whether the visitor is between `start` and `end` of a wanted row.
    in_row: bool,
    /// Whether rows of the file name their own host, source, sourcetype and index.
    self_named: bool,
    rank: u64,
    /// The current block of the file, and the number of lines in it not yet reported to the output.
    block: (usize, u16),
    /// The rules that the next row can satisfy, and those that the rows of the batch can.
    next_candidates: Vec<u64>,
    candidates: Vec<Vec<u64>>,
    /// For each column, the conditions whose rows need it; empty if all rows need all columns.
    needs: Vec<Vec<u64>>,
    tally: Tally,
    output: O,
    stopped: bool,
}

impl<O: Output> RowBuilder<O> {
    /// A builder for the columns of `schema`.
    pub(crate) fn new(schema: SchemaRef, bounds: TimeBounds, output: O) -> Self {
        let columns: Vec<ColumnBuilder> =
            schema.fields().iter().map(|field| ColumnBuilder::new(field.name(), field.data_type())).collect();
        let names = schema.fields().iter().enumerate().map(|(slot, field)| (field.name().clone(), Slot(slot)));
        Self {
            wanted: Projection::new(names),
            needs: Vec::new(),
            system: (0..columns.len()).filter(|at| columns[*at].is_system()).collect(),
            schema,
            columns,
            bounds,
            touched: Vec::new(),
            rows: 0,
            text: 0,
            in_row: false,
            self_named: false,
            rank: 0,
            block: (0, 0),
            next_candidates: Vec::new(),
            candidates: Vec::new(),
            tally: Tally::default(),
            output,
            stopped: false,
        }
    }

    /// Leaves `_raw` and fields empty in rows that cannot satisfy any of the conditions given for the column.
    pub(crate) fn with_needs(mut self, needs: Vec<Vec<u64>>) -> Self {
        self.needs = needs;
        self
    }

    fn report_lines(&mut self) {
        let (block, count) = std::mem::take(&mut self.block);
        if count > 0 {
            self.output.lines(usize::try_from(self.rank).unwrap_or(usize::MAX), block, count);
        }
    }

    /// Whether a column is needed in the current row.
    fn is_needed(&self, column: usize) -> bool {
        match self.needs.get(column) {
            Some(needs) if !self.next_candidates.is_empty() => {
                needs.iter().zip(&self.next_candidates).any(|(needs, rules)| needs & rules != 0)
            }
            _ => true,
        }
    }

    /// Sends what is left.
    pub(crate) fn finish(mut self) {
        self.flush();
    }

    /// Sends what is built.
    fn flush(&mut self) {
        if self.rows == 0 {
            return;
        }
        let rows = self.rows;
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(|column| column.finish(rows)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options);
        self.rows = 0;
        self.text = 0;
        if !self.stopped {
            self.output.candidates(&mut self.candidates);
            self.stopped = self.output.send(batch).is_break();
        }
        self.candidates.clear();
    }
}

impl<O: Output> Worker for RowBuilder<O> {
    fn open(&mut self, file: &InputFile, rank: usize) {
        self.rank = (rank as u64).min((1 << (64 - SEQ_BITS)) - 1);
        self.self_named = file.format.about().names_itself;
        self.next_candidates.clear();
        for column in &mut self.columns {
            if let ColumnBuilder::Named { which, of_file, .. } = column {
                *of_file = match which {
                    SystemColumn::Host => Some(file.host.clone()),
                    SystemColumn::Source => Some(file.source.clone()),
                    SystemColumn::Sourcetype => Some(file.sourcetype.clone()),
                    SystemColumn::Index => Some(file.index.clone()),
                    _ => None,
                };
            }
        }
    }

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl<O: Output> RowVisitor for RowBuilder<O> {
    fn line(&mut self, offset: u64) {
        let block = block_of(offset);
        if block != self.block.0 {
            self.report_lines();
            self.block.0 = block;
        }
        self.block.1 += 1;
    }

    fn candidates(&mut self, rules: &[u64]) {
        self.next_candidates.clear();
        self.next_candidates.extend_from_slice(rules);
    }

    fn start(&mut self, row: &RowMeta<'_>) {
        if self.in_row {
            self.end();
        }
        self.tally.events += 1;
        if self.tally.events.is_multiple_of(CANCEL_CHECK_ROWS) {
            self.stopped |= self.output.is_closed();
        }
        self.in_row = !self.stopped && self.bounds.contain(row.time);
        if !self.in_row {
            return;
        }
        self.candidates.push(self.next_candidates.clone());
        let seq = (self.rank << SEQ_BITS) | (row.offset & ((1 << SEQ_BITS) - 1));
        for at in &self.system {
            let needed = self.is_needed(*at);
            self.text += self.columns[*at].start(row, seq, needed);
        }
    }

    fn wants(&mut self, name: &str) -> Option<Slot> {
        if !self.in_row {
            return None;
        }
        let slot = self.wanted.get(name)?;
        match self.columns.get(slot.0)? {
            ColumnBuilder::Text { .. } | ColumnBuilder::List { .. } => Some(slot),
            ColumnBuilder::Named { set, .. } => (self.self_named && !set).then_some(slot),
            ColumnBuilder::Time(_) | ColumnBuilder::Raw(_) | ColumnBuilder::Seq(_) => None,
        }
    }

    fn wants_below(&mut self, prefix: &str) -> bool {
        self.in_row && self.wanted.any_below(prefix)
    }

    fn value(&mut self, slot: Slot, value: &str) {
        let needed = self.in_row && self.is_needed(slot.0);
        let Some(column) = self.columns.get_mut(slot.0).filter(|_| needed) else { return };
        self.text += value.len();
        if column.value(value, self.rows) {
            self.touched.push(slot.0);
        }
    }

    fn end(&mut self) {
        if !self.in_row {
            return;
        }
        self.in_row = false;
        for at in self.touched.drain(..) {
            if let Some(column) = self.columns.get_mut(at) {
                column.end_touched();
            }
        }
        for at in &self.system {
            self.columns[*at].end_named();
        }
        self.rows += 1;
        self.tally.rows += 1;
        if self.rows >= BATCH_ROWS || self.text >= BATCH_TEXT {
            self.flush();
        }
    }

    fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.tally.malformed(malformed);
    }
}

impl<O: Output> Sink for RowBuilder<O> {
    /// Sends incomplete batches if the consumer is waiting, so that a search for the first few rows ends as soon as it
    /// has them.
    fn chunk_done(&mut self) -> ControlFlow<()> {
        self.report_lines();
        if !self.output.buffers_across_chunks() {
            self.flush();
        }
        self.stopped |= self.output.is_closed();
        if self.stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
