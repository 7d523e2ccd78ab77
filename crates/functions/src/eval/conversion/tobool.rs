//! `tobool`: a value as a boolean.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `tobool(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "tobool",
    aliases: &[],
    family: "conversion",
    usage: "tobool(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "A value as a boolean.",
    details: "True for `true` and `1`, false for `false` and `0`, in any case; null for others.",
    source: "Search Reference: Conversion functions, tobool()",
    examples: &[
        Example { expression: r#"if(tobool("TRUE"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(tobool("x"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].text().as_deref() {
        Some(text) if text.eq_ignore_ascii_case("true") || text == "1" => output.bool(true),
        Some(text) if text.eq_ignore_ascii_case("false") || text == "0" => output.bool(false),
        _ => output.null(),
    }
    Ok(())
}
