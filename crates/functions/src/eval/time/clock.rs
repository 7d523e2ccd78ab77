//! `time`: the time when the row is computed, in seconds since 1970.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation};
use crate::types::{Cell, Output, number_type};

/// `time()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "time",
    aliases: &[],
    family: "time",
    usage: "time()",
    parameters: &[],
    repeats: 0,
    summary: "The time when the row is computed, in seconds since 1970.",
    details: "Seconds since 1970, to the microsecond. The same for all rows of a search.",
    source: "Search Reference: Date and Time functions, time()",
    examples: &[Example { expression: "if(time() > 1700000000, 1, 0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: false },
};

fn row(_: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.number(jiff::Timestamp::now().as_microsecond() as f64 / 1e6);
    Ok(())
}
