//! serde's JSON with invisible characters escaped (see [`crate::visible`]), including those that JSON allows unescaped,
//! for the formats that are made of objects.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::error::OutputError;
use crate::visible::is_invisible;

/// Compact JSON in which no character is invisible.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Almost no text needs escaping.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_invisible(*c)) {
            writer.write_all(&fragment.as_bytes()[written..at])?;
            written = at + c.len_utf8();
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}

/// Writes a value on a single line.
pub(crate) fn write<W: Write + ?Sized>(value: &(impl Serialize + ?Sized), out: &mut W) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Visible);
    Ok(value.serialize(&mut serializer)?)
}

/// Writes values as one JSON array, one per line, like the rows of the format `json`.
pub(crate) fn write_array<T: Serialize>(
    values: impl Iterator<Item = Result<T, OutputError>>,
    out: &mut dyn Write,
) -> Result<(), OutputError> {
    out.write_all(b"[")?;
    let mut line = Vec::new();
    let mut any = false;
    for value in values {
        line.clear();
        line.extend_from_slice(if any { b",\n" } else { b"\n" });
        any = true;
        write(&value?, &mut line)?;
        out.write_all(&line)?;
    }
    Ok(out.write_all(if any { b"\n]\n" } else { b"]\n" })?)
}

/// Writes one value per line, like the rows of the format `jsonl`.
pub(crate) fn write_lines<T: Serialize>(
    values: impl Iterator<Item = Result<T, OutputError>>,
    out: &mut dyn Write,
) -> Result<(), OutputError> {
    let mut line = Vec::new();
    for value in values {
        line.clear();
        write(&value?, &mut line)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_as_they_were_and_nothing_in_them_is_invisible() {
        for text in ["", "a\"b\\c\n\r\t\0\x1b\x7f\u{9b}", "猫 \u{202e} 👩‍🚀 \u{e0041}", "/var/run"] {
            let mut out = Vec::new();
            write(&[(text, 1)], &mut out).unwrap();
            let printed = String::from_utf8(out).unwrap();
            assert_eq!(serde_json::from_str::<Vec<(String, u8)>>(&printed).unwrap(), [(text.to_owned(), 1)]);
            assert!(!printed.contains(is_invisible), "{printed:?}");
        }
    }
}
