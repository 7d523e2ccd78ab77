//! `stdevp`: the standard deviation of a population.

use crate::function::Example;
use crate::stats::aggregate::{Of, Spread, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `stdevp`.
pub static STDEVP: StatsFunction = StatsFunction {
    name: "stdevp",
    aliases: &[],
    usage: "stdevp(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&STDEVP, |_| Spread::new(Of::Population, true)),
    summary: "The standard deviation of a population: the root of `varp`.",
    details: "Values that are not numbers are skipped; each value of a multivalue counts. Of one number it is \
              0, of none it is null.",
    source: "Search Reference: Aggregate functions, stdevp()",
    examples: &[Example { expression: "stdevp(x)", given: "[2, 4, 4, 4, 5, 5, 7, 9]", result: "2" }],
};
