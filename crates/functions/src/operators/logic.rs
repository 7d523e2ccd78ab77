//! `AND`, `OR`, `XOR`, `NOT` and the truth of an expression.
//!
//! A comparison with a missing field is null, and `NOT` of null is null; `where` and `if` accept only true.
//! `where NOT (missing=1)` therefore keeps nothing, as Splunk documents.

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, lit};

use crate::row_udf::RowFunction;
use crate::types::{Cell, Output, Value, bool_type};

/// Both hold. The operands are boolean, see [`truth`].
pub fn and(left: Expr, right: Expr) -> Expr {
    left.and(right)
}

/// At least one holds.
pub fn or(left: Expr, right: Expr) -> Expr {
    left.or(right)
}

/// Exactly one holds; null if either is null.
pub fn xor(left: Expr, right: Expr) -> Expr {
    left.not_eq(right)
}

/// It does not hold; null stays null.
pub fn not(operand: Expr) -> Expr {
    !operand
}

/// An expression as a condition. A boolean is used as it is; the texts `true` and `false`, in any case, count as
/// booleans, since that is the form of JSON's booleans; anything else is null. If the type is known to be a number, the
/// planner should report an error instead.
pub fn truth(expression: Expr, data_type: &DataType) -> Expr {
    match data_type {
        DataType::Boolean => expression,
        DataType::Null => lit(ScalarValue::Boolean(None)),
        _ => TRUTH.call(vec![expression]),
    }
}

pub(super) static TRUTH: RowFunction = RowFunction::new("spl_truth", |_| bool_type(), truth_row);

fn truth_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match arguments[0].single() {
        Some(Value::Bool(b)) => output.bool(b),
        Some(Value::Text(t)) if t.eq_ignore_ascii_case("true") => output.bool(true),
        Some(Value::Text(t)) if t.eq_ignore_ascii_case("false") => output.bool(false),
        _ => output.null(),
    }
    Ok(())
}
