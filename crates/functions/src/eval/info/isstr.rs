//! `isstr`: whether a value is text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, Value, bool_type};

/// `isstr(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isstr",
    aliases: &[],
    family: "info",
    usage: "isstr(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is text.",
    details: "Text that spells a number does not count, since a field with it is a number to Splunk.",
    source: "Search Reference: Informational functions, isstr()",
    examples: &[
        Example { expression: r#"if(isstr("a"), 1, 0)"#, given: "", result: "1" },
        Example { expression: "if(isstr(1), 1, 0)", given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(matches!(arguments[0].single(), Some(Value::Text(_))) && arguments[0].number().is_none());
    Ok(())
}
