//! `len`: the number of characters of a text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `len(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "len",
    aliases: &[],
    family: "text",
    usage: "len(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Text)],
    repeats: 0,
    summary: "How many characters a text has.",
    details: "Counts Unicode code points, not bytes. Null for null and for a multivalue of several values.",
    source: "Search Reference: Text functions, len()",
    examples: &[
        Example { expression: r#"len("héllo")"#, given: "", result: "5" },
        Example { expression: r#"len("")"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].text() {
        Some(text) => output.number(text.chars().count() as f64),
        None => output.null(),
    }
    Ok(())
}
