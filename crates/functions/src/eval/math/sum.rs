//! `sum`: the sum of numbers.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `sum(<num>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "sum",
    aliases: &[],
    family: "math",
    usage: "sum(<num>, ...)",
    parameters: &[Parameter::required("num", ParameterKind::Number)],
    repeats: 1,
    summary: "The sum of numbers.",
    details: "A multivalue counts with each of its values. What is no number is skipped; null if nothing is left. A string literal is an error.",
    source: "Search Reference: Mathematical functions, sum()",
    examples: &[Example { expression: "sum(1, 2, 3)", given: "", result: "6" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let numbers: Vec<f64> =
        arguments.iter().flat_map(|argument| argument.values()).filter_map(|value| value.number()).collect();
    if numbers.is_empty() {
        output.null();
    } else {
        output.number(numbers.iter().sum::<f64>());
    }
    Ok(())
}
