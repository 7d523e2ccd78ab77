//! `latest`: the value of the latest row.

use crate::function::Example;
use crate::stats::aggregate::{Ask, Side, Timed, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `latest`.
pub static LATEST: StatsFunction = StatsFunction {
    name: "latest",
    aliases: &[],
    usage: "latest(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: number_or_text,
    udaf: || aggregate(&LATEST, |_| Timed::new(Side::Last, Ask::Value)),
    summary: "The value of the row with the latest `_time`.",
    details: "Rows without the field or without `_time` are skipped; of rows of the same time the last in the order \
              of the rows counts, and of a multivalue the last value.",
    source: "Search Reference: Time functions, latest()",
    examples: &[
        Example { expression: "latest(x)", given: r#"["old", "new", null]"#, result: r#""new""# },
        Example { expression: "latest(x)", given: "[3, 1, 2]", result: "2" },
    ],
};
