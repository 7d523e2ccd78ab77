//! `isarray`: whether a value is a JSON array.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};
use dogwatch_json::Json;

/// `isarray(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isarray",
    aliases: &[],
    family: "info",
    usage: "isarray(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a JSON array.",
    details: "It is text here, which is looked into.",
    source: "Search Reference: Informational functions, isarray()",
    examples: &[
        Example { expression: "if(isarray(json_array(1, 2)), 1, 0)", given: "", result: "1" },
        Example { expression: r#"if(isarray("a"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].text().is_some_and(|text| matches!(Json::parse(&text), Some(Json::Array(..)))));
    Ok(())
}
