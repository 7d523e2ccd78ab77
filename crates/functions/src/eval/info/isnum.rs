//! `isnum`: whether a value is a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `isnum(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isnum",
    aliases: &[],
    family: "info",
    usage: "isnum(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a number.",
    details: "Text that spells a number counts as one.",
    source: "Search Reference: Informational functions, isnum()",
    examples: &[
        Example { expression: "if(isnum(12), 1, 0)", given: "", result: "1" },
        Example { expression: r#"if(isnum("a"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].number().is_some());
    Ok(())
}
