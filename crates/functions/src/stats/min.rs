//! `min`: the smallest value.

use std::cmp::Ordering;

use crate::function::Example;
use crate::stats::aggregate::{Extreme, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `min`.
pub static MIN: StatsFunction = StatsFunction {
    name: "min",
    aliases: &[],
    usage: "min(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: number_or_text,
    udaf: || aggregate(&MIN, |_| Extreme::new(Ordering::Less)),
    summary: "The smallest value.",
    details: "Numbers are compared as numbers and come before all text; text is compared lexicographically, uppercase \
              before lowercase. So with numbers among the values it is the smallest number. Each value of a multivalue \
              counts. A number is written in its shortest form (`007` as `7`).",
    source: "Search Reference: Aggregate functions, min()",
    examples: &[
        Example { expression: "min(x)", given: r#"["10", "9", "100"]"#, result: r#""9""# },
        Example { expression: "min(x)", given: "[10, 9, 100]", result: "9" },
        Example { expression: "min(x)", given: r#"["apple", "cherry", "Banana"]"#, result: r#""Banana""# },
        Example { expression: "min(x)", given: r#"["b", "3", "20", null]"#, result: r#""3""# },
        Example { expression: "min(x)", given: r#"[["5", "4"], "6"]"#, result: r#""4""# },
        Example { expression: "min(x)", given: "[null]", result: "null" },
    ],
};
