//! Text functions.

use arrow::datatypes::DataType;

use crate::function::EvalFunction;
use crate::types::{Cell, Output, is_multivalue, multivalue_type, text_type};

mod len;
mod lower;
mod ltrim;
mod replace;
mod rtrim;
mod substr;
mod trim;
mod upper;
mod urldecode;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &len::FUNCTION,
    &lower::FUNCTION,
    &ltrim::FUNCTION,
    &replace::FUNCTION,
    &rtrim::FUNCTION,
    &substr::FUNCTION,
    &trim::FUNCTION,
    &upper::FUNCTION,
    &urldecode::FUNCTION,
];

/// The type of a text function that treats each value of a multivalue.
fn each_type(types: &[DataType]) -> DataType {
    if types.first().is_some_and(is_multivalue) { multivalue_type() } else { text_type() }
}

/// Appends each value of a cell, changed; null for null.
fn each_value(cell: &Cell<'_>, output: &mut Output, change: impl Fn(&str) -> String) {
    match cell {
        Cell::Multi(..) => output.multi(cell.values().iter().map(|value| change(&value.text()))),
        cell => match cell.text() {
            Some(text) => output.text(&change(&text)),
            None => output.null(),
        },
    }
}

/// The characters that a trim function removes: those given, else spaces and tabs. `None` if the argument is null.
fn trimmed_characters(arguments: &[Cell<'_>]) -> Option<Vec<char>> {
    match arguments.get(1) {
        None => Some(vec![' ', '\t']),
        Some(cell) => cell.text().map(|text| text.chars().collect()),
    }
}
