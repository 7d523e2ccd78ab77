//! `trim`: text without certain characters at both ends.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output};

/// `trim(<str>, <trim_chars>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "trim",
    aliases: &[],
    family: "text",
    usage: "trim(<str>, <trim_chars>)",
    parameters: &[
        Parameter::required("str", ParameterKind::Text),
        Parameter::optional("trim_chars", ParameterKind::Text),
    ],
    repeats: 0,
    summary: "Text without certain characters at both ends.",
    details: "Without the second argument spaces and tabs are taken off. Each value of a multivalue is changed.",
    source: "Search Reference: Text functions, trim()",
    examples: &[
        Example { expression: r#"trim("  a b  ")"#, given: "", result: r#""a b""# },
        Example { expression: r#"trim("xxaxx", "x")"#, given: "", result: r#""a""# },
    ],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match super::trimmed_characters(arguments) {
        Some(characters) => {
            super::each_value(&arguments[0], output, |text| text.trim_matches(characters.as_slice()).to_owned())
        }
        None => output.null(),
    }
    Ok(())
}
