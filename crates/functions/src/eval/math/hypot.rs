//! `hypot`: the hypotenuse of a right triangle.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `hypot(<x>, <y>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "hypot",
    aliases: &[],
    family: "math",
    usage: "hypot(<x>, <y>)",
    parameters: &[Parameter::required("x", ParameterKind::Number), Parameter::required("y", ParameterKind::Number)],
    repeats: 0,
    summary: "The hypotenuse of a right triangle.",
    details: "The square root of the sum of the squares.",
    source: "Search Reference: Trig and Hyperbolic functions, hypot()",
    examples: &[Example { expression: "hypot(3, 4)", given: "", result: "5" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match (arguments[0].number(), arguments[1].number()) {
        (Some(x), Some(y)) => output.number(x.hypot(y)),
        _ => output.null(),
    }
    Ok(())
}
