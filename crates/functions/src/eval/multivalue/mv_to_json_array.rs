//! `mv_to_json_array`: the values of a multivalue as a JSON array.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};
use dogwatch_json::{Json, text};

/// `mv_to_json_array(<field>, <infer_types>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mv_to_json_array",
    aliases: &[],
    family: "multivalue",
    usage: "mv_to_json_array(<field>, <infer_types>)",
    parameters: &[
        Parameter::required("field", ParameterKind::Any),
        Parameter::optional("infer_types", ParameterKind::Bool),
    ],
    repeats: 0,
    summary: "The values of a multivalue as a JSON array.",
    details: "Strings all, unless the second argument is true: then what spells a number, a boolean, null, an array or an object is taken as such.",
    source: "Search Reference: Multivalue eval functions, mv_to_json_array()",
    examples: &[
        Example {
            expression: r#"mv_to_json_array(split("a,1,true", ","))"#,
            given: "",
            result: r#""[\"a\",\"1\",\"true\"]""#,
        },
        Example {
            expression: r#"mv_to_json_array(split("a,1,true", ","), true())"#,
            given: "",
            result: r#""[\"a\",1,true]""#,
        },
    ],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments[0].values();
    if values.is_empty() {
        output.null();
        return Ok(());
    }
    let infer = arguments.get(1).and_then(Cell::truth) == Some(true);
    let mut json = String::from("[");
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        let text = value.text();
        match Json::parse(&text).filter(|_| infer) {
            Some(inferred) => inferred.write(&mut json),
            None => text::write(&text, &mut json),
        }
    }
    json.push(']');
    output.text(&json);
    Ok(())
}
