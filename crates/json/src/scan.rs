//! Finds where a JSON value ends, and checks every byte of it against the grammar (RFC 8259).
//!
//! This is the pass that every row goes through, so it decodes nothing and allocates nothing: it finds the ends of
//! strings eight bytes at a time and keeps one bit for each level of nesting, so that no depth is too deep for it.
//! It does not check that strings are UTF-8: logs are cut by carriers in the middle of a character, and a row is
//! worth more than its one broken character.

use std::ops::Range;

use crate::error::JsonError;

/// The containers that are open, outermost first: one bit each, set for an object.
#[derive(Clone, Debug, Default)]
pub struct Nesting {
    /// The innermost levels, the last one in the lowest bit.
    word: u64,
    /// Full words of levels further out.
    outer: Vec<u64>,
    /// Levels in all.
    depth: usize,
}

impl Nesting {
    const WORD: usize = u64::BITS as usize;

    /// Closes everything.
    #[inline]
    pub fn clear(&mut self) {
        self.outer.clear();
        self.word = 0;
        self.depth = 0;
    }

    /// Levels that are open.
    #[inline]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Whether the innermost open container is an object.
    #[inline]
    pub fn in_object(&self) -> bool {
        self.word & 1 == 1
    }

    /// Opens an object, or an array.
    #[inline]
    pub fn open(&mut self, object: bool) {
        if self.depth != 0 && self.depth.is_multiple_of(Self::WORD) {
            self.outer.push(self.word);
        }
        self.word = self.word << 1 | u64::from(object);
        self.depth += 1;
    }

    /// Closes the innermost container.
    #[inline]
    pub fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.word >>= 1;
        if self.depth != 0
            && self.depth.is_multiple_of(Self::WORD)
            && let Some(word) = self.outer.pop()
        {
            self.word = word;
        }
    }
}

/// A member of an object, as places in the text.
#[derive(Clone, Debug)]
pub struct Member {
    /// The key, between its quotes.
    pub key: Range<usize>,
    /// The value, with its quotes or brackets.
    pub value: Range<usize>,
}

/// The first byte at or after `at` that is no white space (RFC 8259, section 2).
#[inline]
pub fn space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Where the value that starts at `at` ends. `open` is overwritten.
///
/// # Errors
/// The first break of the grammar.
pub fn value(text: &[u8], at: usize, open: &mut Nesting) -> Result<usize, JsonError> {
    open.clear();
    let mut at = at;
    loop {
        at = match text.get(at) {
            Some(b'{') => match space(text, at + 1) {
                end if text.get(end) == Some(&b'}') => end + 1,
                first => {
                    open.open(true);
                    at = key(text, first, "a key or `}`")?.1;
                    continue;
                }
            },
            Some(b'[') => match space(text, at + 1) {
                end if text.get(end) == Some(&b']') => end + 1,
                first => {
                    open.open(false);
                    at = first;
                    continue;
                }
            },
            _ => scalar(text, at)?,
        };
        loop {
            if open.depth() == 0 {
                return Ok(at);
            }
            at = space(text, at);
            match (text.get(at), open.in_object()) {
                (Some(b','), true) => {
                    at = key(text, space(text, at + 1), "a key")?.1;
                    break;
                }
                (Some(b','), false) => {
                    at = space(text, at + 1);
                    break;
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    open.close();
                    at += 1;
                }
                (_, true) => return Err(JsonError::new(text, at, "`,` or `}`")),
                (_, false) => return Err(JsonError::new(text, at, "`,` or `]`")),
            }
        }
    }
}

/// Checks the object that starts at `at` and lists its members in `members`. Returns where it ends.
///
/// # Errors
/// The first break of the grammar.
pub fn members(text: &[u8], at: usize, open: &mut Nesting, members: &mut Vec<Member>) -> Result<usize, JsonError> {
    members.clear();
    let mut at = space(text, at + 1);
    if text.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let (name, start) = key(text, at, "a key")?;
        let end = match text.get(start) {
            Some(b'{' | b'[') => value(text, start, open)?,
            _ => scalar(text, start)?,
        };
        members.push(Member { key: name, value: start..end });
        at = space(text, end);
        match text.get(at) {
            Some(b',') => at = space(text, at + 1),
            Some(b'}') => return Ok(at + 1),
            _ => return Err(JsonError::new(text, at, "`,` or `}`")),
        }
    }
}

/// Checks the key at `at`, its colon and the white space around it. Returns what is between the key's quotes, and
/// where the value starts. `expected` is what a complaint asks for where there is no key.
///
/// # Errors
/// The first break of the grammar.
#[inline]
pub fn key(text: &[u8], at: usize, expected: &'static str) -> Result<(Range<usize>, usize), JsonError> {
    if text.get(at) != Some(&b'"') {
        return Err(JsonError::new(text, at, expected));
    }
    let end = string(text, at + 1)?;
    Ok((at + 1..end, colon(text, end + 1)?))
}

#[inline]
fn colon(text: &[u8], at: usize) -> Result<usize, JsonError> {
    let at = space(text, at);
    match text.get(at) {
        Some(b':') => Ok(space(text, at + 1)),
        _ => Err(JsonError::new(text, at, "`:`")),
    }
}

