//! `sinh`: the hyperbolic sine of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `sinh(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sinh",
    aliases: &[],
    family: "math",
    usage: "sinh(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The hyperbolic sine of a number.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, sinh()",
    examples: &[Example { expression: "sinh(0)", given: "", result: "0" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::sinh)?;
    Ok(())
}
