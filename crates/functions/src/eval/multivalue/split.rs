//! `split`: text cut at a delimiter into a multivalue.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `split(<str>, <delim>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "split",
    aliases: &[],
    family: "multivalue",
    usage: "split(<str>, <delim>)",
    parameters: &[Parameter::required("str", ParameterKind::Text), Parameter::required("delim", ParameterKind::Text)],
    repeats: 0,
    summary: "Text cut at a delimiter into a multivalue.",
    details: "An empty delimiter cuts between all characters. Null for null; the values of a multivalue are cut one by one.",
    source: "Search Reference: Multivalue eval functions, split()",
    examples: &[
        Example { expression: r#"split("a,b,c", ",")"#, given: "", result: r#"["a","b","c"]"# },
        Example { expression: r#"split("abc", "")"#, given: "", result: r#"["a","b","c"]"# },
    ],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let Some(delimiter) = arguments[1].text() else {
        output.null();
        return Ok(());
    };
    let mut values: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        if delimiter.is_empty() {
            values.extend(text.chars().map(String::from));
        } else {
            values.extend(text.split(delimiter.as_ref()).map(str::to_owned));
        }
    }
    output.multi(values);
    Ok(())
}
