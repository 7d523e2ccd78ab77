//! Column builders: one per projected column, filled row by row.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{ArrayBuilder, ArrayRef, ListBuilder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use arrow::datatypes::DataType;
use dogwatch_formats::RowMeta;

use crate::columns::SystemColumn;

/// Separator between the values of a multivalue field whose column is not a list.
const BETWEEN_VALUES: &str = "\n";

/// A column being built.
pub(crate) enum ColumnBuilder {
    Time(TimestampMicrosecondBuilder),
    Raw(StringBuilder),
    Seq(UInt64Builder),
    /// Defaults to the file's value in rows that do not name their own.
    Named {
        which: SystemColumn,
        values: StringBuilder,
        of_file: Option<String>,
        /// Whether the current row names its own.
        set: bool,
    },
    /// Null in rows that do not touch it; the nulls are appended when the column is next touched.
    Text {
        values: StringBuilder,
        touched: bool,
    },
    List {
        values: ListBuilder<StringBuilder>,
        touched: bool,
    },
}

impl ColumnBuilder {
    pub(crate) fn new(name: &str, data_type: &DataType) -> Self {
        match SystemColumn::of(name) {
            Some(SystemColumn::Time) => {
                Self::Time(TimestampMicrosecondBuilder::new().with_data_type(data_type.clone()))
            }
            Some(SystemColumn::Raw) => Self::Raw(StringBuilder::new()),
            Some(SystemColumn::Seq) => Self::Seq(UInt64Builder::new()),
            Some(which) => Self::Named { which, values: StringBuilder::new(), of_file: None, set: false },
            None if matches!(data_type, DataType::List(_)) => {
                Self::List { values: ListBuilder::new(StringBuilder::new()), touched: false }
            }
            None => Self::Text { values: StringBuilder::new(), touched: false },
        }
    }

    pub(crate) fn is_system(&self) -> bool {
        !matches!(self, Self::Text { .. } | Self::List { .. })
    }

    /// Starts a row. Returns the number of text bytes added.
    pub(crate) fn start(&mut self, row: &RowMeta<'_>, seq: u64, needed: bool) -> usize {
        match self {
            Self::Time(times) => times.append_option(row.time),
            Self::Seq(numbers) => numbers.append_value(seq),
            Self::Raw(texts) if !needed => texts.append_value(""),
            Self::Raw(texts) => {
                append_lossy(texts, row.raw);
                return row.raw.len();
            }
            Self::Named { which, values, set, .. } => {
                let own = match which {
                    SystemColumn::Host => row.host,
                    SystemColumn::EventId => Some(row.event_id).filter(|id| !id.is_empty()),
                    _ => None,
                };
                *set = own.is_some();
                if let Some(own) = own {
                    values.append_value(own);
                    return own.len();
                }
            }
            Self::Text { .. } | Self::List { .. } => {}
        }
        0
    }

    /// Adds a value to the row behind `rows` complete ones. Returns whether it is the row's first value in a field's
    /// column.
    pub(crate) fn value(&mut self, value: &str, rows: usize) -> bool {
        match self {
            Self::Text { values, touched } => {
                let first = !std::mem::replace(touched, true);
                if first {
                    values.append_nulls(rows - values.len());
                } else {
                    // Writing to a builder cannot fail.
                    let _ = values.write_str(BETWEEN_VALUES);
                }
                let _ = values.write_str(value);
                first
            }
            Self::List { values, touched } => {
                let first = !std::mem::replace(touched, true);
                if first {
                    values.append_nulls(rows - values.len());
                }
                values.values().append_value(value);
                first
            }
            Self::Named { values, set, .. } => {
                if !std::mem::replace(set, true) {
                    values.append_value(value);
                }
                false
            }
            Self::Time(_) | Self::Raw(_) | Self::Seq(_) => false,
        }
    }

    pub(crate) fn end_touched(&mut self) {
        match self {
            Self::Text { values, touched } => {
                values.append_value("");
                *touched = false;
            }
            Self::List { values, touched } => {
                values.append(true);
                *touched = false;
            }
            _ => {}
        }
    }

    pub(crate) fn end_named(&mut self) {
        if let Self::Named { values, of_file, set: false, .. } = self {
            values.append_option(of_file.as_deref());
        }
    }

    pub(crate) fn finish(&mut self, rows: usize) -> ArrayRef {
        match self {
            Self::Time(times) => Arc::new(times.finish()),
            Self::Seq(numbers) => Arc::new(numbers.finish()),
            Self::Raw(values) | Self::Named { values, .. } => texts(values),
            Self::Text { values, .. } => {
                values.append_nulls(rows - values.len());
                texts(values)
            }
            Self::List { values, .. } => {
                values.append_nulls(rows - values.len());
                Arc::new(values.finish())
            }
        }
    }
}

/// Finishes a string column. The next batch is likely to have about the same size.
fn texts(values: &mut StringBuilder) -> ArrayRef {
    let next = StringBuilder::with_capacity(values.len(), values.values_slice().len());
    Arc::new(std::mem::replace(values, next).finish())
}

fn append_lossy(texts: &mut StringBuilder, raw: &[u8]) {
    for chunk in raw.utf8_chunks() {
        let _ = texts.write_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let _ = texts.write_char(char::REPLACEMENT_CHARACTER);
        }
    }
    texts.append_value("");
}
