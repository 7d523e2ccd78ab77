//! `acos`: the arc cosine of a number, in radians.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `acos(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "acos",
    aliases: &[],
    family: "math",
    usage: "acos(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The arc cosine of a number, in radians.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, acos()",
    examples: &[Example { expression: "acos(1)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::acos)?;
    Ok(())
}
