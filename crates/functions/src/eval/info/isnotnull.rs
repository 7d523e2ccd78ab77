//! `isnotnull`: whether there is a value.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};

/// `isnotnull(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isnotnull",
    aliases: &[],
    family: "info",
    usage: "isnotnull(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether there is a value.",
    details: "Empty text is a value.",
    source: "Search Reference: Informational functions, isnotnull()",
    examples: &[
        Example { expression: "if(isnotnull(missing), 1, 0)", given: "", result: "0" },
        Example { expression: r#"if(isnotnull("a"), 1, 0)"#, given: "", result: "1" },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    match (arguments.into_iter().next(), types) {
        (Some(value), [_]) => Ok(value.is_not_null()),
        _ => plan_err!("isnotnull takes one argument"),
    }
}
