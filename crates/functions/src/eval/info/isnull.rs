//! `isnull`: whether there is no value.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};

/// `isnull(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "isnull",
    aliases: &[],
    family: "info",
    usage: "isnull(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether there is no value.",
    details: "Empty text is a value.",
    source: "Search Reference: Informational functions, isnull()",
    examples: &[
        Example { expression: "if(isnull(missing), 1, 0)", given: "", result: "1" },
        Example { expression: r#"if(isnull("a"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    match (arguments.into_iter().next(), types) {
        (Some(value), [_]) => Ok(value.is_null()),
        _ => plan_err!("isnull takes one argument"),
    }
}
