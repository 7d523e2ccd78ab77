//! One small result with a column of every kind, and how a format prints a result, for the tests of the formats.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, ListBuilder, NullArray, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Schema};

use crate::error::OutputError;
use crate::format::{self, FormatOptions};

/// A multivalue column.
pub(crate) fn multivalue(rows: &[Option<&[&str]>]) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for row in rows {
        for value in row.unwrap_or_default() {
            builder.values().append_value(value);
        }
        builder.append(row.is_some());
    }
    Arc::new(builder.finish())
}

/// A text column.
pub(crate) fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Two rows of all kinds, the second mostly null.
pub(crate) fn kinds() -> RecordBatch {
    let times = TimestampMicrosecondArray::from(vec![Some(1_795_449_778_850_211), None]).with_timezone("UTC");
    RecordBatch::try_from_iter([
        ("_time", Arc::new(times) as ArrayRef),
        ("user", text(&[Some("o\"neill, \u{1b}[1m"), Some("root")])),
        ("groups{}", multivalue(&[Some(&["a", "b"]), Some(&["only"])])),
        ("n", Arc::new(Float64Array::from(vec![Some(5.0), Some(2.5)]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("none", Arc::new(NullArray::new(2))),
    ])
    .unwrap()
}

/// No row and no column.
pub(crate) fn nothing() -> RecordBatch {
    RecordBatch::new_empty(Arc::new(Schema::empty()))
}

/// What a format makes of some batches.
pub(crate) fn print(name: &str, options: &FormatOptions, batches: &[RecordBatch]) -> Result<String, OutputError> {
    let mut out = Vec::new();
    let mut format = format::find(name).unwrap().make(options);
    format.begin(&batches[0].schema(), &mut out)?;
    for batch in batches {
        format.batch(batch, &mut out)?;
    }
    format.finish(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// A batch of one text column.
pub(crate) fn column(name: &str, values: &[Option<&str>]) -> RecordBatch {
    assert_eq!(text(values).data_type(), &DataType::Utf8);
    RecordBatch::try_from_iter([(name, text(values))]).unwrap()
}
