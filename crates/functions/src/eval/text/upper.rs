//! `upper`: text in upper case.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output};

/// `upper(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "upper",
    aliases: &[],
    family: "text",
    usage: "upper(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Text)],
    repeats: 0,
    summary: "Text in upper case.",
    details: "Null stays null; each value of a multivalue is changed.",
    source: "Search Reference: Text functions, upper()",
    examples: &[Example { expression: r#"upper("docker")"#, given: "", result: r#""DOCKER""# }],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::each_value(&arguments[0], output, str::to_uppercase);
    Ok(())
}
