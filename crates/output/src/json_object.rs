//! A row as a JSON object, shared by the formats that are made of them.
//!
//! Keys stand in the order of the columns; a null is left out; a multivalue column is always an array, also when a row
//! has one value, so that a reader meets one type per key; a number is a JSON number and a time RFC 3339. Characters
//! that drive a terminal are escaped although JSON lets some of them stand (see [`crate::visible`]).

use std::io::{self, Write};

use crate::value::{Column, Value, number, rfc3339};
use crate::visible::is_invisible;

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
pub(crate) fn string(text: &str, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    out.write_all(b"\"")?;
    // Nearly all texts stand for themselves.
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
    let mut written = 0;
    for (at, c) in text.char_indices().take(if plain { 0 } else { text.len() }) {
        let short: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            c if is_invisible(c) => b"",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[written..at])?;
        written = at + c.len_utf8();
        if !short.is_empty() {
            out.write_all(short)?;
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
    }
    out.write_all(&text.as_bytes()[written..])?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were() {
        for text in ["", "a\"b\\c\n\r\t\0\x1b\x7f\u{9b}", "猫 \u{202e} 👩‍🚀 \u{e0041}", "/var/run"] {
            let mut out = Vec::new();
            string(text, &mut out).unwrap();
            let printed = String::from_utf8(out).unwrap();
            assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), text);
            assert!(!printed.contains(is_invisible), "{printed:?}");
        }
    }
}
