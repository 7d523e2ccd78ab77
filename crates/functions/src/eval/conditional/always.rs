//! `true`: a condition that always holds.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};

use crate::function::{EvalFunction, Example, Implementation};

/// `true()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "true",
    aliases: &[],
    family: "conditional",
    usage: "true()",
    parameters: &[],
    repeats: 0,
    summary: "A condition that always holds.",
    details: "The last condition of `case`, for what no other condition takes.",
    source: "Search Reference: Comparison and Conditional functions, true()",
    examples: &[Example { expression: r#"case(1 > 2, "a", true(), "b")"#, given: "", result: r#""b""# }],
    implementation: Implementation::Expression(make),
};

fn make(_: Vec<Expr>, _: &[DataType]) -> Result<Expr> {
    Ok(lit(true))
}
