//! `ceiling`: a number rounded up to a whole one.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `ceiling(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "ceiling",
    aliases: &["ceil"],
    family: "math",
    usage: "ceiling(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "A number rounded up to a whole one.",
    details: "Null for what is no number.",
    source: "Search Reference: Mathematical functions, ceiling()",
    examples: &[
        Example { expression: "ceiling(1.1)", given: "", result: "2" },
        Example { expression: "ceiling(-1.5)", given: "", result: "-1" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::ceil)?;
    Ok(())
}
