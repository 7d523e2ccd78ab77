//! `in`: whether a value equals one of a list.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::{Comparison, compare_cells};
use crate::types::{Cell, Output, bool_type};

/// `in(<value>, <list>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "in",
    aliases: &[],
    family: "conditional",
    usage: "in(<value>, <list>, ...)",
    parameters: &[Parameter::required("value", ParameterKind::Any), Parameter::required("list", ParameterKind::Any)],
    repeats: 1,
    summary: "Whether a value equals one of a list.",
    details: "They are compared as `=` does; there are no wildcards. Null if the value is null. Written `value IN (...)` as well.",
    source: "Search Reference: Comparison and Conditional functions, in()",
    examples: &[
        Example { expression: r#"if(in("404", "400", "404"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(in("40", "4*"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments {
        [value, list @ ..] if !value.is_null() => {
            output.bool(list.iter().any(|item| compare_cells(Comparison::Equal, value, item) == Some(true)));
        }
        _ => output.null(),
    }
    Ok(())
}
