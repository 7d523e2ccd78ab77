//! `min`: the smallest of the values.

use std::cmp::Ordering;

use arrow::datatypes::DataType;
use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::compare_values;
use crate::types::{Cell, Output, is_number, number_type, text_type};

/// `min(<value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "min",
    aliases: &[],
    family: "math",
    usage: "min(<value>, ...)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 1,
    summary: "The smallest of the values.",
    details: "Numbers are smaller than texts; texts go by code point. A multivalue counts with each of its values; null is skipped.",
    source: "Search Reference: Statistical eval functions, min()",
    examples: &[
        Example { expression: r#"min(3, 6, 7, "maria")"#, given: "", result: r#""3""# },
        Example { expression: "min(4, 2)", given: "", result: "2" },
    ],
    implementation: Implementation::Rows { returns, row, pure: true },
};

fn returns(types: &[DataType]) -> DataType {
    if types.iter().all(|data_type| is_number(data_type) || *data_type == DataType::Null) {
        number_type()
    } else {
        text_type()
    }
}

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments.iter().flat_map(|argument| argument.values());
    let found = values.min_by(|left, right| match (left.number(), right.number()) {
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        _ => compare_values(left, right),
    });
    match found {
        Some(value) => output.value(value),
        None => output.null(),
    }
    Ok(())
}
