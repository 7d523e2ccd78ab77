//! `pow`: a number to the power of another.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `pow(<num>, <exponent>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "pow",
    aliases: &[],
    family: "math",
    usage: "pow(<num>, <exponent>)",
    parameters: &[
        Parameter::required("num", ParameterKind::Number),
        Parameter::required("exponent", ParameterKind::Number),
    ],
    repeats: 0,
    summary: "A number to the power of another.",
    details: "Null where that is no number or beyond the largest.",
    source: "Search Reference: Mathematical functions, pow()",
    examples: &[Example { expression: "pow(2, 8)", given: "", result: "256" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match (arguments[0].number(), arguments[1].number()) {
        (Some(num), Some(exponent)) => output.number(num.powf(exponent)),
        _ => output.null(),
    }
    Ok(())
}
