//! `latest_time`: the time of the latest row with a value.

use crate::function::Example;
use crate::stats::aggregate::{Ask, Side, Timed, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `latest_time`.
pub static LATEST_TIME: StatsFunction = StatsFunction {
    name: "latest_time",
    aliases: &[],
    usage: "latest_time(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: |_| number_type(),
    udaf: || aggregate(&LATEST_TIME, |_| Timed::new(Side::Last, Ask::Time)),
    summary: "The `_time` of the latest row that has the field, in epoch seconds.",
    details: "Rows without the field or without `_time` are skipped.",
    source: "Search Reference: Time functions, latest_time()",
    examples: &[Example { expression: "latest_time(x)", given: r#"["a", "b", null]"#, result: "2" }],
};
