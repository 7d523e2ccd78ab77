//! `upperperc<number>`: an upper bound of the percentile.

use crate::function::Example;
use crate::stats::aggregate::{Percentile, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `upperperc<number>`.
pub static UPPERPERC: StatsFunction = StatsFunction {
    name: "upperperc<number>",
    aliases: &[],
    usage: "upperperc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&UPPERPERC, |number| Percentile::new(number.unwrap_or(50.0))),
    summary: "An upper bound of the percentile; here the percentile itself, as `perc<number>`.",
    details: "Splunk gives a bound above 1000 different values, where it approximates. Here all percentiles are exact. \
              See `perc<number>`.",
    source: "Search Reference: Aggregate functions, upperperc()",
    examples: &[Example { expression: "upperperc75(x)", given: "[1, 2, 3, 4, 5]", result: "4" }],
};
