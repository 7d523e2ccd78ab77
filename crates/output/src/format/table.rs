//! `table`: rows in aligned columns, for reading.
//!
//! The first rows ([`MEASURED`]) fix the column widths; later rows stream through in the same layout, so that memory
//! stays flat. On a terminal, long cells wrap and columns of long text get the remaining space; if not even the minimum
//! widths fit, each row is printed as a list of its fields. Elsewhere nothing wraps. Each value of a multivalue is on a
//! line of its own. Every value is escaped (see [`crate::visible`]), since the table may be shown on a terminal later.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};

use super::{FormatEntry, FormatOptions, ResultFormat};
use crate::error::OutputError;
use crate::layout::{GAP, WIDEST, Wish, rule, share, width, wrap};
use crate::value::{Column, Value, columns, readable};
use crate::visible::visible;

pub(super) const ENTRY: FormatEntry = FormatEntry {
    name: "table",
    summary: "Columns for the eye; a row that is too wide for the terminal as a list of its fields.",
    make: |options| Box::new(Table { options: options.clone(), ..Table::default() }),
};

/// Number of rows that determine the widths.
const MEASURED: usize = 1000;
/// Memory limit of the rows buffered for measuring, bytes.
const MEASURED_BYTES: usize = 16 << 20;
/// Minimum width at which wrapped text is readable.
const LEAST_TEXT: usize = 12;
/// Minimum width at which a wrapped name is readable.
const LEAST_NAME: usize = 10;
/// Maximum number of lines of a cell shown on a terminal.
const MOST_LINES: usize = 40;

#[derive(Default)]
struct Table {
    options: FormatOptions,
    fields: Vec<Shown>,
    kept: Vec<RecordBatch>,
    layout: Option<Layout>,
    rows: usize,
    /// Whether the last row took several lines, so that a blank line must separate it from the next one.
    tall: bool,
}

/// A column that is shown.
struct Shown {
    index: usize,
    name: String,
    /// Must not be broken into lines: a time, a number, a boolean.
    rigid: bool,
    right: bool,
}

enum Layout {
    /// Side by side, in these widths.
    Columns(Vec<usize>),
    /// A list of fields per row, with the names in this width.
    Records(usize),
}

