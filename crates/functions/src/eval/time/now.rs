//! `now`: the time when the search began, in seconds since 1970.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation};
use crate::types::{Cell, Output, number_type};

/// `now()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "now",
    aliases: &[],
    family: "time",
    usage: "now()",
    parameters: &[],
    repeats: 0,
    summary: "The time when the search began, in seconds since 1970.",
    details: "Seconds since 1970. The same for all rows of a search.",
    source: "Search Reference: Date and Time functions, now()",
    examples: &[Example { expression: "if(now() > 1700000000, 1, 0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: false },
};

fn row(_: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.number(jiff::Timestamp::now().as_second() as f64);
    Ok(())
}
