//! `json_keys`: the keys of a JSON object, as a JSON array.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};
use dogwatch_json::{Json, text};

/// `json_keys(<json>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_keys",
    aliases: &[],
    family: "json",
    usage: "json_keys(<json>)",
    parameters: &[Parameter::required("json", ParameterKind::Text)],
    repeats: 0,
    summary: "The keys of a JSON object, as a JSON array.",
    details: "Of the outermost object, in its order. Null for anything else.",
    source: "Search Reference: JSON functions, json_keys()",
    examples: &[Example {
        expression: r#"json_keys("{\"b\":1,\"a\":{\"c\":2}}")"#,
        given: "",
        result: r#""[\"b\",\"a\"]""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let text = arguments[0].text();
    let Some(Json::Object(members, _)) = text.as_deref().and_then(Json::parse) else {
        output.null();
        return Ok(());
    };
    let mut json = String::from("[");
    for (i, (name, _)) in members.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        text::write(&name.decode(), &mut json);
    }
    json.push(']');
    output.text(&json);
    Ok(())
}
