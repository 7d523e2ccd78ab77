//! Reads the rows of a detection's search from Arrow. The contract for their fields is
//! [`dogwatch_content::FindingBuilder`].

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use dogwatch_content::{Row, RowValue, TIME_FIELDS};
use dogwatch_functions::types;
use dogwatch_plan::GROUP_COLUMN;

/// A row of a batch.
pub(super) fn read(batch: &RecordBatch, row: usize) -> Row {
    let schema = batch.schema_ref();
    let columns = schema.fields().iter().zip(batch.columns()).filter(|(field, _)| field.name() != GROUP_COLUMN);
    let values = columns.map(|(field, array)| (field.name().clone(), value(field.name(), array.as_ref(), row)));
    let is_there = |(_, value): &(String, RowValue)| !matches!(value, RowValue::Texts(texts) if texts.is_empty());
    Row { fields: values.filter(is_there).collect(), group: group(batch, row) }
}

/// The values of the search's last grouping, if it has one.
fn group(batch: &RecordBatch, row: usize) -> Option<Vec<u8>> {
    let column = batch.column_by_name(GROUP_COLUMN)?.as_binary_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row).to_vec())
}

fn value(name: &str, array: &dyn Array, row: usize) -> RowValue {
    match instant(name, array, row) {
        Some(time) => RowValue::Time(time),
        None => {
            let values = types::cell(array, row).values();
            RowValue::Texts(values.iter().map(|value| value.text().into_owned()).collect())
        }
    }
}

/// A field as an instant: a timestamp, or seconds in one of the time fields of findings.
fn instant(name: &str, array: &dyn Array, row: usize) -> Option<i64> {
    if array.is_null(row) {
        return None;
    }
    match array.data_type() {
        DataType::Timestamp(..) => Some(array.as_primitive::<TimestampMicrosecondType>().value(row)),
        _ if TIME_FIELDS.contains(&name) => types::cell(array, row).number().and_then(types::microseconds),
        _ => None,
    }
}
