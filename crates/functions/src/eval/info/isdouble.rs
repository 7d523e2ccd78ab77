//! `isdouble`: whether a value is a number with a fraction.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, bool_type};

/// `isdouble(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isdouble",
    aliases: &[],
    family: "info",
    usage: "isdouble(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether a value is a number with a fraction.",
    details: "Text that spells one counts.",
    source: "Search Reference: Informational functions, isdouble()",
    examples: &[
        Example { expression: "if(isdouble(1.5), 1, 0)", given: "", result: "1" },
        Example { expression: "if(isdouble(1), 1, 0)", given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.bool(arguments[0].number().is_some_and(|number| number.fract() != 0.0));
    Ok(())
}
