//! `isint`: whether a value is a whole number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `isint(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isint",
    aliases: &[],
    family: "info",
    usage: "isint(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a whole number.",
    details: "Text that spells one counts.",
    source: "Search Reference: Informational functions, isint()",
    examples: &[
        Example { expression: "if(isint(15), 1, 0)", given: "", result: "1" },
        Example { expression: "if(isint(1.5), 1, 0)", given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].number().is_some_and(|number| number.fract() == 0.0));
    Ok(())
}
