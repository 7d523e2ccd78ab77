//! `max`: the greatest of the values.

use std::cmp::Ordering;

use arrow::datatypes::DataType;
use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::operators::compare_values;
use crate::types::{Cell, Output, is_number, number_type, text_type};

/// `max(<value>, ...)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "max",
    aliases: &[],
    family: "math",
    usage: "max(<value>, ...)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 1,
    summary: "The greatest of the values.",
    details: "Numbers are smaller than texts; texts go by code point. A multivalue counts with each of its values; null is skipped.",
    source: "Search Reference: Statistical eval functions, max()",
    examples: &[
        Example { expression: "max(1, 3)", given: "", result: "3" },
        Example { expression: r#"max(3, 6, "maria")"#, given: "", result: r#""maria""# },
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
    let found = values.max_by(|left, right| match (left.number(), right.number()) {
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
