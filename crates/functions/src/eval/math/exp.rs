//! `exp`: the exponential function of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `exp(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "exp",
    aliases: &[],
    family: "math",
    usage: "exp(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The exponential function of a number.",
    details: "Null for what is no number.",
    source: "Search Reference: Mathematical functions, exp()",
    examples: &[Example { expression: "exp(0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::exp)?;
    Ok(())
}
