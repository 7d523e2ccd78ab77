//! `floor`: a number rounded down to a whole one.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `floor(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "floor",
    aliases: &[],
    family: "math",
    usage: "floor(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "A number rounded down to a whole one.",
    details: "Null for what is no number.",
    source: "Search Reference: Mathematical functions, floor()",
    examples: &[
        Example { expression: "floor(1.9)", given: "", result: "1" },
        Example { expression: "floor(-1.5)", given: "", result: "-2" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::floor)?;
    Ok(())
}
