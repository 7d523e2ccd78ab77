//! `upper`: text in upper case.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `upper(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "upper",
    aliases: &[],
    family: "text",
    usage: "upper(<str>)",
    parameters: &[Parameter { name: "str", kind: ParameterKind::Text, optional: false }],
    repeats: 0,
    summary: "Text in upper case.",
    details: "Null stays null.",
    source: "Search Reference: Text functions, upper()",
    examples: &[Example { expression: r#"upper("docker")"#, given: "", result: r#""DOCKER""# }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].text() {
        Some(text) => output.text(&text.to_uppercase()),
        None => output.null(),
    }
    Ok(())
}
