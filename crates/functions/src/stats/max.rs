//! `max`: the largest value.

use std::cmp::Ordering;

use crate::function::Example;
use crate::stats::aggregate::{Extreme, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};

/// `max`.
pub static MAX: StatsFunction = StatsFunction {
    name: "max",
    aliases: &[],
    usage: "max(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: number_or_text,
    udaf: || aggregate(&MAX, |_| Extreme::new(Ordering::Greater)),
    summary: "The largest value.",
    details: "Numbers are compared as numbers and come before all text; text is compared lexicographically, uppercase \
              before lowercase. So with text among the values it is the largest text. Each value of a multivalue \
              counts. A number is written in its shortest form (`007` as `7`).",
    source: "Search Reference: Aggregate functions, max()",
    examples: &[
        Example { expression: "max(x)", given: r#"["10", "9", "100"]"#, result: r#""100""# },
        Example { expression: "max(x)", given: "[10, -9, 1e2]", result: "100" },
        Example { expression: "max(x)", given: r#"["apple", "cherry", "Banana"]"#, result: r#""cherry""# },
        Example { expression: "max(x)", given: r#"["b", "3", "20", null]"#, result: r#""b""# },
        Example {
            expression: "max(x)",
            given: r#"["18446744073709551614", "18446744073709551615"]"#,
            result: r#""18446744073709551615""#,
        },
        Example { expression: "max(x)", given: "[]", result: "null" },
    ],
};
