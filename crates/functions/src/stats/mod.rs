//! Stats functions: the registry and how one is declared. Each is a DataFusion aggregate UDF in a file of its own.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_expr::AggregateUDF;

use crate::function::Example;

/// A stats function.
#[derive(Debug)]
pub struct StatsFunction {
    /// Its name, lower case. A name that ends in `<number>` (`perc<number>`) takes a number there: `perc95`.
    pub name: &'static str,
    /// Other names for it, likewise.
    pub aliases: &'static [&'static str],
    /// How it is written: `sum(<field>)`.
    pub usage: &'static str,
    /// Whether an argument must be given; `count` has none or one.
    pub argument: ArgumentNeed,
    /// What it needs of a row beside the argument's value.
    pub needs: RowNeed,
    /// The type of the result for an argument of this type (`Null` for none).
    pub returns: fn(&DataType) -> DataType,
    /// The aggregate. Its arguments: the value (a literal `true` for `count` without argument), then, if `needs` says
    /// so, the row's order key (Binary, ascending in result order) or `_time`. The number is that of the name (`95`).
    pub udaf: fn(Option<f64>) -> Arc<AggregateUDF>,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// More: rules for null, text and multivalue, limits, differences to Splunk. Markdown.
    pub details: &'static str,
    /// The page of Splunk's documentation that it follows.
    pub source: &'static str,
    /// `expression` is an aggregation over the field `x`; `given` is the values of `x`, as a JSON array.
    pub examples: &'static [Example],
}

/// Whether a stats function takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentNeed {
    /// It must be given.
    Required,
    /// It may be given.
    Optional,
}

/// What a stats function needs of a row beside its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowNeed {
    /// Nothing.
    Nothing,
    /// The row's place in the result order (`first`, `last`, `list`).
    Order,
    /// The row's `_time` and its place in the result order (`earliest`, `latest`): two further arguments.
    Time,
}

/// All stats functions, sorted by name.
pub static STATS_FUNCTIONS: &[&StatsFunction] = &[];

/// The stats function of a name and the number in the name (`p95`: 95).
pub fn find(name: &str) -> Option<(&'static StatsFunction, Option<f64>)> {
    STATS_FUNCTIONS.iter().find_map(|function| {
        std::iter::once(&function.name).chain(function.aliases).find_map(|candidate| {
            match candidate.strip_suffix("<number>") {
                None => (*candidate == name).then_some((*function, None)),
                Some(stem) => {
                    let number = name.strip_prefix(stem)?.parse::<f64>().ok()?;
                    (0.0..=100.0).contains(&number).then_some((*function, Some(number)))
                }
            }
        })
    })
}
