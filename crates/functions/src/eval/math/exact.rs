//! `exact`: a number as it was computed.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `exact(<num>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "exact",
    aliases: &[],
    family: "math",
    usage: "exact(<num>)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 0,
    summary: "A number as it was computed.",
    details: "Numbers keep all their digits here anyway. Null for what is no number.",
    source: "Search Reference: Mathematical functions, exact()",
    examples: &[Example { expression: "exact(3.14)", given: "", result: "3.14" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::number_row(arguments, output, |number| number)?;
    Ok(())
}
