//! Stats functions: the registry and the type of a declaration. Each is a DataFusion aggregate UDF in a file of its own.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_expr::AggregateUDF;

use crate::function::Example;
use crate::types::{is_number, number_type, text_type};

mod aggregate;
mod avg;
mod count;
mod dc;
mod earliest;
mod earliest_time;
mod estdc;
mod exactperc;
mod first;
mod last;
mod latest;
mod latest_time;
mod list;
mod max;
mod median;
mod min;
mod mode;
mod perc;
mod range;
mod rate;
mod stdev;
mod stdevp;
mod sum;
mod sumsq;
mod upperperc;
mod values;
mod var;
mod varp;

/// A stats function.
#[derive(Debug)]
pub struct StatsFunction {
    /// Its name, lower case. A name that ends in `<number>` (`perc<number>`) takes a number there: `perc95`.
    pub name: &'static str,
    /// Other names for it, likewise.
    pub aliases: &'static [&'static str],
    /// Its syntax: `sum(<field>)`.
    pub usage: &'static str,
    /// Whether an argument must be given; `count` has none or one.
    pub argument: ArgumentNeed,
    /// The parts of a row that it needs besides the argument's value.
    pub needs: RowNeed,
    /// The type of the result for an argument of this type (`Null` for none).
    pub returns: fn(&DataType) -> DataType,
    /// The aggregate. Its arguments: the value (a literal `true` for `count` without argument), then those that `needs`
    /// demands: none; the row's order key (Binary, ascending in result order); or `_time` and the order key. The last one
    /// is the number in the name, if any (`95`), as a literal.
    pub udaf: fn() -> Arc<AggregateUDF>,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Details: rules for null, text and multivalues, limits, differences from Splunk. Markdown.
    pub details: &'static str,
    /// The page of Splunk's documentation that it follows.
    pub source: &'static str,
    /// `expression` is an aggregation over the field `x`; `given` is the values of `x`, as a JSON array: a row for each
    /// in result order, `_time` one second later each, from 1 on. An inner array is a multivalue, null a missing field.
    pub examples: &'static [Example],
}

/// The placeholder for a number in a name.
const NUMBER: &str = "<number>";

impl StatsFunction {
    /// Whether its name takes a number.
    pub fn takes_number(&self) -> bool {
        self.name.ends_with(NUMBER)
    }

    /// The name of its aggregate in plans: its own with the prefix `stats_`, since DataFusion has aggregates with the
    /// same names and different rules.
    pub(crate) fn plan_name(&self) -> String {
        format!("stats_{}", self.name.trim_end_matches(NUMBER))
    }

    /// The number of arguments of its aggregate.
    pub(crate) fn arity(&self) -> usize {
        let needed = match self.needs {
            RowNeed::Nothing => 0,
            RowNeed::Order => 1,
            RowNeed::Time => 2,
        };
        1 + needed + usize::from(self.takes_number())
    }
}

/// Whether a stats function takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentNeed {
    /// It must be given.
    Required,
    /// It may be given.
    Optional,
}

/// The parts of a row that a stats function needs besides its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowNeed {
    /// Nothing.
    Nothing,
    /// The row's position in the result order (`first`, `last`, `list`).
    Order,
    /// The row's `_time` and its position in the result order (`earliest`, `latest`): two further arguments.
    Time,
}

/// All stats functions, sorted by name.
pub static STATS_FUNCTIONS: &[&StatsFunction] = &[
    &avg::AVG,
    &count::COUNT,
    &dc::DC,
    &earliest::EARLIEST,
    &earliest_time::EARLIEST_TIME,
    &estdc::ESTDC,
    &exactperc::EXACTPERC,
    &first::FIRST,
    &last::LAST,
    &latest::LATEST,
    &latest_time::LATEST_TIME,
    &list::LIST,
    &max::MAX,
    &median::MEDIAN,
    &min::MIN,
    &mode::MODE,
    &perc::PERC,
    &range::RANGE,
    &rate::RATE,
    &stdev::STDEV,
    &stdevp::STDEVP,
    &sum::SUM,
    &sumsq::SUMSQ,
    &upperperc::UPPERPERC,
    &values::VALUES,
    &var::VAR,
    &varp::VARP,
];

/// The stats function of a name and the number in the name (`p95`: 95, 0 to 100, digits and at most one point).
pub fn find(name: &str) -> Option<(&'static StatsFunction, Option<f64>)> {
    STATS_FUNCTIONS.iter().find_map(|function| {
        std::iter::once(&function.name).chain(function.aliases).find_map(|candidate| {
            match candidate.strip_suffix(NUMBER) {
                None => (*candidate == name).then_some((*function, None)),
                Some(stem) => {
                    let digits = name.strip_prefix(stem)?;
                    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                    let number = digits.parse::<f64>().ok().filter(|number| plain && (0.0..=100.0).contains(number))?;
                    Some((*function, Some(number)))
                }
            }
        })
    })
}

/// The type of a result that is one of the values: a number stays one (`_time` becomes its epoch seconds), all else is
/// text.
fn number_or_text(argument: &DataType) -> DataType {
    if is_number(argument) { number_type() } else { text_type() }
}

#[cfg(test)]
mod tests;
