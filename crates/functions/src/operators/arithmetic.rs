//! Arithmetic of eval: `+ - * / %`, negation and the concatenation `.`.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};

use super::convert::to_number;
use crate::row_udf::{Row, RowFunction};
use crate::types::{Cell, Output, is_number, number_type, text_type};

/// An arithmetic operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// `+`, which also joins two texts.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
}

/// The type of the result: a number, except for `+` if neither operand is certain to be a number. That result is text,
/// since the values may be concatenated; if they turn out to be numbers, the text is their sum.
pub fn arithmetic_type(op: Arithmetic, left: &DataType, right: &DataType) -> DataType {
    let may_be_text = |t: &DataType| matches!(t, DataType::Utf8 | DataType::List(_));
    if op == Arithmetic::Add && may_be_text(left) && may_be_text(right) { text_type() } else { number_type() }
}

/// Computes with numbers and numeric texts. `+` concatenates two texts if one of them is not numeric; with other
/// operators, non-numeric text gives null. So do null, several values, and division or modulo by zero.
///
/// Source: Search Reference, eval command, operators.
pub fn arithmetic(op: Arithmetic, left: Expr, left_type: &DataType, right: Expr, right_type: &DataType) -> Expr {
    if is_number(left_type) && is_number(right_type) && matches!(op, Arithmetic::Add | Arithmetic::Subtract) {
        let (left, right) = (to_number(left, left_type), to_number(right, right_type));
        return if op == Arithmetic::Add { left + right } else { left - right };
    }
    let function = match op {
        Arithmetic::Add => &ADD,
        Arithmetic::Subtract => &SUBTRACT,
        Arithmetic::Multiply => &MULTIPLY,
        Arithmetic::Divide => &DIVIDE,
        Arithmetic::Modulo => &MODULO,
    };
    function.call(vec![left, right])
}

const fn of_numbers(name: &'static str, row: Row) -> RowFunction {
    RowFunction::new(name, |_| number_type(), row)
}

pub(super) static ADD: RowFunction =
    RowFunction::new("spl_add", |types| arithmetic_type(Arithmetic::Add, &types[0], &types[1]), add);
pub(super) static SUBTRACT: RowFunction = of_numbers("spl_subtract", |a, o| number(a, o, |l, r| l - r));
pub(super) static MULTIPLY: RowFunction = of_numbers("spl_multiply", |a, o| number(a, o, |l, r| l * r));
pub(super) static DIVIDE: RowFunction =
    of_numbers("spl_divide", |a, o| number(a, o, |l, r| if r == 0.0 { f64::NAN } else { l / r }));
pub(super) static MODULO: RowFunction = of_numbers("spl_modulo", |a, o| number(a, o, |l, r| l % r));

fn number(arguments: &[Cell<'_>], output: &mut Output, compute: fn(f64, f64) -> f64) -> Result<()> {
    match (arguments[0].number(), arguments[1].number()) {
        (Some(left), Some(right)) => output.number(compute(left, right)),
        _ => output.null(),
    }
    Ok(())
}

fn add(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    if let (Some(left), Some(right)) = (arguments[0].number(), arguments[1].number()) {
        output.number(left + right);
        return Ok(());
    }
    let is_text = |cell: &Cell<'_>| matches!(cell, Cell::Text(_) | Cell::Multi(..));
    match (arguments[0].text(), arguments[1].text()) {
        (Some(left), Some(right)) if is_text(&arguments[0]) && is_text(&arguments[1]) => {
            output.text(&format!("{left}{right}"));
        }
        _ => output.null(),
    }
    Ok(())
}

/// The negated number; null if the value is not a number.
pub fn negate(value: Expr, data_type: &DataType) -> Expr {
    lit(0.0) - to_number(value, data_type)
}

/// The operator `.`: the operands' texts joined, numbers as they print. Null if an operand is null or has several
/// values.
///
/// Source: Search Reference, eval command, operators.
pub fn concat(parts: Vec<Expr>) -> Expr {
    CONCAT.call(parts)
}

pub(super) static CONCAT: RowFunction = RowFunction::new("spl_concat", |_| text_type(), concat_row);

fn concat_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut joined = String::new();
    for argument in arguments {
        match argument.text() {
            Some(text) => joined.push_str(&text),
            None => {
                output.null();
                return Ok(());
            }
        }
    }
    output.text(&joined);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(left: Cell<'_>, right: Cell<'_>, to: &DataType) -> String {
        let mut output = Output::new(to, 1).unwrap();
        add(&[left, right], &mut output).unwrap();
        let array = output.finish();
        crate::types::cell(&array, 0).text().map_or("null".to_owned(), |t| t.into_owned())
    }

    #[test]
    fn plus_adds_numbers_and_joins_texts() {
        let text = text_type();
        assert_eq!(sum(Cell::Text("2"), Cell::Text("3"), &text), "5");
        assert_eq!(sum(Cell::Text("a"), Cell::Text("3"), &text), "a3");
        assert_eq!(sum(Cell::Null, Cell::Text("3"), &text), "null");
        let number = arithmetic_type(Arithmetic::Add, &text, &number_type());
        assert_eq!(sum(Cell::Text("2.5"), Cell::Number(1.0), &number), "3.5");
        assert_eq!(sum(Cell::Text("a"), Cell::Number(1.0), &number), "null");
    }

    #[test]
    fn division_by_zero_is_null() {
        for op in [Arithmetic::Divide, Arithmetic::Modulo] {
            let mut output = Output::new(&number_type(), 1).unwrap();
            let compute: fn(f64, f64) -> f64 = if op == Arithmetic::Divide { |l, r| l / r } else { |l, r| l % r };
            number(&[Cell::Number(1.0), Cell::Text("0")], &mut output, compute).unwrap();
            assert!(output.finish().is_null(0));
        }
    }
}
