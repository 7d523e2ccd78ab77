//! `jsonl`: one JSON object per row and line. [`crate::json_object`] defines the objects.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FormatEntry, ResultFormat};
use crate::error::OutputError;
use crate::json_object::Keys;
use crate::value::{columns, names};

pub(super) const ENTRY: FormatEntry = FormatEntry {
    name: "jsonl",
    summary: "One JSON object per row, each on a line of its own.",
    make: |_| Box::new(JsonLines { keys: None }),
};

struct JsonLines {
    keys: Option<Keys>,
}

impl ResultFormat for JsonLines {
    fn begin(&mut self, schema: &SchemaRef, _out: &mut dyn Write) -> Result<(), OutputError> {
        self.keys = Some(Keys::new(&names(schema))?);
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        let columns = columns(batch)?;
        let Some(keys) = &self.keys else { return Ok(()) };
        for row in 0..batch.num_rows() {
            keys.object(&columns, row, out)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut dyn Write) -> Result<(), OutputError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::format::FormatOptions;
    use crate::testing::{kinds, print};

    #[test]
    fn prints_every_kind_of_value_and_leaves_nulls_out() {
        let printed = print("jsonl", &FormatOptions::default(), &[kinds()]).unwrap();
        let expected = concat!(
            r#"{"_time":"2026-11-23T16:02:58.850211Z","user":"o\"neill, \u001b[1m","groups{}":["a","b"],"n":5,"ok":true}"#,
            "\n",
            r#"{"user":"root","groups{}":["only"],"n":2.5}"#,
            "\n",
        );
        assert_eq!(printed, expected);
    }
}
