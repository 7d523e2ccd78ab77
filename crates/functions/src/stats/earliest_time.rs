//! `earliest_time`: the time of the earliest row with a value.

use crate::function::Example;
use crate::stats::aggregate::{Ask, Side, Timed, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `earliest_time`.
pub static EARLIEST_TIME: StatsFunction = StatsFunction {
    name: "earliest_time",
    aliases: &[],
    usage: "earliest_time(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: |_| number_type(),
    udaf: || aggregate(&EARLIEST_TIME, |_| Timed::new(Side::First, Ask::Time)),
    summary: "The `_time` of the earliest row that has the field, in epoch seconds.",
    details: "Rows without the field or without `_time` are skipped.",
    source: "Search Reference: Time functions, earliest_time()",
    examples: &[
        Example { expression: "earliest_time(x)", given: r#"[null, "a", "b"]"#, result: "2" },
        Example { expression: "earliest_time(x)", given: "[null]", result: "null" },
    ],
};
