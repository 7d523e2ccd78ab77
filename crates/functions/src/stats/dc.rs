//! `dc`: the number of distinct values.

use crate::function::Example;
use crate::stats::aggregate::{Distinct, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `dc`.
pub static DC: StatsFunction = StatsFunction {
    name: "dc",
    aliases: &["distinct_count"],
    usage: "dc(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&DC, |_| Distinct::default()),
    summary: "The number of different values.",
    details: "Values are compared as text, case counts, and each value of a multivalue is one. Of nothing it is 0. It \
              is exact and keeps every different value in memory.",
    source: "Search Reference: Aggregate functions, distinct_count()",
    examples: &[
        Example { expression: "dc(x)", given: r#"["a", "b", "a", "A", null]"#, result: "3" },
        Example { expression: "dc(x)", given: r#"[["a", "b"], "b", "c"]"#, result: "3" },
        Example { expression: "distinct_count(x)", given: "[]", result: "0" },
    ],
};
