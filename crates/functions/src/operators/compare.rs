//! The comparisons of eval and where: `=`, `!=`, `<`, `<=`, `>`, `>=`. The search command has different rules.

use std::cmp::Ordering;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{Expr, Operator, binary_expr};

use super::convert::to_number;
use crate::row_udf::{Row, RowFunction};
use crate::types::{Cell, Output, Value, bool_type, is_number};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=` or `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Comparison {
    /// Whether two values with this ordering satisfy it.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    fn operator(self) -> Operator {
        match self {
            Self::Equal => Operator::Eq,
            Self::NotEqual => Operator::NotEq,
            Self::Less => Operator::Lt,
            Self::LessOrEqual => Operator::LtEq,
            Self::Greater => Operator::Gt,
            Self::GreaterOrEqual => Operator::GtEq,
        }
    }
}

/// Compares as eval does: as numbers if both sides are numbers or numeric texts, else as text by code point,
/// case-sensitively. Null on either side gives null; a multivalue satisfies a comparison if any of its values does.
///
/// Source: Search Reference, eval command, operators; where command.
pub fn compare(op: Comparison, left: Expr, left_type: &DataType, right: Expr, right_type: &DataType) -> Expr {
    if is_number(left_type) && is_number(right_type) {
        if left_type == right_type {
            return binary_expr(left, op.operator(), right);
        }
        return binary_expr(to_number(left, left_type), op.operator(), to_number(right, right_type));
    }
    let function = match op {
        Comparison::Equal => &EQUAL,
        Comparison::NotEqual => &NOT_EQUAL,
        Comparison::Less => &LESS,
        Comparison::LessOrEqual => &LESS_OR_EQUAL,
        Comparison::Greater => &GREATER,
        Comparison::GreaterOrEqual => &GREATER_OR_EQUAL,
    };
    function.call(vec![left, right])
}

const fn by_value(name: &'static str, row: Row) -> RowFunction {
    RowFunction::new(name, |_| bool_type(), row)
}

pub(super) static EQUAL: RowFunction = by_value("spl_equal", |a, o| row(Comparison::Equal, a, o));
pub(super) static NOT_EQUAL: RowFunction = by_value("spl_not_equal", |a, o| row(Comparison::NotEqual, a, o));
pub(super) static LESS: RowFunction = by_value("spl_less", |a, o| row(Comparison::Less, a, o));
pub(super) static LESS_OR_EQUAL: RowFunction = by_value("spl_less_or_equal", |a, o| row(Comparison::LessOrEqual, a, o));
pub(super) static GREATER: RowFunction = by_value("spl_greater", |a, o| row(Comparison::Greater, a, o));
pub(super) static GREATER_OR_EQUAL: RowFunction =
    by_value("spl_greater_or_equal", |a, o| row(Comparison::GreaterOrEqual, a, o));

fn row(op: Comparison, arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match compare_cells(op, &arguments[0], &arguments[1]) {
        Some(holds) => output.bool(holds),
        None => output.null(),
    }
    Ok(())
}

/// The comparison of two cells; `None` if either has no value.
pub fn compare_cells(op: Comparison, left: &Cell<'_>, right: &Cell<'_>) -> Option<bool> {
    if left.is_null() || right.is_null() {
        return None;
    }
    if let (Some(left), Some(right)) = (left.single(), right.single()) {
        return Some(op.holds(compare_values(&left, &right)));
    }
    let rights = right.values();
    Some(left.values().iter().any(|l| rights.iter().any(|r| op.holds(compare_values(l, r)))))
}

/// The order of two single values: by number if both are numeric, a boolean against text ignoring case, else text by code
/// point.
pub fn compare_values(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    if let (Value::Text(l), Value::Text(r)) = (left, right)
        && l == r
    {
        return Ordering::Equal;
    }
    if let Some(l) = left.number()
        && let Some(r) = right.number()
    {
        return l.partial_cmp(&r).unwrap_or(Ordering::Equal);
    }
    if matches!(left, Value::Bool(_)) || matches!(right, Value::Bool(_)) {
        return left.text().to_lowercase().cmp(&right.text().to_lowercase());
    }
    left.text().cmp(&right.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_value_and_text_by_code_point() {
        let text = |t| Value::Text(t);
        assert_eq!(compare_values(&text("10"), &text("9")), Ordering::Greater);
        assert_eq!(compare_values(&text("1.0"), &text("1")), Ordering::Equal);
        assert_eq!(compare_values(&text("10"), &text("9a")), Ordering::Less);
        assert_eq!(compare_values(&text("B"), &text("a")), Ordering::Less);
        assert_eq!(compare_values(&text("1"), &Value::Number(1.0)), Ordering::Equal);
        assert_eq!(compare_values(&text("true"), &Value::Bool(true)), Ordering::Equal);
        assert_eq!(compare_values(&Value::Number(0.0), &Value::Number(-0.0)), Ordering::Equal);
    }

    #[test]
    fn null_operand_gives_null() {
        assert_eq!(compare_cells(Comparison::NotEqual, &Cell::Null, &Cell::Number(1.0)), None);
        assert_eq!(compare_cells(Comparison::NotEqual, &Cell::Text("a"), &Cell::Number(1.0)), Some(true));
    }
}
