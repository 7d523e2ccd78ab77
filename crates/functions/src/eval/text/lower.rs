//! `lower`: text in lower case.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output};

/// `lower(<str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "lower",
    aliases: &[],
    family: "text",
    usage: "lower(<str>)",
    parameters: &[Parameter::required("str", ParameterKind::Text)],
    repeats: 0,
    summary: "Text in lower case.",
    details: "Null stays null; each value of a multivalue is changed.",
    source: "Search Reference: Text functions, lower()",
    examples: &[Example { expression: r#"lower("DOCKER")"#, given: "", result: r#""docker""# }],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::each_value(&arguments[0], output, str::to_lowercase);
    Ok(())
}
