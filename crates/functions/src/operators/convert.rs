//! Conversions between the types of SPL.

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, cast, lit};

use super::logic::truth;
use crate::row_udf::RowFunction;
use crate::types::{Cell, Output, multivalue_type, number_type, text_type, time_type};

/// Any value as a multivalue: one value as a list of it, null as null.
pub fn mv_values(expression: Expr, data_type: &DataType) -> Expr {
    convert(expression, data_type, multivalue_type(), &VALUES)
}

/// Any value as text: a number as it prints, a boolean as `True` or `False`, a multivalue's values on a line each.
pub fn to_text(expression: Expr, data_type: &DataType) -> Expr {
    convert(expression, data_type, text_type(), &TO_TEXT)
}

/// Any numeric value as a number, else null; a timestamp as its seconds since 1970.
pub fn to_number(expression: Expr, data_type: &DataType) -> Expr {
    if data_type.is_numeric() && *data_type != number_type() {
        return cast(expression, number_type());
    }
    convert(expression, data_type, number_type(), &TO_NUMBER)
}

/// A number of seconds since 1970 as a timestamp, UTC, to the microsecond; null for values that are not numbers or are
/// outside the range of timestamps.
pub fn as_time(expression: Expr, data_type: &DataType) -> Expr {
    convert(expression, data_type, time_type(), &TO_TIME)
}

/// Converts a value to the common type of branches, as in `if`; see [`crate::types::unify`].
pub fn unify_to(expression: Expr, from: &DataType, to: &DataType) -> Expr {
    match to {
        _ if from == to => expression,
        DataType::Utf8 => to_text(expression, from),
        DataType::Float64 => to_number(expression, from),
        DataType::List(_) => mv_values(expression, from),
        DataType::Timestamp(..) => as_time(expression, from),
        DataType::Boolean => truth(expression, from),
        other => cast(expression, other.clone()),
    }
}

pub(super) static VALUES: RowFunction = RowFunction::new("spl_values", |_| multivalue_type(), copy);
pub(super) static TO_TEXT: RowFunction = RowFunction::new("spl_to_text", |_| text_type(), copy);
pub(super) static TO_NUMBER: RowFunction = RowFunction::new("spl_to_number", |_| number_type(), copy);
pub(super) static TO_TIME: RowFunction = RowFunction::new("spl_to_time", |_| time_type(), copy);

fn convert(expression: Expr, from: &DataType, to: DataType, function: &RowFunction) -> Expr {
    if *from == to {
        return expression;
    }
    if *from == DataType::Null {
        return match ScalarValue::try_from(&to) {
            Ok(null) => lit(null),
            Err(_) => cast(expression, to),
        };
    }
    function.call(vec![expression])
}

fn copy(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let cell = arguments[0];
    match (&output, cell) {
        (Output::Number(_) | Output::Time(_), cell) => match cell.number() {
            Some(number) => output.number(number),
            None => output.null(),
        },
        (_, cell) => output.cell(cell),
    }
    Ok(())
}
