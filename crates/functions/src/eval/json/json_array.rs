//! `json_array`: a JSON array of values.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `json_array(<values>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "json_array",
    aliases: &[],
    family: "json",
    usage: "json_array(<values>, ...)",
    parameters: &[Parameter::optional("values", ParameterKind::Any)],
    repeats: 1,
    summary: "A JSON array of values.",
    details: "Text that is itself a JSON array or object is put in as such; other text, whatever it spells, becomes a string; a multivalue becomes an array.",
    source: "Search Reference: JSON functions, json_array()",
    examples: &[
        Example { expression: r#"json_array(1, 2, "a")"#, given: "", result: r#""[1,2,\"a\"]""# },
        Example { expression: "json_array(json_array(1), null())", given: "", result: r#""[[1],null]""# },
    ],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut json = String::from("[");
    for (i, argument) in arguments.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        super::write_cell(argument, &mut json);
    }
    json.push(']');
    output.text(&json);
    Ok(())
}
