//! Running aggregates: a stats function over the rows up to this one, or over the last few, for `streamstats`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion_common::{Result, ScalarValue, internal_datafusion_err};
use datafusion_expr::expr::WindowFunction;
use datafusion_expr::{Accumulator, AggregateUDF, Expr};
use datafusion_physical_expr::PhysicalExpr;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use crate::row_state::{Arguments, RowFunction, RowState, over_rows};
use crate::stats::{STATS_FUNCTIONS, StatsFunction};
use crate::window::accumulator_args;
use crate::{body, types};

/// Aggregates over the rows up to the current one. The result is the value of one of them; the others are computed for
/// `reset_after`, which may read their values. These are the parameters of the window function.
///
/// Its arguments, in this order: those of each aggregate; the key of the row's group (Binary, null for a row that is not counted);
/// whether all state is dropped before the row (Boolean); the row's time; the columns that `reset_after` reads.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Running {
    /// What messages call it.
    pub name: String,
    /// The names of the stats functions.
    pub aggregates: Vec<String>,
    /// The index of the one that gives the result.
    pub gives: usize,
    /// Which rows count.
    pub frame: RunningFrame,
    /// A condition for dropping all state after a row, over the columns [`captured`] and [`result_of`], encoded by
    /// [`crate::body::encode`].
    pub reset_after: Option<String>,
}

impl Running {
    /// A call of the window function with results of this type.
    ///
    /// # Errors
    /// None that a search could cause.
    pub fn call(&self, returns: &DataType, arguments: Vec<Expr>) -> Result<WindowFunction> {
        let parameters = serde_json::to_string(self);
        let parameters = parameters.map_err(|why| internal_datafusion_err!("parameters are no text: {why}"))?;
        over_rows(&RunningStats, parameters, returns, arguments)
    }
}

/// The frame: which of the rows so far are included.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RunningFrame {
    /// Whether the current row is included.
    pub current: bool,
    /// Maximum number of rows; unlimited if `None`.
    pub rows: Option<usize>,
    /// Maximum distance in time from the current row, microseconds; unlimited if `None`.
    pub microseconds: Option<u64>,
    /// Whether the limits apply to all groups together, or to each separately.
    pub global: bool,
    /// Whether all state is dropped if the group differs from that of the previous row.
    pub reset_on_change: bool,
}

impl RunningFrame {
    /// Whether rows leave it again.
    fn is_limited(&self) -> bool {
        self.rows.is_some() || self.microseconds.is_some()
    }
}

/// The name of a column that `reset_after` reads, by its number among the arguments that are for it.
pub fn captured(number: usize) -> String {
    format!("\u{1}{number}")
}

/// The name of an aggregate's value in `reset_after`.
pub fn result_of(aggregate: usize) -> String {
    format!("\u{1}result{aggregate}")
}

/// The window function of running aggregates.
#[derive(Debug)]
pub(crate) struct RunningStats;

impl RowFunction for RunningStats {
    fn name(&self) -> &'static str {
        "running_stats"
    }

    fn start(&self, parameters: &str, arguments: &Arguments<'_>) -> Result<Box<dyn RowState>> {
        let running: Running =
            serde_json::from_str(parameters).map_err(|why| internal_datafusion_err!("no running aggregates: {why}"))?;
        let mut at = 0;
        let mut aggregates = Vec::with_capacity(running.aggregates.len());
        for name in &running.aggregates {
            let Some(function) = STATS_FUNCTIONS.iter().find(|function| function.name == name) else {
                return Err(internal_datafusion_err!("there is no stats function `{name}`"));
            };
            let started = Started::new(function, at, arguments)?;
            at += started.fields.len();
            aggregates.push(started);
        }
        if running.gives >= aggregates.len() {
            return Err(internal_datafusion_err!("there is no such aggregate"));
        }
        let read = arguments.fields.get(at + FIXED..).unwrap_or_default();
        let reset_after = running.reset_after.map(|condition| ResetAfter::new(&condition, read, &aggregates));
        Ok(Box::new(State {
            name: running.name,
            aggregates,
            gives: running.gives,
            frame: running.frame,
            reset_after: reset_after.transpose()?,
            fixed: at,
            groups: HashMap::default(),
            window: VecDeque::new(),
            last: None,
            size: 0,
        }))
    }
}

/// Number of arguments that are always present: key, reset before, time.
const FIXED: usize = 3;

