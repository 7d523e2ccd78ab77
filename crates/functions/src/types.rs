//! The types of SPL values, and reading and writing columns of each row by row.
//!
//! A field from a log is text ([`text_type`]) or a multivalue ([`multivalue_type`]); numbers and booleans come from
//! functions; `_time` is a timestamp in microseconds, UTC, and is a number of seconds in an expression. No other type
//! ever reaches a function.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Float64Array, Float64Builder, GenericListArray, Int64Array,
    LargeStringArray, ListBuilder, StringArray, StringBuilder, StringViewArray, TimestampMicrosecondArray,
    TimestampMicrosecondBuilder, UInt64Array, new_null_array,
};
use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion_common::{Result, exec_err};

/// Text.
pub fn text_type() -> DataType {
    DataType::Utf8
}

/// A number. SPL has one kind: double precision.
pub fn number_type() -> DataType {
    DataType::Float64
}

/// True or false.
pub fn bool_type() -> DataType {
    DataType::Boolean
}

/// Several texts in order. A missing multivalue is null; an empty list counts as missing too.
pub fn multivalue_type() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

/// The type of `_time`.
pub fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Whether a column of this type can hold several values in a row.
pub fn is_multivalue(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(_))
}

/// Whether values of this type are numbers (a timestamp counts as its epoch seconds).
pub fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric() || matches!(data_type, DataType::Timestamp(..))
}

/// The common type of two types, for `if`, `case`, `coalesce` and a union of rows. Number and text give text, a
/// multivalue and any other type give a multivalue.
pub fn unify(a: &DataType, b: &DataType) -> DataType {
    match (a, b) {
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (a, b) if a == b => a.clone(),
        (a, b) if is_multivalue(a) || is_multivalue(b) => multivalue_type(),
        (a, b) if is_number(a) && is_number(b) => number_type(),
        _ => text_type(),
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// Several values; never empty.
    Multi(&'a GenericListArray<i32>, usize),
}

impl<'a> Cell<'a> {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The values one by one: none for null, one for a single value.
    pub fn values(&self) -> Vec<Value<'a>> {
        match *self {
            Self::Null => vec![],
            Self::Bool(b) => vec![Value::Bool(b)],
            Self::Number(n) => vec![Value::Number(n)],
            Self::Text(t) => vec![Value::Text(t)],
            Self::Multi(list, row) => {
                let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
                let texts: &'a StringArray = list.values().as_string();
                (start..end).filter(|i| texts.is_valid(*i)).map(|i| Value::Text(texts.value(i))).collect()
            }
        }
    }

    /// The value if there is exactly one. A multivalue of several gives `None`.
    pub fn single(&self) -> Option<Value<'a>> {
        match *self {
            Self::Multi(..) => match self.values().as_slice() {
                [one] => Some(*one),
                _ => None,
            },
            Self::Null => None,
            Self::Bool(b) => Some(Value::Bool(b)),
            Self::Number(n) => Some(Value::Number(n)),
            Self::Text(t) => Some(Value::Text(t)),
        }
    }

    /// The single value as a number, if it is numeric; see [`parse_number`].
    pub fn number(&self) -> Option<f64> {
        self.single().and_then(|value| value.number())
    }

    /// The single value as text.
    pub fn text(&self) -> Option<std::borrow::Cow<'a, str>> {
        self.single().map(|value| value.text())
    }

    /// The truth of the value: a boolean as it is. Anything else is not true.
    pub fn truth(&self) -> Option<bool> {
        match self.single()? {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }
}

/// A single value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(&'a str),
}

impl<'a> Value<'a> {
    /// The value as a number, if it is numeric.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(t) => parse_number(t),
            Self::Bool(_) => None,
        }
    }

    /// As text: a number as [`format_number`] writes it, a boolean as `True` or `False` (Splunk's tostring).
    pub fn text(&self) -> std::borrow::Cow<'a, str> {
        match self {
            Self::Text(t) => (*t).into(),
            Self::Number(n) => format_number(*n).into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
        }
    }
}

/// Parses a whole text as a number: digits with an optional sign, fraction and exponent. No surrounding spaces, no
/// hexadecimal, no `inf` or `nan`.
pub fn parse_number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let first = *bytes.first()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.'))
        || !bytes.last()?.is_ascii_alphanumeric() && bytes.last() != Some(&b'.')
    {
        return None;
    }
    if !bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E')) {
        return None;
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A number as Splunk prints it: whole numbers without a fraction, others with their significant digits.
pub fn format_number(n: f64) -> String {
    if n == 0.0 {
        return "0".to_owned();
    }
    format!("{n}")
}

/// Seconds since 1970 as microseconds, if these fit.
pub fn microseconds(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    (micros.abs() < 9.2e18).then_some(micros as i64)
}

/// A column that can be read row by row, whatever its type. A constant is a column of one row that repeats.
pub struct Column {
    array: ArrayRef,
    constant: bool,
}

impl Column {
    /// A column with a value per row.
    pub fn new(array: ArrayRef) -> Self {
        Self { array, constant: false }
    }

    /// A column whose first row stands for every row.
    pub fn constant(array: ArrayRef) -> Self {
        Self { array, constant: true }
    }

    /// The value in a row. A type that SPL does not have reads as null.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        let row = if self.constant { 0 } else { row };
        cell(self.array.as_ref(), row)
    }
}

