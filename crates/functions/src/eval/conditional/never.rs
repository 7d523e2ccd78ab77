//! `false`: a condition that never holds.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};

use crate::function::{EvalFunction, Example, Implementation};

/// `false()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "false",
    aliases: &[],
    family: "conditional",
    usage: "false()",
    parameters: &[],
    repeats: 0,
    summary: "A condition that never holds.",
    details: "The opposite of `true()`.",
    source: "Search Reference: Comparison and Conditional functions, false()",
    examples: &[Example { expression: r#"if(false(), "a", "b")"#, given: "", result: r#""b""# }],
    implementation: Implementation::Expression(make),
};

fn make(_: Vec<Expr>, _: &[DataType]) -> Result<Expr> {
    Ok(lit(false))
}