/// An aggregate, and the position of its arguments.
#[derive(Debug)]
struct Started {
    aggregate: Arc<AggregateUDF>,
    fields: Vec<FieldRef>,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    returns: FieldRef,
    at: usize,
}

impl Started {
    fn new(function: &StatsFunction, at: usize, arguments: &Arguments<'_>) -> Result<Self> {
        let own = at..at + function.arity();
        let (fields, exprs) = (arguments.fields.get(own.clone()), arguments.exprs.get(own));
        let (fields, exprs) = fields.zip(exprs).ok_or_else(|| internal_datafusion_err!("too few arguments"))?;
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        let aggregate = (function.udaf)();
        let returns = Arc::new(Field::new(aggregate.name(), aggregate.return_type(&types)?, true));
        Ok(Self { aggregate, fields: fields.to_vec(), exprs: exprs.to_vec(), returns, at })
    }

    fn accumulator(&self) -> Result<Box<dyn Accumulator>> {
        self.aggregate.create_sliding_accumulator(accumulator_args(
            &self.aggregate,
            (&self.fields, &self.exprs),
            &self.returns,
        ))
    }

    fn arguments<'a>(&self, arguments: &'a [ArrayRef]) -> &'a [ArrayRef] {
        &arguments[self.at..self.at + self.fields.len()]
    }
}

/// A row in the frame that may have to be retracted.
#[derive(Debug)]
struct Kept {
    key: Box<[u8]>,
    time: Option<f64>,
    arguments: Vec<ScalarValue>,
}

#[derive(Debug)]
struct Group {
    accumulators: Vec<Box<dyn Accumulator>>,
    /// Its rows in the window, if limits apply per group.
    window: VecDeque<Kept>,
}

#[derive(Debug)]
struct State {
    name: String,
    aggregates: Vec<Started>,
    gives: usize,
    frame: RunningFrame,
    reset_after: Option<ResetAfter>,
    /// Index of the first fixed argument.
    fixed: usize,
    groups: HashMap<Box<[u8]>, Group, RandomState>,
    /// The rows in the window, if limits apply to all groups together.
    window: VecDeque<Kept>,
    /// The group of the row before.
    last: Option<Box<[u8]>>,
    size: usize,
}

/// Overhead of a group or a kept row besides its contents, bytes: map entry, queue, boxes.
const OVERHEAD: usize = 192;

impl State {
    fn clear(&mut self) {
        self.groups.clear();
        self.window.clear();
        self.size = 0;
    }

    /// Makes the group of a key if it is new.
    fn open(&mut self, key: &[u8]) -> Result<()> {
        if !self.groups.contains_key(key) {
            let accumulators = self.aggregates.iter().map(Started::accumulator).collect::<Result<Vec<_>>>()?;
            self.size += key.len() + OVERHEAD + accumulators.iter().map(|a| a.size()).sum::<usize>();
            self.groups.insert(key.into(), Group { accumulators, window: VecDeque::new() });
        }
        Ok(())
    }

    fn add(&mut self, key: &[u8], time: Option<f64>, arguments: &[ArrayRef], row: usize) -> Result<()> {
        self.open(key)?;
        let Some(group) = self.groups.get_mut(key) else { return Ok(()) };
        for (started, accumulator) in self.aggregates.iter().zip(&mut group.accumulators) {
            let before = accumulator.size();
            let one: Vec<ArrayRef> = started.arguments(arguments).iter().map(|array| array.slice(row, 1)).collect();
            accumulator.update_batch(&one)?;
            self.size = (self.size + accumulator.size()).saturating_sub(before);
        }
        if !self.frame.is_limited() {
            return Ok(());
        }
        let values = arguments[..self.fixed].iter().map(|array| ScalarValue::try_from_array(array, row));
        let kept = Kept { key: key.into(), time, arguments: values.collect::<Result<_>>()? };
        self.size += kept.size();
        let window = if self.frame.global { &mut self.window } else { &mut group.window };
        window.push_back(kept);
        Ok(())
    }