/// The value of an array in a row. A type that SPL does not have reads as null.
pub fn cell(array: &dyn Array, row: usize) -> Cell<'_> {
    if array.is_null(row) {
        return Cell::Null;
    }
    let any = array.as_any();
    match array.data_type() {
        DataType::Utf8 => any.downcast_ref::<StringArray>().map_or(Cell::Null, |a| Cell::Text(a.value(row))),
        DataType::Float64 => any.downcast_ref::<Float64Array>().map_or(Cell::Null, |a| Cell::Number(a.value(row))),
        DataType::Boolean => any.downcast_ref::<BooleanArray>().map_or(Cell::Null, |a| Cell::Bool(a.value(row))),
        DataType::Utf8View => any.downcast_ref::<StringViewArray>().map_or(Cell::Null, |a| Cell::Text(a.value(row))),
        DataType::LargeUtf8 => any.downcast_ref::<LargeStringArray>().map_or(Cell::Null, |a| Cell::Text(a.value(row))),
        DataType::Int64 => any.downcast_ref::<Int64Array>().map_or(Cell::Null, |a| Cell::Number(a.value(row) as f64)),
        DataType::UInt64 => any.downcast_ref::<UInt64Array>().map_or(Cell::Null, |a| Cell::Number(a.value(row) as f64)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => any
            .downcast_ref::<TimestampMicrosecondArray>()
            .map_or(Cell::Null, |a| Cell::Number(a.value(row) as f64 / 1e6)),
        DataType::List(_) => any.downcast_ref::<GenericListArray<i32>>().map_or(Cell::Null, |a| {
            if a.value_length(row) == 0 || a.values().data_type() != &DataType::Utf8 {
                Cell::Null
            } else {
                Cell::Multi(a, row)
            }
        }),
        _ => Cell::Null,
    }
}

/// A result column under construction. Values of another kind than the column's are converted.
pub enum Output {
    /// Texts.
    Text(StringBuilder),
    /// Numbers.
    Number(Float64Builder),
    /// Booleans.
    Bool(BooleanBuilder),
    /// Multivalues.
    Multi(ListBuilder<StringBuilder>),
    /// Timestamps: a number appended is seconds since 1970.
    Time(TimestampMicrosecondBuilder),
    /// Only nulls: how many.
    Null(usize),
}

impl Output {
    /// A column of this type for about this many rows.
    ///
    /// # Errors
    /// For a type that SPL does not have.
    pub fn new(data_type: &DataType, rows: usize) -> Result<Self> {
        Ok(match data_type {
            DataType::Utf8 => Self::Text(StringBuilder::with_capacity(rows, rows * 16)),
            DataType::Float64 => Self::Number(Float64Builder::with_capacity(rows)),
            DataType::Boolean => Self::Bool(BooleanBuilder::with_capacity(rows)),
            DataType::List(_) => Self::Multi(ListBuilder::with_capacity(StringBuilder::new(), rows)),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Time(TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC"))
            }
            DataType::Null => Self::Null(0),
            other => return exec_err!("no SPL value has the type {other}"),
        })
    }

    /// Appends no value.
    pub fn null(&mut self) {
        match self {
            Self::Text(b) => b.append_null(),
            Self::Number(b) => b.append_null(),
            Self::Bool(b) => b.append_null(),
            Self::Multi(b) => b.append_null(),
            Self::Time(b) => b.append_null(),
            Self::Null(n) => *n += 1,
        }
    }

    /// Appends a single value.
    pub fn value(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(b), value) => b.append_value(value.text()),
            (Self::Number(b), value) => b.append_option(value.number().filter(|n| n.is_finite())),
            (Self::Bool(b), Value::Bool(value)) => b.append_value(value),
            (Self::Bool(b), _) => b.append_null(),
            (Self::Multi(b), value) => {
                b.values().append_value(value.text());
                b.append(true);
            }
            (Self::Time(b), value) => b.append_option(value.number().and_then(microseconds)),
            (Self::Null(n), _) => *n += 1,
        }
    }

    /// Appends text.
    pub fn text(&mut self, text: &str) {
        self.value(Value::Text(text));
    }

    /// Appends a number; one that is not finite becomes null, and -0 becomes 0.
    pub fn number(&mut self, number: f64) {
        if number.is_finite() { self.value(Value::Number(number + 0.0)) } else { self.null() }
    }

    /// Appends a boolean.
    pub fn bool(&mut self, value: bool) {
        self.value(Value::Bool(value));
    }

    /// Appends several values: null for none. In a column of single values, several are joined by line breaks, as Splunk
    /// shows them.
    pub fn multi<I, T>(&mut self, values: I)
    where
        I: IntoIterator<Item = T>,
        T: AsRef<str>,
    {
        match self {
            Self::Multi(b) => {
                let mut any = false;
                for value in values {
                    b.values().append_value(value);
                    any = true;
                }
                b.append(any);
            }
            other => {
                let values: Vec<String> = values.into_iter().map(|v| v.as_ref().to_owned()).collect();
                if values.is_empty() { other.null() } else { other.text(&values.join("\n")) }
            }
        }
    }

    /// Appends a copy of a cell.
    pub fn cell(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Null => self.null(),
            Cell::Multi(..) => self.multi(cell.values().iter().map(Value::text)),
            Cell::Bool(b) => self.bool(b),
            Cell::Number(n) => self.number(n),
            Cell::Text(t) => self.text(t),
        }
    }

    /// The finished column.
    pub fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut b) => Arc::new(b.finish()),
            Self::Number(mut b) => Arc::new(b.finish()),
            Self::Bool(mut b) => Arc::new(b.finish()),
            Self::Multi(mut b) => Arc::new(b.finish()),
            Self::Time(mut b) => Arc::new(b.finish()),
            Self::Null(n) => new_null_array(&DataType::Null, n),
        }
    }
}
