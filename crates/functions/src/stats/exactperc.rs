//! `exactperc<number>`: the exact percentile.

use crate::function::Example;
use crate::stats::aggregate::{Percentile, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `exactperc<number>`.
pub static EXACTPERC: StatsFunction = StatsFunction {
    name: "exactperc<number>",
    aliases: &[],
    usage: "exactperc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&EXACTPERC, |number| Percentile::new(number.unwrap_or(50.0))),
    summary: "The percentile, exact however many values there are; here the same as `perc<number>`.",
    details: "See `perc<number>`.",
    source: "Search Reference: Aggregate functions, exactperc()",
    examples: &[Example { expression: "exactperc25(x)", given: "[1, 2, 3, 4, 5]", result: "2" }],
};
