//! `ismv`: whether a field has several values.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `ismv(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "ismv",
    aliases: &[],
    family: "info",
    usage: "ismv(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a multivalue of several values.",
    details: "One value and null are none.",
    source: "Search Reference: Informational functions, ismv()",
    examples: &[
        Example { expression: r#"if(ismv(split("a,b", ",")), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(ismv("a"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].values().len() > 1);
    Ok(())
}
