//! Decodes the text between a JSON string's quotes, and writes text as a JSON string.
//!
//! Decoding refuses nothing: what is no UTF-8, and half of a surrogate pair, becomes U+FFFD.

/// What the text between the quotes stands for. Borrowed from `text` where it stands for itself; else `buffer` is
/// overwritten.
#[inline]
pub fn decode<'a>(text: &'a [u8], buffer: &'a mut String) -> &'a str {
    let escaped = memchr::memchr(b'\\', text);
    if escaped.is_none()
        && let Ok(plain) = std::str::from_utf8(text)
    {
        return plain;
    }
    decode_into(text, escaped, buffer);
    buffer
}

/// Decodes text whose first escape is at `escaped`.
fn decode_into(text: &[u8], escaped: Option<usize>, buffer: &mut String) {
    buffer.clear();
    let mut rest = text;
    let mut next = escaped;
    while let Some(at) = next {
        buffer.push_str(&String::from_utf8_lossy(&rest[..at]));
        let length = unescape(&rest[at..], buffer);
        rest = rest.get(at + length..).unwrap_or_default();
        next = memchr::memchr(b'\\', rest);
    }
    buffer.push_str(&String::from_utf8_lossy(rest));
}

/// A string without its quotes; anything else as it is.
#[inline]
pub fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', text @ .., b'"'] => text,
        _ => value,
    }
}

/// Appends a text as a JSON string, in quotes.
pub fn write(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            c if c < ' ' => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

/// Decodes the escape that `text` begins with. Returns its length.
fn unescape(text: &[u8], buffer: &mut String) -> usize {
    let plain = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unit(text, buffer),
        Some(&byte) if byte.is_ascii() => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    };
    buffer.push(plain);
    2
}

/// Decodes `\u` and four hexadecimal digits, with the second half of a surrogate pair where one follows.
fn unescape_unit(text: &[u8], buffer: &mut String) -> usize {
    let high = unit(text).unwrap_or(0xFFFD);
    if let Some(single) = char::from_u32(high) {
        buffer.push(single);
        return 6;
    }
    let low = text.get(6..).and_then(unit);
    match low {
        Some(low @ 0xDC00..=0xDFFF) if high < 0xDC00 => {
            let both = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            buffer.push(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
            12
        }
        _ => {
            buffer.push(char::REPLACEMENT_CHARACTER);
            6
        }
    }
}

/// The number in the `\uXXXX` that `text` begins with.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        for (text, expected) in [
            (&b"plain"[..], "plain"),
            (br#"a\"b\\c\/d\n\t\b\f\r"#, "a\"b\\c/d\n\t\u{8}\u{c}\r"),
            (br"\u0073ecrets \u00e9 \u212a", "secrets é \u{212a}"),
            (br"\ud83d\ude00!", "😀!"),
            (br"\ud83d!", "\u{fffd}!"),
            (br"\ude00\ud83d\ud83d\ude00", "\u{fffd}\u{fffd}😀"),
            (b"a\xffb", "a\u{fffd}b"),
            (b"a\xff\\nb\xe2\x82", "a\u{fffd}\nb\u{fffd}"),
            ("é\\u0026".as_bytes(), "é&"),
        ] {
            assert_eq!(decode(text, &mut String::new()), expected);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a\"b\\c/d\n\t\u{8}\u{c}\r\u{1} é😀\u{7f}";
        let mut written = String::new();
        write(text, &mut written);
        assert_eq!(decode(unquoted(written.as_bytes()), &mut String::new()), text);
        assert_eq!(crate::scan::scalar(written.as_bytes(), 0), Ok(written.len()));
    }

    #[test]
    fn half_escapes_do_no_harm() {
        for text in [&b"\\"[..], b"\\u", b"\\u12", b"\\ud83d\\u", b"\\u+123"] {
            decode(text, &mut String::new());
        }
    }
}
