//! `isbool`: whether a value is a boolean.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `isbool(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isbool",
    aliases: &[],
    family: "info",
    usage: "isbool(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a boolean.",
    details: "The text `true` is none.",
    source: "Search Reference: Informational functions, isbool()",
    examples: &[
        Example { expression: "if(isbool(1=1), 1, 0)", given: "", result: "1" },
        Example { expression: r#"if(isbool("true"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(matches!(arguments[0], Cell::Bool(_)));
    Ok(())
}
