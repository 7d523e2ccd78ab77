//! Turns the logic of a stats function, a [`Tally`], into a DataFusion aggregate: grouped, windowed and in two phases.
//!
//! A function defines how to add a row, how to merge a saved state, and how to compute the result. Everything else that
//! DataFusion needs (accumulators for one group and for many, state columns, sliding frames, sizes) is implemented here
//! once. Logic shared by several functions is here too; the rest is in the file of its function.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, ScalarValue, internal_datafusion_err, plan_err};
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility};
use datafusion_physical_expr::expressions::Literal;

use super::{RowNeed, StatsFunction};
use crate::types::{self, Cell, Output, Value};

mod distinct;
mod edge;
mod extreme;
mod grouped;
mod percentile;
mod single;
mod spread;
mod state;
mod sum;

pub(super) use distinct::Distinct;
pub(super) use edge::{Ask, Edge, Placed, Side, Timed};
pub(super) use extreme::Extreme;
pub(super) use percentile::Percentile;
pub(super) use spread::{Of, Spread};
pub(super) use state::{StateColumn, StateRow, StateWriter};
pub(super) use sum::{Sum, Total};

/// The state of a stats function for one group.
///
/// Rows may arrive in any order and in parts: adding rows to several tallies and merging their states in any order must
/// give the same result as a single tally.
pub(super) trait Tally: Clone + Debug + Send + Sync + 'static {
    /// The columns of its saved state.
    const STATE: &'static [StateColumn];

    /// Whether [`Tally::remove`] is supported. If not, a sliding frame keeps its rows and recomputes the result.
    const RETRACTS: bool = false;

    /// Takes in a row.
    fn add(&mut self, row: &Row<'_>);

    /// Undoes [`Tally::add`] of a row.
    fn remove(&mut self, _row: &Row<'_>) {}

    /// Merges the saved state of another tally.
    fn merge(&mut self, state: &StateRow<'_>);

    /// Writes its state: one value for each of [`Tally::STATE`].
    fn save(&self, state: &mut StateWriter);

    /// Appends the result, exactly one value. The tally is unchanged: a running window asks repeatedly.
    fn result(&self, out: &mut Output);

    /// Heap memory that it holds, bytes; at least the bytes of all texts. Called for every row, so it must not iterate
    /// over its contents.
    fn heap(&self) -> usize {
        0
    }
}

/// A row as passed to a stats function.
pub(super) struct Row<'a> {
    /// The argument's value.
    pub value: Cell<'a>,
    /// `_time` in epoch seconds, if the function needs it and the row has it.
    pub time: Option<f64>,
    /// The position in the result order, ascending bytewise; empty if the function does not need it.
    pub order: &'a [u8],
}

impl Row<'_> {
    /// Calls `take` with each value: none for null, all of a multivalue.
    pub fn each(&self, mut take: impl FnMut(Value<'_>)) {
        match self.value {
            Cell::Null => {}
            Cell::Bool(b) => take(Value::Bool(b)),
            Cell::Number(n) => take(Value::Number(n)),
            Cell::Text(t) => take(Value::Text(t)),
            Cell::Multi(..) => self.value.values().into_iter().for_each(take),
        }
    }

    /// Calls `take` with each numeric value. Other text is skipped, as in Splunk.
    pub fn each_number(&self, mut take: impl FnMut(f64)) {
        self.each(|value| {
            if let Some(number) = value.number().filter(|n| n.is_finite()) {
                take(number);
            }
        });
    }
}

/// The arguments of a batch, read row by row.
struct ArgumentRows<'a> {
    value: Argument<'a>,
    time: Option<&'a dyn Array>,
    order: Option<&'a BinaryArray>,
}

