//! `sum`: the sum of the numbers.

use crate::function::Example;
use crate::stats::aggregate::{Total, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `sum`.
pub static SUM: StatsFunction = StatsFunction {
    name: "sum",
    aliases: &[],
    usage: "sum(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&SUM, |_| Total::default()),
    summary: "The sum of the values that are numbers.",
    details: "Values that are not numbers are skipped; each value of a multivalue is added. Of no numbers it is \
              null. What rounding takes from a term is carried along, so ten times 0.1 is 1.",
    source: "Search Reference: Aggregate functions, sum()",
    examples: &[
        Example { expression: "sum(x)", given: r#"["10", "2.5", "n/a", null]"#, result: "12.5" },
        Example { expression: "sum(x)", given: "[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]", result: "1" },
        Example { expression: "sum(x)", given: r#"[["1", "2"], "3"]"#, result: "6" },
        Example { expression: "sum(x)", given: r#"["a"]"#, result: "null" },
    ],
};
