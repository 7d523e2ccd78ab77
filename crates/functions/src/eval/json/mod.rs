//! Functions over JSON text.

use crate::function::EvalFunction;
use crate::types::{Cell, Output, format_number};
use dogwatch_json::{Json, text};

mod json_array;
mod json_array_to_mv;
mod json_extract;
mod json_extract_exact;
mod json_keys;
mod json_object;
mod json_valid;
mod spath;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &json_array::FUNCTION,
    &json_array_to_mv::FUNCTION,
    &json_extract::FUNCTION,
    &json_extract_exact::FUNCTION,
    &json_keys::FUNCTION,
    &json_object::FUNCTION,
    &json_valid::FUNCTION,
    &spath::FUNCTION,
];

/// Appends a value as JSON: text that is itself a JSON array or object is put in as such, other text as a string, a
/// multivalue as an array of strings.
fn write_cell(cell: &Cell<'_>, to: &mut String) {
    match cell {
        Cell::Null => to.push_str("null"),
        Cell::Bool(b) => to.push_str(if *b { "true" } else { "false" }),
        Cell::Number(n) => to.push_str(&format_number(*n)),
        Cell::Text(text) => match Json::parse(text) {
            Some(nested @ (Json::Array(..) | Json::Object(..))) => nested.write(to),
            _ => text::write(text, to),
        },
        Cell::Multi(..) => {
            to.push('[');
            for (i, value) in cell.values().iter().enumerate() {
                if i > 0 {
                    to.push(',');
                }
                text::write(&value.text(), to);
            }
            to.push(']');
        }
    }
}

/// Appends a JSON value in the form of a field; several as a JSON array, none as null.
fn append_values(values: &[&Json<'_>], several: bool, output: &mut Output) {
    match values {
        [] => output.null(),
        [Json::Null] if !several => output.null(),
        [one @ (Json::Array(..) | Json::Object(..))] if !several => {
            let mut text = String::new();
            one.write(&mut text);
            output.text(&text);
        }
        [one] if !several => match one.field_text() {
            Some(text) => output.text(&text),
            None => output.null(),
        },
        values => {
            let mut text = String::from("[");
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                value.write(&mut text);
            }
            text.push(']');
            output.text(&text);
        }
    }
}
