//! `perc<number>`: the number below which the given percentage of the numbers lies.

use crate::function::Example;
use crate::stats::aggregate::{Percentile, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `perc<number>`.
pub static PERC: StatsFunction = StatsFunction {
    name: "perc<number>",
    aliases: &["p<number>"],
    usage: "perc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&PERC, |number| Percentile::new(number.unwrap_or(50.0))),
    summary: "The percentile of the values that are numbers: `perc95` is above 95 of a hundred.",
    details: "The number in the name is from 0 to 100 and may have a fraction (`perc99.9`). Between two values the \
              percentile is interpolated linearly. Values that are not numbers are skipped; each value of a \
              multivalue counts. Of no numbers it is null. Splunk approximates above 1000 different values; here it is \
              exact and keeps every different value in memory.",
    source: "Search Reference: Aggregate functions, perc()",
    examples: &[
        Example { expression: "perc95(x)", given: "[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]", result: "9.55" },
        Example {
            expression: "p50(x)",
            given: r#"["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]"#,
            result: "5.5",
        },
        Example {
            expression: "p95(x)",
            given: "[0, 212, 579, 1068, 1692, 2301, 2793, 3306, 3673, 4010]",
            result: "3858.35",
        },
        Example { expression: "perc0(x)", given: "[3, 1, 1, 2]", result: "1" },
        Example { expression: "perc100(x)", given: r#"["3", "1", "a"]"#, result: "3" },
        Example { expression: "perc99.9(x)", given: "[5]", result: "5" },
        Example { expression: "perc50(x)", given: r#"["a"]"#, result: "null" },
    ],
};
