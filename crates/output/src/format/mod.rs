//! Result formats: the registry and the interface. One file per format; a format keeps no more of a result than it needs
//! to print the next row.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::OutputError;

mod csv;
mod json;
mod jsonl;
mod raw;
mod table;

/// Turns one result into text.
///
/// Called once with [`begin`](Self::begin), then with every batch, then once with [`finish`](Self::finish).
pub trait ResultFormat: Send {
    /// Writes the part before the rows.
    ///
    /// # Errors
    /// When writing fails, or when this format cannot print a result of these columns.
    fn begin(&mut self, schema: &SchemaRef, out: &mut dyn Write) -> Result<(), OutputError>;

    /// Writes the rows of a batch, or buffers some of them until their layout is known.
    ///
    /// # Errors
    /// When writing fails or a column has a type without a text form.
    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError>;

    /// Writes buffered rows and the part after the rows.
    ///
    /// # Errors
    /// When writing fails.
    fn finish(&mut self, out: &mut dyn Write) -> Result<(), OutputError>;
}

/// Properties of the output's destination that a format can depend on.
#[derive(Clone, Debug, Default)]
pub struct FormatOptions {
    /// Columns of the terminal; `None` for no limit.
    pub width: Option<usize>,
    /// Whether headings may be styled.
    pub color: bool,
    /// Whether the output goes to a terminal, where values must not emit control characters.
    pub terminal: bool,
}

/// A format in the registry.
#[derive(Debug)]
pub struct FormatEntry {
    /// The name by which it is chosen.
    pub name: &'static str,
    /// What it looks like, in one sentence.
    pub summary: &'static str,
    make: fn(&FormatOptions) -> Box<dyn ResultFormat>,
}

impl FormatEntry {
    /// A format for one result.
    pub fn make(&self, options: &FormatOptions) -> Box<dyn ResultFormat> {
        (self.make)(options)
    }
}

/// All formats, sorted by name.
pub static FORMATS: &[FormatEntry] = &[csv::ENTRY, json::ENTRY, jsonl::ENTRY, raw::ENTRY, table::ENTRY];

/// The format of a name.
pub fn find(name: &str) -> Option<&'static FormatEntry> {
    FORMATS.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{kinds, nothing, print};

    #[test]
    fn the_registry_is_sorted_and_says_what_each_is() {
        assert!(FORMATS.is_sorted_by_key(|entry| entry.name));
        for entry in FORMATS {
            assert!(find(entry.name).is_some());
            assert!(entry.summary.ends_with('.'), "{}", entry.name);
        }
    }

    #[test]
    fn no_format_lets_a_value_drive_the_terminal() {
        let options = FormatOptions { terminal: true, ..FormatOptions::default() };
        for entry in FORMATS.iter().filter(|entry| entry.name != "raw") {
            let printed = print(entry.name, &options, &[kinds()]).unwrap();
            assert!(printed.contains("[1m") && !printed.contains('\x1b'), "{}: {printed}", entry.name);
        }
    }

    #[test]
    fn every_format_takes_a_result_without_rows() {
        for entry in FORMATS.iter().filter(|entry| entry.name != "raw") {
            assert!(print(entry.name, &FormatOptions::default(), &[nothing()]).is_ok(), "{}", entry.name);
            assert!(print(entry.name, &FormatOptions::default(), &[kinds().slice(0, 0)]).is_ok(), "{}", entry.name);
        }
    }
}
