//! `json_extract`: the values at paths of JSON text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};
use dogwatch_json::{Json, path};

/// `json_extract(<json>, <paths>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_extract",
    aliases: &[],
    family: "json",
    usage: "json_extract(<json>, <paths>, ...)",
    parameters: &[Parameter::required("json", ParameterKind::Text), Parameter::optional("paths", ParameterKind::Text)],
    repeats: 1,
    summary: "What paths lead to in JSON text.",
    details: "A string without quotes, an array or object as JSON. A path with `{}` and several paths give a JSON array. Without a path the whole value. Null if there is nothing or the text is no JSON.",
    source: "Search Reference: JSON functions, json_extract()",
    examples: &[
        Example { expression: r#"json_extract("{\"a\":{\"b\":1}}", "a.b")"#, given: "", result: r#""1""# },
        Example {
            expression: r#"json_extract("{\"a\":[{\"n\":\"x\"},{\"n\":\"y\"}]}", "a{}.n")"#,
            given: "",
            result: r#""[\"x\",\"y\"]""#,
        },
        Example { expression: r#"json_extract("{\"a\":[1,2]}", "a{0}")"#, given: "", result: r#""1""# },
    ],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let text = arguments[0].text();
    let Some(json) = text.as_deref().and_then(Json::parse) else {
        output.null();
        return Ok(());
    };
    let mut several = arguments.len() > 2;
    let mut found = Vec::new();
    for argument in &arguments[1..] {
        let path = argument.text().unwrap_or_default();
        several |= path.contains("{}");
        match path::parse(&path) {
            Some(steps) => found.extend(path::follow(&json, &steps)),
            None => several |= false,
        }
    }
    if arguments.len() == 1 {
        found.push(&json);
    }
    super::append_values(&found, several, output);
    Ok(())
}
