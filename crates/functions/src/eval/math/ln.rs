//! `ln`: the natural logarithm of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `ln(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "ln",
    aliases: &[],
    family: "math",
    usage: "ln(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The natural logarithm of a number.",
    details: "Null for a number that is not positive.",
    source: "Search Reference: Mathematical functions, ln()",
    examples: &[
        Example { expression: "ln(1)", given: "", result: "0" },
        Example { expression: "ln(0)", given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::ln)?;
    Ok(())
}