/// The argument's column, with the common types resolved once.
enum Argument<'a> {
    Text(&'a StringArray),
    Number(&'a Float64Array),
    Other(&'a dyn Array),
}

impl<'a> ArgumentRows<'a> {
    /// Reads the arguments of a function with these needs.
    fn new(values: &'a [ArrayRef], needs: RowNeed) -> Result<Self> {
        let missing = || internal_datafusion_err!("a stats function was called with {} arguments", values.len());
        let first = values.first().ok_or_else(missing)?.as_ref();
        let value = match first.data_type() {
            DataType::Utf8 => first.as_string_opt().map(Argument::Text),
            DataType::Float64 => first.as_primitive_opt().map(Argument::Number),
            _ => None,
        };
        let order_at = match needs {
            RowNeed::Nothing => None,
            RowNeed::Order => Some(1),
            RowNeed::Time => Some(2),
        };
        let order = match order_at {
            None => None,
            Some(at) => Some(values.get(at).and_then(|a| a.as_binary_opt::<i32>()).ok_or_else(missing)?),
        };
        let time = match needs {
            RowNeed::Time => Some(values.get(1).ok_or_else(missing)?.as_ref()),
            RowNeed::Nothing | RowNeed::Order => None,
        };
        Ok(Self { value: value.unwrap_or(Argument::Other(first)), time, order })
    }

    fn row(&self, row: usize) -> Row<'a> {
        let value = match self.value {
            Argument::Text(a) if a.is_valid(row) => Cell::Text(a.value(row)),
            Argument::Number(a) if a.is_valid(row) => Cell::Number(a.value(row)),
            Argument::Text(_) | Argument::Number(_) => Cell::Null,
            Argument::Other(a) => types::cell(a, row),
        };
        let order = self.order.filter(|a| a.is_valid(row)).map_or(&[][..], |a| a.value(row));
        Row { value, time: self.time.and_then(|a| types::cell(a, row).number()), order }
    }
}

/// The aggregate of a stats function: `T` is its logic, `start` creates an empty tally for the number in the name
/// (`perc95`).
pub(super) fn aggregate<T: Tally>(function: &'static StatsFunction, start: fn(Option<f64>) -> T) -> Arc<AggregateUDF> {
    let (name, signature) = (function.plan_name(), Signature::variadic_any(Volatility::Immutable));
    Arc::new(AggregateUDF::new_from_impl(StatsAggregate { name, function, signature, start }))
}

/// The DataFusion side of a stats function. Two are equal if their names are: a name stands for one function.
#[derive(Debug)]
struct StatsAggregate<T> {
    name: String,
    function: &'static StatsFunction,
    signature: Signature,
    start: fn(Option<f64>) -> T,
}

impl<T: Tally> StatsAggregate<T> {
    /// The empty tally that a call starts with. The number in the name is the last argument.
    fn prototype(&self, args: &AccumulatorArgs<'_>) -> Result<T> {
        if !self.function.takes_number() {
            return Ok((self.start)(None));
        }
        let last = args.exprs.last().and_then(|last| last.downcast_ref::<Literal>()).map(Literal::value);
        match last {
            Some(ScalarValue::Float64(Some(number))) => Ok((self.start)(Some(*number))),
            _ => plan_err!("{}: the last argument is a literal number", self.name),
        }
    }
}

impl<T> PartialEq for StatsAggregate<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T> Eq for StatsAggregate<T> {}

impl<T> Hash for StatsAggregate<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<T: Tally> AggregateUDFImpl for StatsAggregate<T> {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        let mut extra = match self.function.needs {
            RowNeed::Nothing => vec![],
            RowNeed::Order => vec![Some(DataType::Binary)],
            RowNeed::Time => vec![None, Some(DataType::Binary)],
        };
        extra.extend(self.function.takes_number().then_some(Some(DataType::Float64)));
        let fits = arguments.len() == extra.len() + 1
            && extra.iter().zip(&arguments[1..]).all(|(want, is)| want.as_ref().is_none_or(|want| want == is));
        if !fits {
            return plan_err!(
                "{}: the aggregate wants {} argument(s), the order key being Binary, and was given {arguments:?}",
                self.name,
                extra.len() + 1
            );
        }
        Ok((self.function.returns)(&arguments[0]))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = |(i, column): (usize, &StateColumn)| {
            Arc::new(Field::new(format_state_name(args.name, &i.to_string()), column.data_type(), true))
        };
        Ok(T::STATE.iter().enumerate().map(field).collect())
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let returns = args.return_type().clone();
        Ok(Box::new(single::Single::new(self.prototype(&args)?, self.function.needs, returns)))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if T::RETRACTS {
            return self.accumulator(args);
        }
        let returns = args.return_type().clone();
        Ok(Box::new(single::Frame::new(self.prototype(&args)?, self.function.needs, returns)))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        let returns = args.return_type().clone();
        Ok(Box::new(grouped::Grouped::new(self.prototype(&args)?, self.function.needs, returns)))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        single::result(&(self.start)(None), data_type)
    }
}
