//! `case`: the value of the first condition that is true.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::truth;

/// `case(<condition>, <value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "case",
    aliases: &[],
    family: "conditional",
    usage: "case(<condition>, <value>, ...)",
    parameters: &[
        Parameter::required("condition", ParameterKind::Bool),
        Parameter::required("value", ParameterKind::Any),
    ],
    repeats: 2,
    summary: "The value of the first condition that is true.",
    details: "Null if none is; `true()` as the last condition gives a default. The values are brought to one type.",
    source: "Search Reference: Comparison and Conditional functions, case()",
    examples: &[
        Example { expression: r#"case(1 > 2, "a", 2 > 1, "b")"#, given: "", result: r#""b""# },
        Example { expression: r#"case(1 > 2, "a")"#, given: "", result: "null" },
        Example { expression: r#"case(1 > 2, "a", true(), "other")"#, given: "", result: r#""other""# },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    if arguments.len() % 2 == 1 {
        return plan_err!("case takes pairs of a condition and a value");
    }
    let mut arguments = arguments.into_iter();
    let mut branches = Vec::with_capacity(types.len() / 2);
    for pair in types.chunks(2) {
        if let (Some(condition), Some(value), [condition_type, value_type]) = (arguments.next(), arguments.next(), pair)
        {
            let condition = truth(condition, condition_type);
            branches.push((condition, (value, value_type)));
        }
    }
    super::choose(branches, None)
}
