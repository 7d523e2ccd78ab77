//! `json_valid`: whether a text is JSON.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};
use dogwatch_json::Json;

/// `json_valid(<json>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_valid",
    aliases: &[],
    family: "json",
    usage: "json_valid(<json>)",
    parameters: &[Parameter::required("json", ParameterKind::Text)],
    repeats: 0,
    summary: "Whether a text is JSON.",
    details: "Null for null. Nesting deeper than 128 counts as none.",
    source: "Search Reference: JSON functions, json_valid()",
    examples: &[
        Example { expression: r#"if(json_valid("{\"a\":[1]}"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(json_valid("{names: maria"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].text() {
        Some(text) => output.bool(Json::parse(&text).is_some()),
        None => output.null(),
    }
    Ok(())
}
