//! `AND`, `OR`, `XOR`, `NOT` and the truth of an expression.
//!
//! A comparison with a missing field is null, and null stays null through `NOT`; where and if take only what is true.
//! So `where NOT (missing=1)` keeps nothing, as Splunk documents.

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

/// An expression as a condition. A boolean is one; a text that says `true` or `false`, in any case, counts as it says,
/// since that is how JSON's booleans come in; anything else is null. A planner that knows the type to be a number
/// should rather complain.
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
