//! `validate`: the value of the first condition that is not true.

use arrow::datatypes::DataType;
use datafusion_common::{Result, plan_err};
use datafusion_expr::Expr;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::truth;

/// `validate(<condition>, <value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "validate",
    aliases: &[],
    family: "conditional",
    usage: "validate(<condition>, <value>, ...)",
    parameters: &[
        Parameter::required("condition", ParameterKind::Bool),
        Parameter::required("value", ParameterKind::Any),
    ],
    repeats: 2,
    summary: "The value of the first condition that is not true.",
    details: "The opposite of `case`: null if all conditions are true.",
    source: "Search Reference: Comparison and Conditional functions, validate()",
    examples: &[
        Example { expression: r#"validate(1 < 2, "first", 2 < 1, "second")"#, given: "", result: r#""second""# },
        Example { expression: r#"validate(1 < 2, "first")"#, given: "", result: "null" },
    ],
    implementation: Implementation::Expression(make),
};

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    if arguments.len() % 2 == 1 {
        return plan_err!("validate takes pairs of a condition and a value");
    }
    let mut arguments = arguments.into_iter();
    let mut branches = Vec::with_capacity(types.len() / 2);
    for pair in types.chunks(2) {
        if let (Some(condition), Some(value), [condition_type, value_type]) = (arguments.next(), arguments.next(), pair)
        {
            let condition = truth(condition, condition_type);
            branches.push((condition.is_not_true(), (value, value_type)));
        }
    }
    super::choose(branches, None)
}