impl ResultFormat for Table {
    fn begin(&mut self, schema: &SchemaRef, _out: &mut dyn Write) -> Result<(), OutputError> {
        let shown = schema.fields().iter().enumerate().map(|(index, field)| Shown {
            index,
            name: visible(field.name()).into_owned(),
            rigid: !matches!(
                field.data_type(),
                DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::List(_) | DataType::Null
            ),
            right: field.data_type().is_numeric(),
        });
        self.fields = shown.collect();
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        if batch.num_rows() == 0 || self.fields.is_empty() {
            return Ok(());
        }
        if self.layout.is_some() {
            return self.rows(batch, out);
        }
        self.kept.push(batch.clone());
        let rows: usize = self.kept.iter().map(RecordBatch::num_rows).sum();
        let bytes: usize = self.kept.iter().map(RecordBatch::get_array_memory_size).sum();
        if rows >= MEASURED || bytes >= MEASURED_BYTES { self.release(out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        if self.kept.is_empty() { Ok(()) } else { self.release(out) }
    }
}

impl Table {
    /// Determines the layout from the buffered rows and prints them.
    fn release(&mut self, out: &mut dyn Write) -> Result<(), OutputError> {
        let kept = std::mem::take(&mut self.kept);
        let layout = self.measure(&kept)?;
        if let Layout::Columns(widths) = &layout {
            self.heading(widths, out)?;
        }
        self.layout = Some(layout);
        kept.iter().try_for_each(|batch| self.rows(batch, out))
    }

    fn measure(&self, batches: &[RecordBatch]) -> Result<Layout, OutputError> {
        let mut content = vec![0; self.fields.len()];
        let mut rows = 0;
        for batch in batches {
            let columns = columns(batch)?;
            let measured = batch.num_rows().min(MEASURED - rows);
            rows += measured;
            for (field, widest) in self.fields.iter().zip(&mut content) {
                let Some(column) = columns.get(field.index) else { continue };
                let cells = (0..measured).map(|row| cell_width(&column.value(row)));
                *widest = cells.max().unwrap_or(0).max(*widest);
            }
        }
        let names: Vec<usize> = self.fields.iter().map(|field| width(&field.name)).collect();
        let Some(total) = self.options.width else {
            let widths = content.iter().zip(&names).map(|(content, name)| (*content.max(name)).min(WIDEST));
            return Ok(Layout::Columns(widths.collect()));
        };
        let widths =
            total.checked_sub(GAP.len() * (names.len() - 1)).and_then(|total| self.fit(&content, &names, total));
        Ok(widths.map_or_else(|| Layout::Records(self.name_width(total)), Layout::Columns))
    }

    /// Distributes `total` columns: first by the contents of the cells, then the rest by the names, which are easier to
    /// wrap.
    fn fit(&self, content: &[usize], names: &[usize], total: usize) -> Option<Vec<usize>> {
        let cells = self.fields.iter().zip(content).zip(names).map(|((field, content), name)| {
            let least = if field.rigid { *content } else { LEAST_TEXT.min(*content) }.max(LEAST_NAME.min(*name));
            Wish { least, most: least.max(*content) }
        });
        let widths = share(&cells.collect::<Vec<_>>(), total)?;
        let headings = widths.iter().zip(names).map(|(width, name)| Wish { least: *width, most: *width.max(name) });
        share(&headings.collect::<Vec<_>>(), total)
    }

    /// The width of the names in a list of fields: at most half of the terminal.
    fn name_width(&self, total: usize) -> usize {
        self.fields.iter().map(|field| width(&field.name)).max().unwrap_or(0).min(total / 2)
    }

    fn heading(&self, widths: &[usize], out: &mut dyn Write) -> Result<(), OutputError> {
        let wrapped = self.options.width.is_some();
        let cells: Vec<Vec<String>> = self
            .fields
            .iter()
            .zip(widths)
            .map(|(field, width)| lines(&field.name, wrapped.then_some(*width)))
            .collect();
        let (on, off) = if self.options.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        for line in 0..height(&cells) {
            writeln!(out, "{on}{}{off}", self.line(&cells, line, widths))?;
        }
        writeln!(out, "{}", rule(widths))?;
        Ok(())
    }

    fn rows(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<(), OutputError> {
        let columns = columns(batch)?;
        for row in 0..batch.num_rows() {
            match &self.layout {
                Some(Layout::Records(names)) => self.record(&columns, row, *names, out)?,
                Some(Layout::Columns(widths)) => self.tall = self.row(&columns, row, widths, out)?,
                None => {}
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// Prints a row in columns, and returns whether it took several lines.
    fn row(&self, columns: &[Column], row: usize, widths: &[usize], out: &mut dyn Write) -> io::Result<bool> {
        let wrapped = self.options.width.is_some();
        let cells: Vec<Vec<String>> = self
            .fields
            .iter()
            .zip(widths)
            .map(|(field, width)| match columns.get(field.index) {
                Some(column) => cell(&column.value(row), wrapped.then_some(*width)),
                None => vec![],
            })
            .collect();
        let height = height(&cells);
        if self.rows > 0 && (self.tall || height > 1) {
            out.write_all(b"\n")?;
        }
        for line in 0..height {
            writeln!(out, "{}", self.line(&cells, line, widths))?;
        }
        Ok(height > 1)
    }

    /// One line of cells side by side, without spaces at the end.
    fn line(&self, cells: &[Vec<String>], line: usize, widths: &[usize]) -> String {
        let mut text = String::new();
        for ((field, cell), wide) in self.fields.iter().zip(cells).zip(widths) {
            let part = cell.get(line).map_or("", String::as_str);
            let pad = " ".repeat(wide.saturating_sub(width(part)));
            let (before, after) = if field.right { (pad.as_str(), "") } else { ("", pad.as_str()) };
            text.extend([before, part, after, GAP]);
        }
        text.truncate(text.trim_end_matches(' ').len());
        text
    }

    /// Prints a row as a list of its fields, without nulls.
    fn record(&self, columns: &[Column], row: usize, names: usize, out: &mut dyn Write) -> io::Result<()> {
        let total = self.options.width.unwrap_or(usize::MAX);
        let (on, off) = if self.options.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let title = format!("── {} ", self.rows + 1);
        let rule = "─".repeat(total.min(60).saturating_sub(width(&title)));
        writeln!(out, "{on}{title}{rule}{off}")?;
        for field in &self.fields {
            let Some(value) = columns.get(field.index).map(|column| column.value(row)) else { continue };
            if matches!(value, Value::Null) {
                continue;
            }
            let limit = total.saturating_sub(names + GAP.len()).max(1);
            let (heads, cells) = (lines(&field.name, Some(names)), cell(&value, Some(limit)));
            for line in 0..heads.len().max(cells.len()) {
                let head = heads.get(line).map_or("", String::as_str);
                let part = cells.get(line).map_or("", String::as_str);
                let pad = " ".repeat(names.saturating_sub(width(head)));
                writeln!(out, "{}", format!("{head}{pad}{GAP}{part}").trim_end_matches(' '))?;
            }
        }
        Ok(())
    }
}

fn height(cells: &[Vec<String>]) -> usize {
    cells.iter().map(Vec::len).max().unwrap_or(0).max(1)
}

/// The values of a cell as shown, each of one or more lines.
fn with_texts(value: &Value<'_>, mut each: impl FnMut(&str)) {
    match value {
        Value::Time(time) => each(&readable(*time)),
        Value::Multi(values) => values.iter().for_each(each),
        other => each(&other.text()),
    }
}

/// The columns that the longest line of a cell takes.
fn cell_width(value: &Value<'_>) -> usize {
    let mut widest = 0;
    with_texts(value, |text| {
        widest = text.lines().map(|line| width(&visible(line))).max().unwrap_or(0).max(widest);
    });
    widest
}

/// The lines of a cell. `limit` is the maximum width of a line; if there are too many lines, the first are shown with a
/// note on how many are missing.
fn cell(value: &Value<'_>, limit: Option<usize>) -> Vec<String> {
    let most = if limit.is_some() { MOST_LINES } else { usize::MAX };
    let mut shown = vec![];
    let mut missing = 0;
    with_texts(value, |text| {
        for line in text.lines() {
            // Each column takes at most four bytes, and escaping only makes a text longer, so only as much of a long line
            // as can be shown has to be escaped.
            let cut = limit.map_or(line.len(), |limit| limit.saturating_mul(4 * (most + 1)).min(line.len()));
            let cut = line.floor_char_boundary(cut);
            let visible = visible(&line[..cut]);
            let rest = match limit {
                Some(limit) => wrap(&visible, limit, most, &mut shown),
                None => {
                    shown.push(visible.into_owned());
                    ""
                }
            };
            missing += rest.chars().count() + line[cut..].chars().count();
        }
    });
    if missing > 0 {
        shown.extend(limit.map(|limit| cut_note(missing, limit)));
    }
    shown
}

fn cut_note(missing: usize, limit: usize) -> String {
    let mut note = vec![];
    wrap(&format!("… {missing} more"), limit.max(1), 1, &mut note);
    note.pop().unwrap_or_default()
}

/// The lines of a name.
fn lines(name: &str, limit: Option<usize>) -> Vec<String> {
    let mut lines = vec![];
    wrap(name, limit.unwrap_or(usize::MAX).max(1), MOST_LINES, &mut lines);
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array};

    use super::*;
    use crate::testing::{column, kinds, multivalue, print, text};

    fn terminal(width: usize) -> FormatOptions {
        FormatOptions { width: Some(width), terminal: true, ..FormatOptions::default() }
    }

    fn table(options: &FormatOptions, batches: &[RecordBatch]) -> String {
        print("table", options, batches).unwrap()
    }

    fn commands() -> RecordBatch {
        RecordBatch::try_from_iter([
            ("host", text(&[Some("node-1"), Some("node-2"), Some("node-3")])),
            (
                "CommandLine",
                text(&[
                    Some("kubectl get secrets --all-namespaces -o yaml"),
                    Some("docker ps"),
                    Some("docker inspect"),
                ]),
            ),
            ("RiskScore", Arc::new(Float64Array::from(vec![1.0, 2.0, 10.0])) as ArrayRef),
        ])
        .unwrap()
    }

    #[test]
    fn without_a_terminal_nothing_wraps() {
        let expected = "\
_time                    user              groups{}    n  ok    none
───────────────────────  ────────────────  ────────  ───  ────  ────
2026-11-23 16:02:58.850  o\"neill, \\x1b[1m  a           5  true
                                           b

                         root              only      2.5
";
        assert_eq!(table(&FormatOptions::default(), &[kinds()]), expected);
        assert!(table(&FormatOptions::default(), &[commands()]).contains("--all-namespaces -o yaml          1\n"));
    }

    #[test]
    fn on_a_terminal_long_text_wraps_and_gets_the_space() {
        let expected = "\
host    CommandLine             RiskScore
──────  ──────────────────────  ─────────
node-1  kubectl get secrets             1
        --all-namespaces -o
        yaml

node-2  docker ps                       2
node-3  docker inspect                 10
";
        assert_eq!(table(&terminal(41), &[commands()]), expected);
    }

    #[test]
    fn a_row_that_is_too_wide_becomes_a_list_of_its_fields() {
        let printed = table(&terminal(28), &[kinds()]);
        let expected = "\
── 1 ───────────────────────
_time     2026-11-23
          16:02:58.850
user      o\"neill, \\x1b[1m
groups{}  a
          b
n         5
ok        true
── 2 ───────────────────────
user      root
groups{}  only
n         2.5
";
        assert_eq!(printed, expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = "猫/".repeat(3000);
        let rows = RecordBatch::try_from_iter([
            ("a very long name of a field that has to wrap somewhere", text(&[Some(&long), Some("x")])),
            ("values", multivalue(&[Some(&["a", &long, "b"]), None])),
            ("_raw", text(&[Some("line one\r\nline two\x07"), Some(&"\x1b".repeat(1000))])),
        ])
        .unwrap();
        for columns in [1, 2, 5, 20, 39, 40, 41, 80, 200] {
            let printed = table(&terminal(columns), std::slice::from_ref(&rows));
            let widest = printed.lines().map(width).max();
            assert!(widest <= Some(columns.max(8)), "{columns}: {widest:?}");
            assert!(!printed.contains(['\x1b', '\x07', '\r']));
        }
    }

    #[test]
    fn widths_stay_as_the_first_rows_fixed_them() {
        let short: Vec<Option<&str>> = vec![Some("ab"); MEASURED];
        let mut out = Vec::new();
        let mut format = ENTRY.make(&terminal(20));
        let first = column("field", &short);
        format.begin(&first.schema(), &mut out).unwrap();
        format.batch(&first, &mut out).unwrap();
        assert!(!out.is_empty(), "the first rows are kept back no longer than needed");
        out.clear();
        format.batch(&column("field", &[Some("abcdefgh")]), &mut out).unwrap();
        format.finish(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\nabcde\nfgh\n");
    }

    #[test]
    fn a_huge_cell_is_cut_and_says_so() {
        let huge = "x".repeat(1 << 20);
        let printed = table(&terminal(80), &[column("_raw", &[Some(&huge)])]);
        assert!(printed.lines().count() <= MOST_LINES + 3);
        assert!(printed.contains(&format!("… {} more", (1 << 20) - MOST_LINES * 80)), "{printed}");
    }

    #[test]
    fn headings_are_styled_only_in_colour() {
        let options = FormatOptions { color: true, ..terminal(80) };
        assert!(table(&options, &[commands()]).starts_with("\x1b[1mhost"));
        assert!(!table(&terminal(80), &[commands()]).contains('\x1b'));
    }
}
