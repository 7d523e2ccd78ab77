//! `atanh`: the inverse hyperbolic tangent of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `atanh(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "atanh",
    aliases: &[],
    family: "math",
    usage: "atanh(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The inverse hyperbolic tangent of a number.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, atanh()",
    examples: &[Example { expression: "atanh(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::atanh)?;
    Ok(())
}
