//! `nullif`: null if two values are equal, else the first.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::{Expr, when};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::{Comparison, compare};

/// `nullif(<value1>, <value2>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "nullif",
    aliases: &[],
    family: "conditional",
    usage: "nullif(<value1>, <value2>)",
    parameters: &[Parameter::required("value1", ParameterKind::Any), Parameter::required("value2", ParameterKind::Any)],
    repeats: 0,
    summary: "Null if two values are equal, else the first.",
    details: "They are compared as `=` does.",
    source: "Search Reference: Comparison and Conditional functions, nullif()",
    examples: &[
        Example { expression: r#"nullif("a", "a")"#, given: "", result: "null" },
        Example { expression: r#"nullif("a", "b")"#, given: "", result: r#""a""# },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), types) {
        (Some(first), Some(second), [first_type, second_type]) => {
            let equal = compare(Comparison::Equal, first.clone(), first_type, second, second_type);
            when(equal.is_not_true(), first).end()
        }
        _ => plan_err!("nullif takes two arguments: nullif(<value1>, <value2>)"),
    }
}
