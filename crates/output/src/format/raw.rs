//! `raw`: the event's text from the log, nothing else. Raw means raw: no quoting and no escaping, except on a terminal,
//! which a log must not control. A row without `_raw` prints nothing.

use std::borrow::Cow;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{FormatEntry, ResultFormat};
use crate::error::OutputError;
use crate::value::{Value, columns};
use crate::visible::visible_except;

pub(super) const ENTRY: FormatEntry = FormatEntry {
    name: "raw",
    summary: "The field `_raw` of each row, as it stands in the log.",
    make: |options| Box::new(Raw { terminal: options.terminal, column: 0 }),
};

struct Raw {
    terminal: bool,
    column: usize,
}

impl ResultFormat for Raw {
    fn begin(&mut self, schema: &SchemaRef, _out: &mut dyn Write) -> Result<(), OutputError> {
        self.column = schema.index_of("_raw").map_err(|_| OutputError::NoRaw)?;
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        let columns = columns(&batch.project(&[self.column]).map_err(|_| OutputError::NoRaw)?)?;
        for row in 0..batch.num_rows() {
            let Some(value) = columns.first().map(|column| column.value(row)) else { continue };
            if matches!(value, Value::Null) {
                continue;
            }
            let text = value.text();
            let shown = if self.terminal { visible_except(&text, &['\n', '\t']) } else { Cow::Borrowed(text.as_ref()) };
            out.write_all(shown.as_bytes())?;
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
    use crate::error::OutputError;
    use crate::format::FormatOptions;
    use crate::testing::{column, kinds, print};

    #[test]
    fn is_the_event_itself_and_escaped_only_on_a_terminal() {
        let rows = [column("_raw", &[Some("type=EXECVE \u{1d}\"x\""), None, Some("b")])];
        let file = print("raw", &FormatOptions::default(), &rows).unwrap();
        assert_eq!(file, "type=EXECVE \u{1d}\"x\"\nb\n");
        let terminal = FormatOptions { terminal: true, ..FormatOptions::default() };
        assert_eq!(print("raw", &terminal, &rows).unwrap(), "type=EXECVE \\x1d\"x\"\nb\n");
    }

    #[test]
    fn says_what_to_do_without_raw() {
        let error = print("raw", &FormatOptions::default(), &[kinds()]).unwrap_err();
        assert!(matches!(error, OutputError::NoRaw));
        assert!(error.help().is_some_and(|help| help.contains("`table`")));
    }
}
