//! `estdc`: the number of distinct values.

use crate::function::Example;
use crate::stats::aggregate::{Distinct, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::number_type;

/// `estdc`.
pub static ESTDC: StatsFunction = StatsFunction {
    name: "estdc",
    aliases: &[],
    usage: "estdc(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&ESTDC, |_| Distinct::default()),
    summary: "The number of different values; here exact.",
    details: "Splunk estimates the number. Here it is counted, as `dc` does.",
    source: "Search Reference: Aggregate functions, estdc()",
    examples: &[Example { expression: "estdc(x)", given: r#"["a", "b", "a"]"#, result: "2" }],
};
