//! `if`: one value if a condition is true, else another.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::truth;

/// `if(<predicate>, <true_value>, <false_value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "if",
    aliases: &[],
    family: "conditional",
    usage: "if(<predicate>, <true_value>, <false_value>)",
    parameters: &[
        Parameter::required("predicate", ParameterKind::Bool),
        Parameter::required("true_value", ParameterKind::Any),
        Parameter::required("false_value", ParameterKind::Any),
    ],
    repeats: 0,
    summary: "One value if a condition is true, else another.",
    details: "A condition that is null counts as not true. The two values are brought to one type: a number and a text make text.",
    source: "Search Reference: Comparison and Conditional functions, if()",
    examples: &[
        Example { expression: r#"if(1 < 2, "yes", "no")"#, given: "", result: r#""yes""# },
        Example { expression: r#"if(missing = 1, "yes", "no")"#, given: "", result: r#""no""# },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next(), arguments.next(), types) {
        (Some(condition), Some(then), Some(otherwise), [condition_type, then_type, otherwise_type]) => super::choose(
            vec![(truth(condition, condition_type), (then, then_type))],
            Some((otherwise, otherwise_type)),
        ),
        _ => plan_err!("if takes three arguments: if(<predicate>, <true_value>, <false_value>)"),
    }
}
