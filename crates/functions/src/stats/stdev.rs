//! `stdev`: the standard deviation of a sample.

use crate::function::Example;
use crate::stats::aggregate::{Of, Spread, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `stdev`.
pub static STDEV: StatsFunction = StatsFunction {
    name: "stdev",
    aliases: &[],
    usage: "stdev(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&STDEV, |_| Spread::new(Of::Sample, true)),
    summary: "The standard deviation of a sample: the root of `var`.",
    details: "Values that are not numbers are skipped; each value of a multivalue counts. Of one number it is \
              0, of none it is null.",
    source: "Search Reference: Aggregate functions, stdev()",
    examples: &[
        Example { expression: "stdev(x)", given: r#"["1", "3", "5", "a"]"#, result: "2" },
        Example { expression: "stdev(x)", given: "[7]", result: "0" },
        Example { expression: "stdev(x)", given: "[1700000001, 1700000003, 1700000005]", result: "2" },
    ],
};
