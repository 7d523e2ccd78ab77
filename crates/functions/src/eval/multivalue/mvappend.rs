//! `mvappend`: all values of the arguments as one multivalue.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `mvappend(<values>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvappend",
    aliases: &[],
    family: "multivalue",
    usage: "mvappend(<values>, ...)",
    parameters: &[Parameter::required("values", ParameterKind::Any)],
    repeats: 1,
    summary: "All values of the arguments as one multivalue.",
    details: "Null arguments are skipped; null if no value is left.",
    source: "Search Reference: Multivalue eval functions, mvappend()",
    examples: &[
        Example { expression: r#"mvappend("a", "b")"#, given: "", result: r#"["a","b"]"# },
        Example {
            expression: r#"mvjoin(mvappend("a", null(), split("b,c", ",")), "")"#,
            given: "",
            result: r#""abc""#,
        },
    ],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.multi(arguments.iter().flat_map(|argument| argument.values()).map(|value| value.text()));
    Ok(())
}
