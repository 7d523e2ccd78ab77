//! `asin`: the arc sine of a number, in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `asin(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "asin",
    aliases: &[],
    family: "math",
    usage: "asin(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The arc sine of a number, in radians.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, asin()",
    examples: &[Example { expression: "asin(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::asin)?;
    Ok(())
}
