//! `last`: the last value in the order of the rows.

use crate::function::Example;
use crate::stats::aggregate::{Placed, Side, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `last`.
pub static LAST: StatsFunction = StatsFunction {
    name: "last",
    aliases: &[],
    usage: "last(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Order,
    returns: number_or_text,
    udaf: || aggregate(&LAST, |_| Placed::new(Side::Last)),
    summary: "The last value in the order of the rows.",
    details: "Rows without the field are skipped; of a multivalue the last value counts. The order is the one that \
              the rows have at this point of the search, not that of time: see `latest`.",
    source: "Search Reference: Event order functions, last()",
    examples: &[
        Example { expression: "last(x)", given: r#"["b", "a", null]"#, result: r#""a""# },
        Example { expression: "last(x)", given: "[19, 18, 17]", result: "17" },
        Example { expression: "last(x)", given: r#"["c", ["b", "a"]]"#, result: r#""a""# },
        Example { expression: "last(x)", given: "[]", result: "null" },
    ],
};
