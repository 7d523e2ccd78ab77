//! Reads a result column row by row as one of SPL's few kinds of values, whatever its Arrow type, and converts each kind
//! to text. The arrangement of values is up to the formats.

use std::borrow::Cow;
use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    StringViewArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType, UInt64Type,
};
use dogwatch_content::rfc3339;
use jiff::Timestamp;

use crate::error::OutputError;

/// The largest number up to which double precision represents every integer: 2⁵³.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// One value of a row.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    /// No value, or a multivalue without values.
    Null,
    Bool(bool),
    Number(f64),
    Whole(i128),
    /// Microseconds since 1970, UTC.
    Time(i64),
    Text(&'a str),
    /// At least one value.
    Multi(Multivalue<'a>),
}

/// The values of a multivalue in a row.
#[derive(Clone, Debug)]
pub(crate) struct Multivalue<'a> {
    texts: &'a StringArray,
    range: Range<usize>,
}

impl<'a> Multivalue<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let texts = self.texts;
        self.range.clone().filter(|i| texts.is_valid(*i)).map(|i| texts.value(i))
    }
}

/// The column's values, ready to be read.
pub(crate) enum Column {
    Null,
    Text(StringArray),
    View(StringViewArray),
    Multi(ListArray),
    Number(Float64Array),
    Whole(Int64Array),
    Unsigned(UInt64Array),
    Bool(BooleanArray),
    Time(TimestampMicrosecondArray),
}

impl Column {
    /// Reads a column. SPL's own types are read in place, all others are converted to the closest one.
    fn new(name: &str, array: &ArrayRef) -> Result<Self, OutputError> {
        let target = match array.data_type() {
            DataType::Null => return Ok(Self::Null),
            DataType::Utf8 => return Ok(Self::Text(array.as_string::<i32>().clone())),
            DataType::Utf8View => return Ok(Self::View(array.as_string_view().clone())),
            DataType::Float64 => return Ok(Self::Number(array.as_primitive::<Float64Type>().clone())),
            DataType::Int64 => return Ok(Self::Whole(array.as_primitive::<Int64Type>().clone())),
            DataType::UInt64 => return Ok(Self::Unsigned(array.as_primitive::<UInt64Type>().clone())),
            DataType::Boolean => return Ok(Self::Bool(array.as_boolean().clone())),
            DataType::List(item) if item.data_type() == &DataType::Utf8 => {
                return Ok(Self::Multi(array.as_list::<i32>().clone()));
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                return Ok(Self::Time(array.as_primitive::<TimestampMicrosecondType>().clone()));
            }
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            DataType::Dictionary(_, value) => value.as_ref().clone(),
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
                DataType::List(Field::new("item", DataType::Utf8, true).into())
            }
            other if other.is_integer() => DataType::Int64,
            other if other.is_floating() => DataType::Float64,
            _ => DataType::Utf8,
        };
        let unprintable = || OutputError::Type { column: name.to_owned(), data_type: array.data_type().to_string() };
        let converted = cast(array, &target).map_err(|_| unprintable())?;
        // A conversion to the same type would recurse forever.
        if converted.data_type() == array.data_type() { Err(unprintable()) } else { Self::new(name, &converted) }
    }

    /// The value in a row.
    pub(crate) fn value(&self, row: usize) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Text(a) if a.is_valid(row) => Value::Text(a.value(row)),
            Self::View(a) if a.is_valid(row) => Value::Text(a.value(row)),
            Self::Number(a) if a.is_valid(row) && a.value(row).is_finite() => Value::Number(a.value(row)),
            Self::Whole(a) if a.is_valid(row) => Value::Whole(a.value(row).into()),
            Self::Unsigned(a) if a.is_valid(row) => Value::Whole(a.value(row).into()),
            Self::Bool(a) if a.is_valid(row) => Value::Bool(a.value(row)),
            Self::Time(a) if a.is_valid(row) => Value::Time(a.value(row)),
            Self::Multi(a) if a.is_valid(row) => {
                let offsets = a.value_offsets();
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                let values = Multivalue { texts: a.values().as_string(), range };
                if values.iter().next().is_none() { Value::Null } else { Value::Multi(values) }
            }
            _ => Value::Null,
        }
    }
}

