//! `json_object`: a JSON object of keys and values.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};
use dogwatch_json::text;

/// `json_object(<key>, <value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_object",
    aliases: &[],
    family: "json",
    usage: "json_object(<key>, <value>, ...)",
    parameters: &[Parameter::optional("key", ParameterKind::Any), Parameter::optional("value", ParameterKind::Any)],
    repeats: 2,
    summary: "A JSON object of keys and values.",
    details: "Values become JSON as in `json_array`. Null if a key is null or a value is missing.",
    source: "Search Reference: JSON functions, json_object()",
    examples: &[Example {
        expression: r#"json_object("a", 1, "b", json_array("x"))"#,
        given: "",
        result: r#""{\"a\":1,\"b\":[\"x\"]}""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut json = String::from("{");
    for (i, pair) in arguments.chunks(2).enumerate() {
        let (Some(key), [_, value]) = (pair[0].text(), pair) else {
            output.null();
            return Ok(());
        };
        if i > 0 {
            json.push(',');
        }
        text::write(&key, &mut json);
        json.push(':');
        super::write_cell(value, &mut json);
    }
    json.push('}');
    output.text(&json);
    Ok(())
}
