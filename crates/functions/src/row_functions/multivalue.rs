//! Multivalues made of texts, and cut.

use datafusion_common::Result;

use crate::row_udf::RowFunction;
use crate::types::{Cell, Output, multivalue_type};

/// The parts of texts between delimiters: value, delimiter, whether empty parts are kept. An empty delimiter splits
/// nothing.
pub static SPLIT: RowFunction = RowFunction::new("spl_split", |_| multivalue_type(), split_row);

/// The first values: value, how many.
pub static FIRST_VALUES: RowFunction = RowFunction::new("spl_first_values", |_| multivalue_type(), first_row);

/// The number of each value, from 0, as a multivalue of the same length.
pub static PLACES: RowFunction = RowFunction::new("spl_places", |_| multivalue_type(), places_row);

fn split_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let (delimiter, empty) = (arguments[1].text().unwrap_or_default(), arguments[2].truth().unwrap_or(false));
    let mut out: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        if delimiter.is_empty() {
            out.push(text.into_owned());
        } else {
            out.extend(text.split(delimiter.as_ref()).filter(|p| empty || !p.is_empty()).map(str::to_owned));
        }
    }
    output.multi(out);
    Ok(())
}

fn first_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let most = arguments[1].number().unwrap_or(f64::MAX) as usize;
    output.multi(arguments[0].values().iter().take(most).map(|v| v.text()));
    Ok(())
}

fn places_row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.multi((0..arguments[0].values().len()).map(|i| i.to_string()));
    Ok(())
}
