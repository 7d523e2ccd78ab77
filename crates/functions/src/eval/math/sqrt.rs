//! `sqrt`: the square root of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `sqrt(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sqrt",
    aliases: &[],
    family: "math",
    usage: "sqrt(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The square root of a number.",
    details: "Null for a negative number.",
    source: "Search Reference: Mathematical functions, sqrt()",
    examples: &[
        Example { expression: "sqrt(9)", given: "", result: "3" },
        Example { expression: "sqrt(-1)", given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::sqrt)?;
    Ok(())
}
