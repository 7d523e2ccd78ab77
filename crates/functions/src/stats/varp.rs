//! `varp`: the variance of a population.

use crate::function::Example;
use crate::stats::aggregate::{Of, Spread, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `varp`.
pub static VARP: StatsFunction = StatsFunction {
    name: "varp",
    aliases: &[],
    usage: "varp(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&VARP, |_| Spread::new(Of::Population, false)),
    summary: "The variance of a population: the average of the squared distances to the average.",
    details: "Values that are not numbers are skipped; each value of a multivalue counts. Of one number it is \
              0, of none it is null.",
    source: "Search Reference: Aggregate functions, varp()",
    examples: &[
        Example { expression: "varp(x)", given: "[2, 4, 4, 4, 5, 5, 7, 9]", result: "4" },
        Example { expression: "varp(x)", given: r#"[["2", "4"], "6", "8"]"#, result: "5" },
    ],
};