/// The columns of a batch, ready to be read.
pub(crate) fn columns(batch: &RecordBatch) -> Result<Vec<Column>, OutputError> {
    let fields = batch.schema_ref().fields();
    fields.iter().zip(batch.columns()).map(|(field, array)| Column::new(field.name(), array)).collect()
}

/// The names of the columns in order.
pub(crate) fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

impl<'a> Value<'a> {
    /// The value as one text: null is empty, each value of a multivalue is on a line of its own, a time is RFC 3339.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        match self {
            Self::Null => "".into(),
            Self::Bool(b) => if *b { "true" } else { "false" }.into(),
            Self::Number(n) => number(*n).into(),
            Self::Whole(n) => n.to_string().into(),
            Self::Time(t) => rfc3339(*t).into(),
            Self::Text(t) => (*t).into(),
            Self::Multi(values) => {
                let mut values = values.iter();
                let first = values.next().unwrap_or_default();
                values.fold(Cow::Borrowed(first), |text, value| format!("{text}\n{value}").into())
            }
        }
    }
}

/// The shortest representation of a number that identifies it; whole numbers have no fraction.
pub(crate) fn number(n: f64) -> String {
    if n == 0.0 {
        // SPL does not distinguish negative zero.
        return "0".to_owned();
    }
    if n.fract() == 0.0 && n.abs() <= EXACT {
        return format!("{n:.0}");
    }
    serde_json::Number::from_f64(n).map_or_else(String::new, |n| n.to_string())
}

/// A time in readable form: `2026-11-23 16:02:58.850`, UTC, truncated to milliseconds.
pub(crate) fn readable(micros: i64) -> String {
    match calendar(micros) {
        Some(time) => time.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string(),
        None => number(micros as f64 / 1e6),
    }
}

fn calendar(micros: i64) -> Option<Timestamp> {
    let year_zero = -62_167_219_200_000_000;
    Timestamp::from_microsecond(micros).ok().filter(|_| micros >= year_zero)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BinaryArray, DictionaryArray, Float32Array, Int32Array, LargeStringArray, TimestampSecondArray,
    };

    use super::*;

    #[test]
    fn numbers_have_the_fewest_digits() {
        for (n, text) in [
            (5.0, "5"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (2.5, "2.5"),
            (-1795401382.124, "-1795401382.124"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
        ] {
            let printed = number(n);
            assert_eq!(printed.parse::<f64>().ok(), Some(n), "{printed}");
            if n < 1e15 || n == EXACT {
                assert_eq!(printed, text);
            }
        }
    }

    #[test]
    fn times_have_as_much_fraction_as_needed() {
        assert_eq!(rfc3339(1_795_449_778_850_211), "2026-11-23T16:02:58.850211Z");
        assert_eq!(rfc3339(1_795_449_778_850_000), "2026-11-23T16:02:58.85Z");
        assert_eq!(rfc3339(1_795_449_778_000_000), "2026-11-23T16:02:58Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999999Z");
        assert_eq!(readable(1_795_449_778_850_999), "2026-11-23 16:02:58.850");
        assert_eq!(readable(0), "1970-01-01 00:00:00.000");
        for out_of_range in [i64::MAX, i64::MIN] {
            assert!(rfc3339(out_of_range).parse::<f64>().is_ok());
            assert!(readable(out_of_range).parse::<f64>().is_ok());
        }
    }

    #[test]
    fn other_types_read_as_the_nearest_kind() {
        let keys = Int32Array::from(vec![0]);
        let columns: Vec<(ArrayRef, &str)> = vec![
            (Arc::new(Int32Array::from(vec![7])), "7"),
            (Arc::new(Float32Array::from(vec![0.5])), "0.5"),
            (Arc::new(LargeStringArray::from(vec!["a"])), "a"),
            (Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from(vec!["b"])))), "b"),
            (Arc::new(TimestampSecondArray::from(vec![1])), "1970-01-01T00:00:01Z"),
            (Arc::new(BinaryArray::from_vec(vec![b"c"])), "c"),
        ];
        for (array, text) in columns {
            let column = Column::new("x", &array).unwrap();
            assert_eq!(column.value(0).text(), text, "{}", array.data_type());
        }
    }
}
