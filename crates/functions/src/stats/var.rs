//! `var`: the variance of a sample.

use crate::function::Example;
use crate::stats::aggregate::{Of, Spread, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `var`.
pub static VAR: StatsFunction = StatsFunction {
    name: "var",
    aliases: &[],
    usage: "var(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&VAR, |_| Spread::new(Of::Sample, false)),
    summary: "The variance of a sample: the squared distances to the average, divided by one less than their number.",
    details: "Values that are not numbers are skipped; each value of a multivalue counts. Of one number it is \
              0, of none it is null.",
    source: "Search Reference: Aggregate functions, var()",
    examples: &[
        Example { expression: "var(x)", given: "[1, 3, 5]", result: "4" },
        Example { expression: "var(x)", given: "[7]", result: "0" },
        Example { expression: "var(x)", given: r#"["a", null]"#, result: "null" },
    ],
};
