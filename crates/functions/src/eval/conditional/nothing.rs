//! `null`: no value.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation};

/// `null()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "null",
    aliases: &[],
    family: "conditional",
    usage: "null()",
    parameters: &[],
    repeats: 0,
    summary: "No value.",
    details: "Assigned to a field, it takes the field away from the row.",
    source: "Search Reference: Comparison and Conditional functions, null()",
    examples: &[Example { expression: r#"if(isnull(null()), "none", "some")"#, given: "", result: r#""none""# }],
    implementation: Implementation::Expression(make),
};

fn make(_: Vec<Expr>, _: &[DataType]) -> Result<Expr> {
    Ok(Expr::default())
}
