//! A table of a few rows in memory, one line each: for findings and entities. On a terminal, cells are cut to fit their
//! column; if not even the minimum widths fit, the rows are printed by the result format `table`, which wraps them or
//! lists their fields. Elsewhere nothing is cut. The streamed rows of a search's result use that format as well.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use crate::error::OutputError;
use crate::format::{self, FormatOptions};
use crate::layout::{GAP, WIDEST, Wish, cut, rule, share, width};
use crate::visible::visible;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Minimum width at which its cells are readable. `None`: cells are never cut.
    pub least: Option<usize>,
    /// Whether cells are right-aligned.
    pub right: bool,
}

/// A cell. The suffix behind its text is kept when the text is cut, as long as half of the width is left for the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    text: String,
    behind: String,
    /// The escape sequence that starts its style, if it has one.
    style: &'static str,
}

impl Cell {
    /// A text, shown escaped.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: visible(text).into_owned(), ..Self::default() }
    }

    /// The first of several texts and how many more there are.
    pub(crate) fn first_of(texts: &[String]) -> Self {
        let first = Self::new(texts.first().map_or("", String::as_str));
        if texts.len() > 1 { Self { behind: format!(" (+{} more)", texts.len() - 1), ..first } } else { first }
    }

    /// In a style.
    pub(crate) fn styled(self, style: &'static str) -> Self {
        Self { style, ..self }
    }

    /// Puts a text in front of the cell's own.
    pub(crate) fn after(self, before: &str) -> Self {
        Self { text: format!("{}{}", visible(before), self.text), ..self }
    }

    fn width(&self) -> usize {
        width(&self.text) + width(&self.behind)
    }

    fn whole(&self) -> String {
        format!("{}{}", self.text, self.behind)
    }

    fn within(&self, limit: usize) -> String {
        if self.width() <= limit {
            return self.whole();
        }
        match limit.checked_sub(width(&self.behind)) {
            // The number of further texts must not displace the first one.
            Some(left) if left * 2 >= limit => format!("{}{}", cut(&self.text, left), self.behind),
            _ => cut(&self.whole(), limit).into_owned(),
        }
    }
}

/// Prints rows under the headings of their columns. Prints nothing if there are no rows.
pub(crate) fn print(
    columns: &[Column],
    rows: &[Vec<Cell>],
    options: &FormatOptions,
    out: &mut dyn Write,
) -> Result<(), OutputError> {
    if rows.is_empty() {
        return Ok(());
    }
    let content: Vec<usize> = (0..columns.len())
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(Cell::width).max().unwrap_or(0))
        .zip(columns)
        .map(|(content, column)| content.max(width(column.name)))
        .collect();
    let widths = match options.width {
        None => content.iter().map(|content| *content.min(&WIDEST)).collect(),
        Some(total) => match fit(columns, &content, total) {
            Some(widths) => widths,
            None => return print_narrow(columns, rows, options, out),
        },
    };
    let headings: Vec<Cell> = columns.iter().map(|column| Cell::new(column.name)).collect();
    let (on, off) = if options.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    writeln!(
        out,
        "{on}{}{off}",
        line(columns, &headings, &widths, &FormatOptions { color: false, ..options.clone() })
    )?;
    writeln!(out, "{}", rule(&widths))?;
    for row in rows {
        writeln!(out, "{}", line(columns, row, &widths, options))?;
    }
    Ok(())
}

fn fit(columns: &[Column], content: &[usize], total: usize) -> Option<Vec<usize>> {
    let wishes: Vec<Wish> = columns
        .iter()
        .zip(content)
        .map(|(column, most)| Wish { least: column.least.map_or(*most, |least| least.min(*most)), most: *most })
        .collect();
    share(&wishes, total.checked_sub(GAP.len() * columns.len().saturating_sub(1))?)
}

