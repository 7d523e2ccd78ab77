//! `isobject`: whether a value is a JSON object.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};
use dogwatch_json::Json;

/// `isobject(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isobject",
    aliases: &[],
    family: "info",
    usage: "isobject(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a JSON object.",
    details: "It is text here, which is looked into.",
    source: "Search Reference: Informational functions, isobject()",
    examples: &[
        Example { expression: r#"if(isobject(json_object("a", 1)), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(isobject("a"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].text().is_some_and(|text| matches!(Json::parse(&text), Some(Json::Object(..)))));
    Ok(())
}
