//! `tan`: the tangent of an angle in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `tan(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "tan",
    aliases: &[],
    family: "math",
    usage: "tan(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The tangent of an angle in radians.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, tan()",
    examples: &[Example { expression: "tan(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::tan)?;
    Ok(())
}
