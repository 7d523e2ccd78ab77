//! `spath`: the values at a path of JSON text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};
use dogwatch_json::{Json, path};

/// `spath(<value>, <path>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "spath",
    aliases: &[],
    family: "json",
    usage: "spath(<value>, <path>)",
    parameters: &[Parameter::required("value", ParameterKind::Text), Parameter::required("path", ParameterKind::Text)],
    repeats: 0,
    summary: "What a path leads to in JSON text.",
    details: "A path has names and places: `a.b`, `list{0}`, `list{}` for all elements, `list{}.name`. Several values make a multivalue; an array or object is its text. Null if there is nothing or the text is no JSON. XML is not read.",
    source: "Search Reference: Text functions, spath()",
    examples: &[
        Example { expression: r#"spath("{\"a\":{\"b\":\"c\"}}", "a.b")"#, given: "", result: r#"["c"]"# },
        Example { expression: r#"spath("{\"a\":[1,2]}", "a{1}")"#, given: "", result: r#"["2"]"# },
        Example { expression: r#"spath("{\"a\":[1,2]}", "a{}")"#, given: "", result: r#"["1","2"]"# },
    ],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let Some(path) = arguments[1].text() else {
        output.null();
        return Ok(());
    };
    let steps = path::parse(&path);
    let mut found: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        if let (Some(json), Some(steps)) = (Json::parse(&text), &steps) {
            let values = path::follow(&json, steps);
            found.extend(values.iter().filter_map(|value| value.field_text()).map(|text| text.into_owned()));
        }
    }
    output.multi(found);
    Ok(())
}