    /// Retracts rows that have left the window of the current row.
    fn evict(&mut self, key: &[u8], time: Option<f64>) -> Result<()> {
        loop {
            let frame = &self.frame;
            let window = match frame.global {
                true => Some(&mut self.window),
                false => self.groups.get_mut(key).map(|group| &mut group.window),
            };
            let Some(window) = window else { return Ok(()) };
            let many = frame.rows.is_some_and(|most| window.len() > most);
            let seconds = frame.microseconds.map(|most| most as f64 / 1e6);
            let far = |kept: &Kept| match (seconds, kept.time, time) {
                (Some(most), Some(then), Some(now)) => (now - then).abs() > most,
                // A row without a time is in no window but its own, and must not keep those behind it in theirs.
                (Some(_), None, Some(_)) => true,
                _ => false,
            };
            if !many && !window.front().is_some_and(far) {
                return Ok(());
            }
            let Some(kept) = window.pop_front() else { return Ok(()) };
            self.size = self.size.saturating_sub(kept.size());
            let Some(group) = self.groups.get_mut(&kept.key) else { continue };
            for (started, accumulator) in self.aggregates.iter().zip(&mut group.accumulators) {
                let own = &kept.arguments[started.at..started.at + started.fields.len()];
                let arrays = own.iter().map(ScalarValue::to_array).collect::<Result<Vec<_>>>()?;
                let before = accumulator.size();
                accumulator.retract_batch(&arrays)?;
                self.size = (self.size + accumulator.size()).saturating_sub(before);
            }
        }
    }

    fn results(&mut self, key: &[u8]) -> Result<Vec<ScalarValue>> {
        self.open(key)?;
        let accumulators = self.groups.get_mut(key).into_iter().flat_map(|group| &mut group.accumulators);
        accumulators.map(|accumulator| accumulator.evaluate()).collect()
    }
}

impl Kept {
    fn size(&self) -> usize {
        OVERHEAD + self.key.len() + self.arguments.iter().map(ScalarValue::size).sum::<usize>()
    }
}

impl RowState for State {
    fn row(&mut self, arguments: &[ArrayRef], row: usize) -> Result<ScalarValue> {
        let Some([keys, resets, times]) = arguments.get(self.fixed..self.fixed + FIXED) else {
            return Err(internal_datafusion_err!("too few arguments"));
        };
        let resets = resets.as_boolean_opt().ok_or_else(|| internal_datafusion_err!("a reset is Boolean"))?;
        if resets.is_valid(row) && resets.value(row) {
            self.clear();
        }
        let keys = keys.as_binary_opt::<i32>().ok_or_else(|| internal_datafusion_err!("keys are Binary"))?;
        if keys.is_null(row) {
            return ScalarValue::try_new_null(self.aggregates[self.gives].returns.data_type());
        }
        let key = keys.value(row);
        if self.frame.reset_on_change && self.last.as_deref() != Some(key) {
            self.clear();
            self.last = Some(key.into());
        }
        let time = types::cell(times.as_ref(), row).number();
        let results = if self.frame.current {
            self.add(key, time, arguments, row)?;
            self.evict(key, time)?;
            self.results(key)?
        } else {
            self.evict(key, time)?;
            let results = self.results(key)?;
            self.add(key, time, arguments, row)?;
            self.evict(key, time)?;
            results
        };
        let dropped = match &self.reset_after {
            Some(reset) => reset.holds(&arguments[self.fixed + FIXED..], row, &results)?,
            None => false,
        };
        if dropped {
            self.clear();
        }
        results.into_iter().nth(self.gives).ok_or_else(|| internal_datafusion_err!("there is no such aggregate"))
    }

    fn size(&self) -> usize {
        self.size
    }

    fn holds(&self) -> String {
        format!("the groups and rows that `{}` keeps", self.name)
    }
}

/// A condition that is evaluated after each row.
#[derive(Debug)]
struct ResetAfter {
    condition: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
}

impl ResetAfter {
    fn new(condition: &str, columns: &[FieldRef], aggregates: &[Started]) -> Result<Self> {
        let columns = columns.iter().enumerate().map(|(number, field)| (captured(number), field.data_type()));
        let results =
            aggregates.iter().enumerate().map(|(number, started)| (result_of(number), started.returns.data_type()));
        let fields: Vec<Field> =
            columns.chain(results).map(|(name, data_type)| Field::new(name, data_type.clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let condition = body::plan(condition, &schema)?;
        Ok(Self { condition, schema })
    }

    fn holds(&self, columns: &[ArrayRef], row: usize, results: &[ScalarValue]) -> Result<bool> {
        let columns = columns.iter().map(|array| Ok(array.slice(row, 1)));
        let arrays = columns.chain(results.iter().map(ScalarValue::to_array)).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?;
        let holds = self.condition.evaluate(&batch)?.into_array(1)?;
        let holds: Option<&BooleanArray> = holds.as_boolean_opt();
        Ok(holds.is_some_and(|holds| holds.is_valid(0) && holds.value(0)))
    }
}
