//! Field discovery: the names of all fields in the logs, for searches that want all of them, and for suggestions.
//!
//! A table's columns must be known before it is read, and a log has no schema, so one pass collects the names. It decodes
//! no values.

use std::collections::HashMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dogwatch_formats::{Malformed, RowMeta, RowVisitor, Slot};

use crate::columns::SystemColumn;
use crate::inputs::{InputFile, Inputs};
use crate::reading::Sink;
use crate::row_builder::TimeBounds;
use crate::stats::{ScanStats, Tally};
use crate::table::ScanRequest;
use crate::work::{ScanPredicates, Work, Worker};

/// Maximum number of names that are collected.
pub const MOST_FIELDS: usize = 10_000;
/// The longest name that is collected, bytes.
const LONGEST_NAME: usize = 4096;

/// The fields of the rows that may satisfy a condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveredFields {
    /// Sorted by name, without the system columns.
    pub fields: Vec<DiscoveredField>,
    /// Number of rows.
    pub rows: u64,
    /// Whether names are missing, because there were more than [`MOST_FIELDS`] or some were too long for a column.
    pub cut: bool,
    /// Whether it was cancelled before the end.
    pub cancelled: bool,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredField {
    /// Its name.
    pub name: String,
    /// Whether its column is a list.
    pub multivalue: bool,
    /// Number of rows that have it.
    pub rows: u64,
}

/// Collects the names of the fields of all rows that may satisfy the request's condition, within its time bounds.
/// Blocks until all inputs are read, in as many threads as there are cores, or until `cancel` is set. The `fields` of the
/// request are ignored.
pub fn discover(
    inputs: &Arc<Inputs>,
    request: &ScanRequest,
    stats: &Arc<ScanStats>,
    cancel: &AtomicBool,
) -> DiscoveredFields {
    let work = Work::new(inputs, &ScanPredicates::One(&request.condition), request.prefilter, request.sizes, stats);
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let collect = || {
        let mut collector = Collector::new(request.bounds(), cancel);
        work.run(&mut collector);
        collector
    };
    let collectors: Vec<Collector<'_>> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(collect)).collect();
        let mut collectors = vec![collect()];
        for other in others {
            match other.join() {
                Ok(collector) => collectors.push(collector),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        collectors
    });
    merge(inputs, collectors, cancel.load(Ordering::Relaxed))
}

fn merge(inputs: &Inputs, collectors: Vec<Collector<'_>>, cancelled: bool) -> DiscoveredFields {
    let mut found = DiscoveredFields { cancelled, ..DiscoveredFields::default() };
    let mut counts: HashMap<Box<str>, u64> = HashMap::new();
    for collector in collectors {
        found.rows += collector.rows;
        found.cut |= collector.cut;
        for (name, field) in collector.names.into_iter().zip(collector.fields) {
            *counts.entry(name).or_default() += field.rows;
        }
    }
    let formats = inputs.formats();
    found.fields = counts
        .into_iter()
        .map(|(name, rows)| {
            let multivalue = formats.iter().any(|format| format.is_multivalue(&name));
            DiscoveredField { name: name.into_string(), multivalue, rows }
        })
        .collect();
    found.fields.sort_by(|a, b| a.name.cmp(&b.name));
    if found.fields.len() > MOST_FIELDS {
        found.fields.truncate(MOST_FIELDS);
        found.cut = true;
    }
    found
}

/// The names that one worker has seen.
struct Collector<'a> {
    bounds: TimeBounds,
    cancel: &'a AtomicBool,
    names: Vec<Box<str>>,
    fields: Vec<Seen>,
    numbers: HashMap<Box<str>, usize>,
    /// The previous field of the current row, whose successor is tried first.
    previous: usize,
    rows: u64,
    in_row: bool,
    cut: bool,
    tally: Tally,
}

/// A field that was seen.
struct Seen {
    rows: u64,
    /// The last row that had it.
    row: u64,
    /// The field that last followed it: rows of the same kind have their fields in the same order.
    next: usize,
}

impl<'a> Collector<'a> {
    fn new(bounds: TimeBounds, cancel: &'a AtomicBool) -> Self {
        Self {
            bounds,
            cancel,
            names: Vec::new(),
            fields: Vec::new(),
            numbers: HashMap::new(),
            previous: usize::MAX,
            rows: 0,
            in_row: false,
            cut: false,
            tally: Tally::default(),
        }
    }

    /// The number of a name; `None` if there are too many already.
    fn number(&mut self, name: &str) -> Option<usize> {
        let guess = self.fields.get(self.previous).map_or(0, |previous| previous.next);
        if self.names.get(guess).is_some_and(|known| **known == *name) {
            return Some(guess);
        }
        if let Some(&number) = self.numbers.get(name) {
            return Some(number);
        }
        if self.names.len() >= MOST_FIELDS || name.len() > LONGEST_NAME {
            self.cut = true;
            return None;
        }
        let number = self.names.len();
        self.names.push(name.into());
        self.fields.push(Seen { rows: 0, row: 0, next: 0 });
        self.numbers.insert(name.into(), number);
        Some(number)
    }
}

impl RowVisitor for Collector<'_> {
    fn start(&mut self, row: &RowMeta<'_>) {
        self.tally.events += 1;
        self.in_row = self.bounds.contain(row.time) && !self.cancel.load(Ordering::Relaxed);
        if self.in_row {
            self.rows += 1;
            self.previous = usize::MAX;
        }
    }

    fn wants(&mut self, name: &str) -> Option<Slot> {
        if !self.in_row || SystemColumn::of(name).is_some() {
            return None;
        }
        let number = self.number(name)?;
        if let Some(previous) = self.fields.get_mut(self.previous) {
            previous.next = number;
        }
        self.previous = number;
        let field = &mut self.fields[number];
        if field.row != self.rows {
            field.row = self.rows;
            field.rows += 1;
        }
        None
    }

    fn wants_below(&mut self, _: &str) -> bool {
        self.in_row
    }

    fn value(&mut self, _: Slot, _: &str) {}

    fn end(&mut self) {
        self.in_row = false;
    }

    fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.tally.malformed(malformed);
    }
}

impl Sink for Collector<'_> {
    fn chunk_done(&mut self) -> ControlFlow<()> {
        if self.cancel.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Worker for Collector<'_> {
    fn open(&mut self, _: &InputFile, _: usize) {}

    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}
