//! `json`: one array of objects, one object per line so that a long result can be read while it is written.
//! [`crate::json_object`] defines the objects.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FormatEntry, ResultFormat};
use crate::error::OutputError;
use crate::json_object::Keys;
use crate::value::{columns, names};

pub(super) const ENTRY: FormatEntry = FormatEntry {
    name: "json",
    summary: "One JSON array of objects, a row each.",
    make: |_| Box::new(Json { keys: None, any: false }),
};

struct Json {
    keys: Option<Keys>,
    any: bool,
}

impl ResultFormat for Json {
    fn begin(&mut self, schema: &SchemaRef, out: &mut dyn Write) -> Result<(), OutputError> {
        self.keys = Some(Keys::new(&names(schema))?);
        Ok(out.write_all(b"[")?)
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        let columns = columns(batch)?;
        let Some(keys) = &self.keys else { return Ok(()) };
        for row in 0..batch.num_rows() {
            out.write_all(if self.any { b",\n" } else { b"\n" })?;
            self.any = true;
            keys.object(&columns, row, out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        Ok(out.write_all(if self.any { b"\n]\n" } else { b"]\n" })?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::FormatOptions;
    use crate::testing::{column, kinds, print};

    #[test]
    fn is_one_array_over_all_batches() {
        let batches = [kinds(), kinds().slice(0, 0), kinds().slice(1, 1)];
        let printed = print("json", &FormatOptions::default(), &batches).unwrap();
        let rows: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(rows.as_array().map(Vec::len), Some(3));
        assert_eq!(rows[2], json!({"user": "root", "groups{}": ["only"], "n": 2.5}));
        assert!(printed.contains(r#""n":5,"#), "{printed}");
        assert_eq!(printed.lines().count(), 5);
    }

    #[test]
    fn no_rows_are_an_empty_array_and_a_row_of_nulls_an_empty_object() {
        assert_eq!(print("json", &FormatOptions::default(), &[column("a", &[])]).unwrap(), "[]\n");
        assert_eq!(print("json", &FormatOptions::default(), &[column("a", &[None])]).unwrap(), "[\n{}\n]\n");
    }
}
