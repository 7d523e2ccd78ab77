//! `log`: the logarithm of a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `log(<num>, <base>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "log",
    aliases: &[],
    family: "math",
    usage: "log(<num>, <base>)",
    parameters: &[
        Parameter::required("num", ParameterKind::Number),
        Parameter::optional("base", ParameterKind::Number),
    ],
    repeats: 0,
    summary: "The logarithm of a number.",
    details: "To base 10 if none is given. Null for a number that is not positive and a base that has no logarithms.",
    source: "Search Reference: Mathematical functions, log()",
    examples: &[
        Example { expression: "log(100)", given: "", result: "2" },
        Example { expression: "log(8, 2)", given: "", result: "3" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match (arguments[0].number(), arguments.get(1).map(Cell::number)) {
        (Some(number), None) => output.number(number.log10()),
        (Some(number), Some(Some(2.0))) => output.number(number.log2()),
        (Some(number), Some(Some(10.0))) => output.number(number.log10()),
        (Some(number), Some(Some(base))) if base > 0.0 => output.number(number.log(base)),
        _ => output.null(),
    }
    Ok(())
}
