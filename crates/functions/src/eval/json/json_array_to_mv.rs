//! `json_array_to_mv`: the elements of a JSON array as a multivalue.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};
use dogwatch_json::Json;

/// `json_array_to_mv(<json_array>, <is_string>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_array_to_mv",
    aliases: &[],
    family: "json",
    usage: "json_array_to_mv(<json_array>, <is_string>)",
    parameters: &[
        Parameter::required("json_array", ParameterKind::Text),
        Parameter::optional("is_string", ParameterKind::Bool),
    ],
    repeats: 0,
    summary: "The elements of a JSON array as a multivalue.",
    details: "A string comes without its quotes, unless the second argument is true. An array or object is its JSON; null elements are left out. Null for what is no array.",
    source: "Search Reference: JSON functions, json_array_to_mv()",
    examples: &[Example { expression: r#"json_array_to_mv("[\"a\",1]")"#, given: "", result: r#"["a","1"]"# }],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let quoted = arguments.get(1).and_then(Cell::truth) == Some(true);
    let text = arguments[0].text();
    let Some(Json::Array(elements, _)) = text.as_deref().and_then(Json::parse) else {
        output.null();
        return Ok(());
    };
    let mut values: Vec<String> = Vec::with_capacity(elements.len());
    for element in &elements {
        match element {
            Json::Text(text) if !quoted => values.push(text.decode().into_owned()),
            Json::Null => {}
            other => {
                let mut json = String::new();
                other.write(&mut json);
                values.push(json);
            }
        }
    }
    output.multi(values);
    Ok(())
}
