//! `atan2`: the angle of a point, in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `atan2(<y>, <x>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "atan2",
    aliases: &[],
    family: "math",
    usage: "atan2(<y>, <x>)",
    parameters: &[Parameter::required("y", ParameterKind::Number), Parameter::required("x", ParameterKind::Number)],
    repeats: 0,
    summary: "The angle of a point, in radians.",
    details: "From the positive x axis, between minus pi and pi.",
    source: "Search Reference: Trig and Hyperbolic functions, atan2()",
    examples: &[Example { expression: "atan2(0, 1)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match (arguments[0].number(), arguments[1].number()) {
        (Some(y), Some(x)) => output.number(y.atan2(x)),
        _ => output.null(),
    }
    Ok(())
}
