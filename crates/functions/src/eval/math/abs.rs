//! `abs`: a number without its sign.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `abs(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "abs",
    aliases: &[],
    family: "math",
    usage: "abs(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "A number without its sign.",
    details: "Null for what is no number.",
    source: "Search Reference: Mathematical functions, abs()",
    examples: &[Example { expression: "abs(-1.5)", given: "", result: "1.5" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, f64::abs)?;
    Ok(())
}