/// Where the string, number or word that starts at `at` ends.
///
/// # Errors
/// The first break of the grammar.
#[inline]
pub fn scalar(text: &[u8], at: usize) -> Result<usize, JsonError> {
    match text.get(at) {
        Some(b'"') => Ok(string(text, at + 1)? + 1),
        Some(b'-' | b'0'..=b'9') => number(text, at),
        Some(b't') => word(text, at, b"true"),
        Some(b'f') => word(text, at, b"false"),
        Some(b'n') => word(text, at, b"null"),
        _ => Err(JsonError::new(text, at, "a value")),
    }
}

fn word(text: &[u8], at: usize, word: &'static [u8]) -> Result<usize, JsonError> {
    for (index, byte) in word.iter().enumerate() {
        if text.get(at + index) != Some(byte) {
            return Err(JsonError::new(text, at + index, "`true`, `false` or `null`"));
        }
    }
    Ok(at + word.len())
}

fn number(text: &[u8], at: usize) -> Result<usize, JsonError> {
    let mut at = at + usize::from(text.get(at) == Some(&b'-'));
    if text.get(at) == Some(&b'0') {
        at += 1;
    } else {
        at = digits(text, at)?;
    }
    if text.get(at) == Some(&b'.') {
        at = digits(text, at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = digits(text, at)?;
    }
    Ok(at)
}

fn digits(text: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start;
    while matches!(text.get(at), Some(b'0'..=b'9')) {
        at += 1;
    }
    match at == start {
        true => Err(JsonError::new(text, at, "a digit")),
        false => Ok(at),
    }
}

/// Where the closing quote stands of the string whose first character is at `at`.
///
/// # Errors
/// The first break of the grammar.
#[inline]
pub fn string(text: &[u8], at: usize) -> Result<usize, JsonError> {
    let mut at = at;
    loop {
        at = plain(text, at);
        match text.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = escape(text, at + 1)?,
            _ => return Err(JsonError::new(text, at, "the end of the string")),
        }
    }
}

fn escape(text: &[u8], at: usize) -> Result<usize, JsonError> {
    match text.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => {
            for place in at + 1..at + 5 {
                if !text.get(place).is_some_and(u8::is_ascii_hexdigit) {
                    return Err(JsonError::new(text, place, "a hex digit"));
                }
            }
            Ok(at + 5)
        }
        _ => Err(JsonError::new(text, at, "an escape")),
    }
}

/// The first byte at or after `at` that ends a stretch of plain text in a string: a quote, a backslash, a control
/// character, or the end of the text.
#[inline]
pub fn plain(text: &[u8], at: usize) -> usize {
    let mut rest = text.get(at..).unwrap_or_default();
    while let Some((block, tail)) = rest.split_first_chunk::<8>() {
        let found = marks(u64::from_le_bytes(*block));
        if found != 0 {
            return text.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = tail;
    }
    let short = rest.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\');
    text.len() - rest.len() + short.unwrap_or(rest.len())
}

/// Sets the high bit of the lowest byte that is a quote, a backslash or a control character (and perhaps of bytes
/// above it: a borrow travels upward only, so the lowest mark is always right).
#[inline]
fn marks(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let quote = below(word ^ (ONES * b'"' as u64), 1);
    let backslash = below(word ^ (ONES * b'\\' as u64), 1);
    (below(word, b' ' as u64) | quote | backslash) & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Result<usize, JsonError> {
        value(text.as_bytes(), 0, &mut Nesting::default())
    }

    #[test]
    fn ends_of_values() {
        for text in
            [r#"{"a":[1,{"b":"c\"d\\"}, -0.5e+3 ] , "e":null}"#, "[]", "{ }", "\"\\u00e9\"", "[[[]],[],{}]", "0"]
        {
            assert_eq!(end(text), Ok(text.len()), "{text}");
        }
    }

    #[test]
    fn faults_have_a_place() {
        for (text, offset, cut) in [
            (r#"{"a":1,}"#, 7, false),
            (r#"{"a" 1}"#, 5, false),
            ("[1 2]", 3, false),
            ("[1}", 2, false),
            ("{\"a\":\"b\nc\"}", 7, false),
            (r#""\x""#, 2, false),
            (r#""\u12g4""#, 5, false),
            ("tru", 3, true),
            (r#"{"a":"#, 5, true),
            (r#"{"a":"b"#, 7, true),
            ("-", 1, true),
        ] {
            let error = end(text).expect_err(text);
            assert_eq!((error.offset, error.cut), (offset, cut), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_remembers_every_level() {
        let mut open = Nesting::default();
        let object = |level: usize| level.is_multiple_of(3) || level.is_multiple_of(7);
        for level in 0..1000 {
            open.open(object(level));
        }
        for level in (0..1000).rev() {
            assert_eq!(open.in_object(), object(level), "{level}");
            open.close();
        }
        assert_eq!(open.depth(), 0);
    }

    #[test]
    fn plain_finds_each_mark_in_each_place() {
        for mark in [b'"', b'\\', 0, 0x1f, b'\n'] {
            for place in 0..60 {
                let mut text = vec![0xffu8; 60];
                text[place] = mark;
                assert_eq!(plain(&text, 0), place, "{mark} {place}");
            }
        }
        assert_eq!(plain(b"!#[]\x7f \x80\xa2\xdc\xa0", 0), 10);
    }
}
