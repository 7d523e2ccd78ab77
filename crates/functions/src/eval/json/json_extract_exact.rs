//! `json_extract_exact`: the values of keys of a JSON object, taken literally.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};
use dogwatch_json::Json;
use dogwatch_json::path::{self, Step};

/// `json_extract_exact(<json>, <keys>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_extract_exact",
    aliases: &[],
    family: "json",
    usage: "json_extract_exact(<json>, <keys>, ...)",
    parameters: &[Parameter::required("json", ParameterKind::Text), Parameter::optional("keys", ParameterKind::Text)],
    repeats: 1,
    summary: "What keys name in a JSON object, taken literally.",
    details: "Dots and braces of a key have no meaning. Several keys give a JSON array. Without a key the whole value.",
    source: "Search Reference: JSON functions, json_extract_exact()",
    examples: &[Example {
        expression: r#"json_extract_exact("{\"system.splunk.path\":\"/opt/splunk/\"}", "system.splunk.path")"#,
        given: "",
        result: r#""/opt/splunk/""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let text = arguments[0].text();
    let Some(json) = text.as_deref().and_then(Json::parse) else {
        output.null();
        return Ok(());
    };
    let mut found = Vec::new();
    for argument in &arguments[1..] {
        if let Some(key) = argument.text() {
            found.extend(path::follow(&json, &[Step::Member(&key)]));
        }
    }
    if arguments.len() == 1 {
        found.push(&json);
    }
    super::append_values(&found, arguments.len() > 2, output);
    Ok(())
}
