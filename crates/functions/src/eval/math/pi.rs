//! `pi`: the constant pi.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation};
use crate::types::{Cell, Output, number_type};

/// `pi()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "pi",
    aliases: &[],
    family: "math",
    usage: "pi()",
    parameters: &[],
    repeats: 0,
    summary: "The constant pi.",
    details: "To double precision.",
    source: "Search Reference: Mathematical functions, pi()",
    examples: &[Example { expression: "round(pi(), 4)", given: "", result: "3.1416" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(_: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.number(std::f64::consts::PI);
    Ok(())
}
