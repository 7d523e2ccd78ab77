//! `coalesce`: the first value that is not null.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};

/// `coalesce(<value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "coalesce",
    aliases: &[],
    family: "conditional",
    usage: "coalesce(<value>, ...)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 1,
    summary: "The first value that is not null.",
    details: "Empty text is a value. The values are brought to one type.",
    source: "Search Reference: Comparison and Conditional functions, coalesce()",
    examples: &[
        Example { expression: r#"coalesce(null(), "b", "c")"#, given: "", result: r#""b""# },
        Example { expression: "coalesce(missing)", given: "", result: "null" },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    let mut branches: Vec<_> =
        arguments.into_iter().zip(types).map(|(value, from)| (value.clone().is_not_null(), (value, from))).collect();
    let last = branches.pop().map(|(_, value)| value);
    super::choose(branches, last)
}
