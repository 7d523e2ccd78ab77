//! `cos`: the cosine of an angle in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `cos(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "cos",
    aliases: &[],
    family: "math",
    usage: "cos(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The cosine of an angle in radians.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, cos()",
    examples: &[Example { expression: "cos(0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::cos)?;
    Ok(())
}
