//! `median`: the middle number.

use crate::function::Example;
use crate::stats::aggregate::{Percentile, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `median`.
pub static MEDIAN: StatsFunction = StatsFunction {
    name: "median",
    aliases: &[],
    usage: "median(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&MEDIAN, |_| Percentile::new(50.0)),
    summary: "The middle of the values that are numbers: `perc50`.",
    details: "Of an even number of values it is the average of the two in the middle. See `perc<number>`.",
    source: "Search Reference: Aggregate functions, median()",
    examples: &[
        Example { expression: "median(x)", given: "[37, 58, 8, 34, 13, 74, 38]", result: "37" },
        Example { expression: "median(x)", given: r#"["1", "10", "2", "x", "3"]"#, result: "2.5" },
        Example { expression: "median(x)", given: "[]", result: "null" },
    ],
};
