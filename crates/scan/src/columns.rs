//! The columns of the table: the system columns of every row, then the projected fields.

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use crate::inputs::Inputs;

/// Number of bits of `__seq` that hold the offset in the file; the others hold the file's rank.
pub(crate) const SEQ_BITS: u32 = 44;

/// Splits a `__seq` into the rank of the file and the offset in it.
pub(crate) fn parts_of_seq(seq: u64) -> (usize, u64) {
    (usize::try_from(seq >> SEQ_BITS).unwrap_or(usize::MAX), seq & ((1 << SEQ_BITS) - 1))
}

/// The columns that every row has, in the table's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemColumn {
    /// `_time`: microseconds since 1970 UTC; null where the row has no readable time.
    Time,
    /// `_raw`: the row's text, with invalid UTF-8 replaced by U+FFFD.
    Raw,
    /// `host`: the one that the row names, else the input's.
    Host,
    /// `source`: the file.
    Source,
    /// `sourcetype`.
    Sourcetype,
    /// `index`.
    Index,
    /// `event_id`: the event's own id; null where it has none.
    EventId,
    /// `__seq`: the order of the rows in the inputs: the file's rank in the upper 20 bits, the row's offset in the
    /// (decompressed) file in the lower 44.
    Seq,
}

impl SystemColumn {
    /// All, in order.
    pub const ALL: [Self; 8] =
        [Self::Time, Self::Raw, Self::Host, Self::Source, Self::Sourcetype, Self::Index, Self::EventId, Self::Seq];

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "_time",
            Self::Raw => "_raw",
            Self::Host => "host",
            Self::Source => "source",
            Self::Sourcetype => "sourcetype",
            Self::Index => "index",
            Self::EventId => "event_id",
            Self::Seq => "__seq",
        }
    }

    /// The column of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    fn field(self) -> Field {
        let (data_type, nullable) = match self {
            Self::Time => (time_type(), true),
            Self::Seq => (DataType::UInt64, false),
            Self::EventId => (DataType::Utf8, true),
            Self::Raw | Self::Host | Self::Source | Self::Sourcetype | Self::Index => (DataType::Utf8, false),
        };
        Field::new(self.name(), data_type, nullable)
    }
}

/// `Timestamp(Microsecond, "UTC")`.
fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// A list of strings, for fields with several values.
pub(crate) fn list_type() -> DataType {
    DataType::List(Field::new("item", DataType::Utf8, true).into())
}

/// The schema for these fields of these inputs. Names of system columns and duplicates are skipped.
pub(crate) fn schema(fields: &[String], inputs: &Inputs) -> Schema {
    let mut columns: Vec<Field> = SystemColumn::ALL.into_iter().map(SystemColumn::field).collect();
    let mut seen = std::collections::HashSet::new();
    let formats = inputs.formats();
    for name in fields {
        if SystemColumn::of(name).is_none() && seen.insert(name) {
            let several = formats.iter().any(|format| format.is_multivalue(name));
            columns.push(Field::new(name, if several { list_type() } else { DataType::Utf8 }, true));
        }
    }
    Schema::new(columns)
}