/// One line, without spaces at the end.
fn line(columns: &[Column], row: &[Cell], widths: &[usize], options: &FormatOptions) -> String {
    let mut line = String::new();
    let mut pending = String::new();
    for ((column, cell), wide) in columns.iter().zip(row).zip(widths) {
        let text = if options.width.is_some() { cell.within(*wide) } else { cell.whole() };
        let pad = " ".repeat(wide.saturating_sub(width(&text)));
        if column.right {
            pending.push_str(&pad);
        }
        if !text.is_empty() {
            line.push_str(&pending);
            pending.clear();
            match cell.style {
                style if options.color && !style.is_empty() => line.extend([style, &text, "\x1b[0m"]),
                _ => line.push_str(&text),
            }
        }
        if !column.right {
            pending.push_str(&pad);
        }
        pending.push_str(GAP);
    }
    line
}

/// Prints rows with the result format `table`.
fn print_narrow(
    columns: &[Column],
    rows: &[Vec<Cell>],
    options: &FormatOptions,
    out: &mut dyn Write,
) -> Result<(), OutputError> {
    let Some(table) = format::find("table") else { return Ok(()) };
    let schema =
        Schema::new(columns.iter().map(|column| Field::new(column.name, DataType::Utf8, true)).collect::<Vec<_>>());
    let schema = Arc::new(schema);
    let array = |at: usize| -> ArrayRef {
        let texts = rows.iter().map(|row| row.get(at).map(Cell::whole).filter(|text| !text.is_empty()));
        Arc::new(texts.collect::<StringArray>())
    };
    let arrays = (0..columns.len()).map(array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays)
        .map_err(|error| OutputError::Write(std::io::Error::other(error.to_string())))?;
    let mut table = table.make(options);
    table.begin(&schema, out)?;
    table.batch(&batch, out)?;
    table.finish(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column { name: "n", least: None, right: true },
        Column { name: "who", least: Some(6), right: false },
        Column { name: "what", least: Some(8), right: false },
    ];

    fn rows() -> Vec<Vec<Cell>> {
        let many = ["get secrets in all namespaces".to_owned(), "b".to_owned(), "c".to_owned()];
        vec![
            vec![Cell::new("80").styled("\x1b[1;31m"), Cell::new("system:serviceaccount"), Cell::first_of(&many)],
            vec![Cell::new("5"), Cell::new("a\x1b[2J\n"), Cell::default()],
        ]
    }

    fn printed(width: Option<usize>, color: bool) -> String {
        let mut out = Vec::new();
        let options = FormatOptions { width, color, terminal: width.is_some() };
        print(COLUMNS, &rows(), &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn elsewhere_nothing_is_cut() {
        let expected = " n  who                    what
──  ─────────────────────  ───────────────────────────────────────
80  system:serviceaccount  get secrets in all namespaces (+2 more)
 5  a\\x1b[2J\\n
";
        assert_eq!(printed(None, false), expected);
    }

    #[test]
    fn on_a_terminal_texts_are_cut_and_how_many_more_stays() {
        let expected = " n  who                    what
──  ─────────────────────  ─────────────────────────────────
80  system:serviceaccount  get secrets in all nam… (+2 more)
 5  a\\x1b[2J\\n
";
        assert_eq!(printed(Some(60), false), expected);
        let expected = " n  who        what
──  ─────────  ─────────
80  system:s…  get secr…
 5  a\\x1b[2J…
";
        assert_eq!(printed(Some(24), false), expected);
    }

    #[test]
    fn a_terminal_that_is_too_narrow_shows_everything_wrapped() {
        for columns in [1, 5, 10, 15, 19] {
            let shown = printed(Some(columns), false);
            assert!(shown.lines().all(|line| width(line) <= columns.max(8)), "{columns}: {shown}");
            assert!(shown.contains("80") || columns < 10, "{columns}: {shown}");
        }
    }

    #[test]
    fn styles_take_no_room_and_stand_only_in_colour() {
        let shown = printed(Some(200), true);
        assert!(shown.contains("\x1b[1;31m80\x1b[0m  system"), "{shown:?}");
        assert_eq!(
            shown.replace("\x1b[1m", "").replace("\x1b[1;31m", "").replace("\x1b[0m", ""),
            printed(Some(200), false)
        );
    }

    #[test]
    fn no_rows_are_nothing() {
        let mut out = Vec::new();
        print(COLUMNS, &[], &FormatOptions::default(), &mut out).unwrap();
        assert!(out.is_empty());
    }
}
