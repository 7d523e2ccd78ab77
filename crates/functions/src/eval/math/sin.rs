//! `sin`: the sine of an angle in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `sin(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sin",
    aliases: &[],
    family: "math",
    usage: "sin(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The sine of an angle in radians.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, sin()",
    examples: &[Example { expression: "sin(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::sin)?;
    Ok(())
}
