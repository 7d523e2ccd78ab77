//! `earliest`: the value of the earliest row.

use crate::function::Example;
use crate::stats::aggregate::{Ask, Side, Timed, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `earliest`.
pub static EARLIEST: StatsFunction = StatsFunction {
    name: "earliest",
    aliases: &[],
    usage: "earliest(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: number_or_text,
    udaf: || aggregate(&EARLIEST, |_| Timed::new(Side::First, Ask::Value)),
    summary: "The value of the row with the earliest `_time`.",
    details: "Rows without the field or without `_time` are skipped; of rows of the same time the first in the order \
              of the rows counts, and of a multivalue the first value.",
    source: "Search Reference: Time functions, earliest()",
    examples: &[
        Example { expression: "earliest(x)", given: r#"[null, "old", "new"]"#, result: r#""old""# },
        Example { expression: "earliest(x)", given: "[]", result: "null" },
    ],
};
