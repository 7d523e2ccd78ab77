//! `cosh`: the hyperbolic cosine of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `cosh(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "cosh",
    aliases: &[],
    family: "math",
    usage: "cosh(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "The hyperbolic cosine of a number.",
    details: "Null where the function has no value.",
    source: "Search Reference: Trig and Hyperbolic functions, cosh()",
    examples: &[Example { expression: "cosh(0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::cosh)?;
    Ok(())
}
