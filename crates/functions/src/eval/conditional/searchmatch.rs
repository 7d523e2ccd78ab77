//! `searchmatch`: whether the row matches a search expression.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::truth;

/// `searchmatch(<search_str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "searchmatch",
    aliases: &[],
    family: "conditional",
    usage: "searchmatch(<search_str>)",
    parameters: &[Parameter::required("search_str", ParameterKind::Search)],
    repeats: 0,
    summary: "Whether the row matches a search expression.",
    details: "The string is read as the search command reads it: without case, with `*`, words looked for in `_raw`.",
    source: "Search Reference: Comparison and Conditional functions, searchmatch()",
    examples: &[Example {
        expression: r#"if(searchmatch("x=hi y=*"), "yes", "no")"#,
        given: r#"x="hi", y="bye""#,
        result: r#""yes""#,
    }],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    match (arguments.into_iter().next(), types) {
        (Some(condition), [data_type, ..]) => Ok(truth(condition, data_type)),
        _ => plan_err!("searchmatch takes a search expression in a string"),
    }
}
