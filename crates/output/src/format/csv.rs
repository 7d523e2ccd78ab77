//! `csv`: quoted as RFC 4180 says, a heading row first, lines ended by a line feed.
//!
//! Null is empty, the values of a multivalue share a cell, separated by line feeds (as in Splunk's outputcsv), a time is
//! RFC 3339. Cells are never changed to protect spreadsheets. On a terminal, control characters are escaped.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FormatEntry, ResultFormat};
use crate::error::OutputError;
use crate::value::{columns, names};
use crate::visible::visible_except;

pub(super) const ENTRY: FormatEntry = FormatEntry {
    name: "csv",
    summary: "Comma-separated values with a heading row.",
    make: |options| Box::new(Csv { terminal: options.terminal }),
};

struct Csv {
    terminal: bool,
}

impl Csv {
    fn record<I, T>(&self, writer: &mut csv::Writer<&mut dyn Write>, cells: I) -> Result<(), OutputError>
    where
        I: Iterator<Item = T>,
        T: AsRef<str>,
    {
        for cell in cells {
            if self.terminal {
                writer.write_field(visible_except(cell.as_ref(), &['\n', '\t']).as_ref())?;
            } else {
                writer.write_field(cell.as_ref())?;
            }
        }
        Ok(writer.write_record(None::<&[u8]>)?)
    }
}

impl ResultFormat for Csv {
    fn begin(&mut self, schema: &SchemaRef, out: &mut dyn Write) -> Result<(), OutputError> {
        if schema.fields().is_empty() {
            return Ok(());
        }
        let mut writer = csv::Writer::from_writer(out);
        self.record(&mut writer, names(schema).iter())?;
        Ok(writer.flush()?)
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        let columns = columns(batch)?;
        if columns.is_empty() {
            return Ok(());
        }
        let mut writer = csv::Writer::from_writer(out);
        for row in 0..batch.num_rows() {
            self.record(&mut writer, columns.iter().map(|column| column.value(row).text()))?;
        }
        Ok(writer.flush()?)
    }

    fn finish(&mut self, _out: &mut dyn Write) -> Result<(), OutputError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::format::FormatOptions;
    use crate::testing::{column, kinds, print};

    #[test]
    fn quotes_what_must_be_and_joins_multivalues_by_lines() {
        let printed = print("csv", &FormatOptions::default(), &[kinds(), kinds().slice(1, 1)]).unwrap();
        let expected = "_time,user,groups{},n,ok,none\n\
            2026-11-23T16:02:58.850211Z,\"o\"\"neill, \u{1b}[1m\",\"a\nb\",5,true,\n\
            ,root,only,2.5,,\n\
            ,root,only,2.5,,\n";
        assert_eq!(printed, expected);
    }

    #[test]
    fn an_empty_cell_in_a_single_column_is_still_a_row() {
        let printed = print("csv", &FormatOptions::default(), &[column("a", &[None, Some("=1+1")])]).unwrap();
        assert_eq!(printed, "a\n\"\"\n=1+1\n");
    }
}
