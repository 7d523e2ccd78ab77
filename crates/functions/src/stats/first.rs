//! `first`: the first value in the order of the rows.

use crate::function::Example;
use crate::stats::aggregate::{Placed, Side, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `first`.
pub static FIRST: StatsFunction = StatsFunction {
    name: "first",
    aliases: &[],
    usage: "first(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Order,
    returns: number_or_text,
    udaf: || aggregate(&FIRST, |_| Placed::new(Side::First)),
    summary: "The first value in the order of the rows.",
    details: "Rows without the field are skipped; of a multivalue the first value counts. The order is the one that \
              the rows have at this point of the search, not that of time: see `earliest`.",
    source: "Search Reference: Event order functions, first()",
    examples: &[
        Example { expression: "first(x)", given: r#"[null, "b", "a"]"#, result: r#""b""# },
        Example { expression: "first(x)", given: "[19, 18, 17]", result: "19" },
        Example { expression: "first(x)", given: r#"[["b", "a"], "c"]"#, result: r#""b""# },
        Example { expression: "first(x)", given: "[]", result: "null" },
    ],
};
