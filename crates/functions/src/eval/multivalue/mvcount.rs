//! `mvcount`: the number of values of a field.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `mvcount(<mv>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvcount",
    aliases: &[],
    family: "multivalue",
    usage: "mvcount(<mv>)",
    parameters: &[Parameter::required("mv", ParameterKind::Any)],
    repeats: 0,
    summary: "How many values a field has.",
    details: "1 for a single value, null for null.",
    source: "Search Reference: Multivalue eval functions, mvcount()",
    examples: &[
        Example { expression: r#"mvcount(split("a,b", ","))"#, given: "", result: "2" },
        Example { expression: r#"mvcount("a")"#, given: "", result: "1" },
        Example { expression: "mvcount(null())", given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].values().len() {
        0 => output.null(),
        count => output.number(count as f64),
    }
    Ok(())
}
