//! A row as a JSON object, shared by the formats that are made of them.
//!
//! Keys are in the order of the columns; nulls are omitted; a multivalue column is always an array, even if a row has one
//! value, so that each key has a single type; a number is a JSON number and a time RFC 3339. Invisible characters are
//! escaped, including those that JSON allows unescaped (see [`crate::visible`]).

use std::io::{self, Write};

use dogwatch_content::rfc3339;

use crate::json;
use crate::value::{Column, Value, number};

/// The keys of the objects, escaped once.
pub(crate) struct Keys(Vec<Vec<u8>>);

impl Keys {
    pub(crate) fn new(names: &[String]) -> io::Result<Self> {
        let key = |name: &String| {
            let mut key = Vec::with_capacity(name.len() + 3);
            string(name, &mut key)?;
            key.push(b':');
            Ok(key)
        };
        names.iter().map(key).collect::<io::Result<_>>().map(Self)
    }

    /// Writes one row.
    pub(crate) fn object(&self, columns: &[Column], row: usize, out: &mut dyn Write) -> io::Result<()> {
        let mut before: &[u8] = b"{";
        for (key, column) in self.0.iter().zip(columns) {
            let value = column.value(row);
            if matches!(value, Value::Null) {
                continue;
            }
            out.write_all(before)?;
            before = b",";
            out.write_all(key)?;
            write_value(&value, out)?;
        }
        if before == b"{" {
            out.write_all(b"{")?;
        }
        out.write_all(b"}")
    }
}

fn write_value(value: &Value<'_>, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Null => out.write_all(b"null"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Number(n) => out.write_all(number(*n).as_bytes()),
        Value::Whole(n) => write!(out, "{n}"),
        Value::Time(t) => string(&rfc3339(*t), out),
        Value::Text(t) => string(t, out),
        Value::Multi(values) => {
            out.write_all(b"[")?;
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.write_all(b",")?;
                }
                string(value, out)?;
            }
            out.write_all(b"]")
        }
    }
}

/// Writes a JSON string.
fn string(text: &str, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    json::write(text, out)
}
