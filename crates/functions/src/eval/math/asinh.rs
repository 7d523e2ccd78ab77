//! `asinh`: the inverse hyperbolic sine of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `asinh(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "asinh",
    aliases: &[],
    family: "math",
    usage: "asinh(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The inverse hyperbolic sine of a number.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, asinh()",
    examples: &[Example { expression: "asinh(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::asinh)?;
    Ok(())
}
