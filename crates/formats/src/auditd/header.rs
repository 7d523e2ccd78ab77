//! The beginning of a line: `node=web1 type=SYSCALL msg=audit(1795401382.124:2250):` in all its variants.
//!
//! The usual forms are read at fixed positions, because every line of a log passes here. What has something in
//! front (syslog, the kernel log, a byte-order mark) is found by its stamp. Fields are not looked at here.

use memchr::{memchr, memmem};

use crate::visitor::Reason;

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Record(Header<'a>),
    /// An empty line, or a line of ausearch's own between events (`----`, `time->…`).
    Nothing,
    Malformed(Reason),
}

/// The parts of a record's header, as they stand in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// `node=`, if there.
    pub(super) node: Option<&'a [u8]>,
    /// The type's name or number. Empty in kernel messages without one.
    pub(super) kind: &'a [u8],
    /// What stands between the parentheses of `audit(…)`.
    pub(super) id: &'a [u8],
    /// Where the fields begin in the line.
    pub(super) body: usize,
    /// Whether the stamp is the one that [`parse_like`] was told.
    pub(super) likely: bool,
}

/// Reads the header of `line`, which has no line end.
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    parse_like(line, b"")
}

/// [`parse`] for a line that probably has the stamp `likely`, as the one before it.
pub(super) fn parse_like<'a>(line: &'a [u8], likely: &[u8]) -> Line<'a> {
    if line.starts_with(b"type=") {
        return typed(line, 0, None, likely);
    }
    if line.starts_with(b"node=")
        && let Some(end) = memchr(b' ', line)
        && line[end + 1..].starts_with(b"type=")
    {
        return typed(line, end + 1, Some(&line[b"node=".len()..end]), likely);
    }
    match anywhere(line) {
        Some(found) => found,
        None if is_nothing(line) => Line::Nothing,
        None => Line::Malformed(Reason::NotARecord),
    }
}

/// Whether the beginning of a record, cut, could look like this.
pub(super) fn may_be_cut(line: &[u8]) -> bool {
    let begins = |word: &[u8]| line.starts_with(word) || word.starts_with(line);
    begins(b"type=") || begins(b"node=")
}

/// A stamp's time in microseconds since 1970, if it is not masked.
pub(super) fn time(id: &[u8]) -> Option<i64> {
    let dot = memchr(b'.', id)?;
    let colon = dot + memchr(b':', &id[dot..])?;
    let digits = |text: &[u8]| -> Option<i64> {
        if text.is_empty() || text.len() > 18 || !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(text.iter().fold(0, |n, digit| n * 10 + i64::from(digit - b'0')))
    };
    let fraction = &id[dot + 1..colon];
    let scale = 10_i64.checked_pow(6_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?)?;
    digits(&id[..dot])?.checked_mul(1_000_000)?.checked_add(digits(fraction)? * scale)
}

fn is_nothing(line: &[u8]) -> bool {
    line == b"----" || line.starts_with(b"time->") || line.iter().all(u8::is_ascii_whitespace)
}

/// A line whose `type=` stands at `at`.
fn typed<'a>(line: &'a [u8], at: usize, node: Option<&'a [u8]>, likely: &[u8]) -> Line<'a> {
    let start = at + b"type=".len();
    let Some(length) = line[start..].iter().position(|byte| *byte == b' ') else {
        return Line::Malformed(Reason::BadStamp);
    };
    let mut stamp = start + length + 1;
    while line.get(stamp) == Some(&b' ') {
        stamp += 1;
    }
    if line[stamp..].starts_with(b"msg=") {
        stamp += b"msg=".len();
    }
    let kind = &line[start..start + length];
    match stamped(line, stamp, likely) {
        Some(Stamp { id, body, likely }) if !kind.is_empty() => Line::Record(Header { node, kind, id, body, likely }),
        _ => Line::Malformed(Reason::BadStamp),
    }
}

/// The inside of `audit(1795401382.124:2250):`, where the fields begin, and whether it is as expected.
struct Stamp<'a> {
    id: &'a [u8],
    body: usize,
    likely: bool,
}

/// Reads a stamp at `at`.
fn stamped<'a>(line: &'a [u8], at: usize, likely: &[u8]) -> Option<Stamp<'a>> {
    let id = line.get(at..)?.strip_prefix(b"audit(")?;
    let as_expected = !likely.is_empty() && id.get(likely.len()) == Some(&b')') && id.starts_with(likely);
    let end = if as_expected { likely.len() } else { end_of_stamp(id)? };
    let mut body = at + b"audit(".len() + end + 1;
    if line.get(body) == Some(&b':') {
        body += 1;
    }
    Some(Stamp { id: &id[..end], body, likely: as_expected })
}

/// The length of a stamp, if it is one and a parenthesis closes it.
fn end_of_stamp(id: &[u8]) -> Option<usize> {
    // Seconds, milliseconds and serial have 10, 3 and up to 20 digits.
    let window = &id[..id.len().min(64)];
    let end = window.iter().position(|byte| *byte == b')')?;
    let id = &id[..end];
    let dot = memchr(b'.', id)?;
    let colon = dot + memchr(b':', &id[dot..])?;
    let well_formed = |text: &[u8]| !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || is_mask(*byte));
    (well_formed(&id[..dot]) && well_formed(&id[dot + 1..colon]) && well_formed(&id[colon + 1..])).then_some(end)
}

fn is_mask(byte: u8) -> bool {
    matches!(byte, b'X' | b'x' | b'*' | b'#' | b'?')
}

/// Looks for a stamp inside the line and reads backwards from it.
fn anywhere(line: &[u8]) -> Option<Line<'_>> {
    let stamp = memmem::find(line, b"audit(")?;
    let mut before = &line[..stamp];
    if let Some(rest) = before.strip_suffix(b"msg=") {
        before = rest;
    }
    if !before.is_empty() && before.trim_ascii_end().len() == before.len() {
        return None;
    }
    let (rest, kind) = last_word(before, b"type=");
    let Some(kind) = kind else {
        // The kernel's own messages: `kernel: audit(1119292542.345:1): initialized`.
        if memmem::find(before, b"type=").is_some() {
            return None;
        }
        let Stamp { id, body, likely } = stamped(line, stamp, b"")?;
        return Some(Line::Record(Header { node: None, kind: b"", id, body, likely }));
    };
    let (_, node) = last_word(rest, b"node=");
    Some(match stamped(line, stamp, b"") {
        Some(Stamp { id, body, likely }) => Line::Record(Header { node, kind, id, body, likely }),
        None => Line::Malformed(Reason::BadStamp),
    })
}

/// If the last word of `text` is `key` and a value: what stands before it, and the value. In front of the key there
/// may be punctuation (`<13>type=`), but no quote: that would be JSON.
fn last_word<'a>(text: &'a [u8], key: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    let text = text.trim_ascii_end();
    let word = text.iter().rposition(u8::is_ascii_whitespace).map_or(0, |space| space + 1);
    let Some(at) = memmem::find(&text[word..], key).map(|at| word + at) else {
        return (text, None);
    };
    let value = &text[at + key.len()..];
    let bounded = at == 0
        || !matches!(text[at - 1], b'"' | b'\'' | b'\\' | b'_' | b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z');
    if !bounded || value.is_empty() {
        return (text, None);
    }
    (&text[..at], Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: &str) -> (Option<&str>, &str, &str, &str) {
        match parse(line.as_bytes()) {
            Line::Record(header) => {
                let text = |bytes| std::str::from_utf8(bytes).unwrap();
                (header.node.map(text), text(header.kind), text(header.id), &line[header.body..])
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn headers_in_all_their_variants() {
        let id = "1795401382.124:2250";
        let cases = [
            ("type=SYSCALL msg=audit(1795401382.124:2250): arch=1", None, "SYSCALL", id, " arch=1"),
            ("node=web1 type=CWD msg=audit(1795401382.124:2250):  cwd=1", Some("web1"), "CWD", id, "  cwd=1"),
            ("type=UNKNOWN[1327] msg=audit(1795401382.124:2250): p=1", None, "UNKNOWN[1327]", id, " p=1"),
            ("type=SYSCALL audit(1795401382.124:2250): a=1", None, "SYSCALL", id, " a=1"),
            ("audit: type=1326 audit(1795401382.124:2250): a=1", None, "1326", id, " a=1"),
            ("[   12.3] audit: type=1400 audit(1795401382.124:2250): a=1", None, "1400", id, " a=1"),
            ("type=EOE msg=audit(XXXXXXXXXX.428:235): ", None, "EOE", "XXXXXXXXXX.428:235", " "),
            (
                "type=DAEMON_CONFIG msg=audit(1795401382.124:2250) config changed",
                None,
                "DAEMON_CONFIG",
                id,
                " config changed",
            ),
            (
                "Nov 23 10:00:00 web1 audispd: node=n type=CWD msg=audit(1795401382.124:2250): c=1",
                Some("n"),
                "CWD",
                id,
                " c=1",
            ),
            ("<13>type=CWD msg=audit(1795401382.124:2250): c=1", None, "CWD", id, " c=1"),
            ("\u{feff}type=CWD msg=audit(1795401382.124:2250): c=1", None, "CWD", id, " c=1"),
            ("\0\0type=CWD msg=audit(1795401382.124:2250): c=1", None, "CWD", id, " c=1"),
            ("kernel: audit(1795401382.124:2250): initialized", None, "", id, " initialized"),
            ("type=EOE msg=audit(1795401382.124:2250):", None, "EOE", id, ""),
        ];
        for (line, node, kind, id, body) in cases {
            assert_eq!(record(line), (node, kind, id, body), "{line}");
        }
    }

    #[test]
    fn what_is_no_record() {
        let cases = [
            ("", Line::Nothing),
            ("  ", Line::Nothing),
            ("----", Line::Nothing),
            ("time->Thu Nov 23 17:29:00 2026", Line::Nothing),
            ("hello", Line::Malformed(Reason::NotARecord)),
            ("type=UNKNOWN[1329] msg=?", Line::Malformed(Reason::BadStamp)),
            ("type=SYSCALL", Line::Malformed(Reason::BadStamp)),
            ("type= msg=audit(1.1:1): ", Line::Malformed(Reason::BadStamp)),
            ("type=SYSCALL msg=audit(1795401382.124:22", Line::Malformed(Reason::BadStamp)),
            ("type=SYSCALL msg=audit(now): ", Line::Malformed(Reason::BadStamp)),
            (r#"{"text":"type=SYSCALL msg=audit(1.1:1): a=1"}"#, Line::Malformed(Reason::NotARecord)),
            ("Nov 23 host audit[1]: EXECVE argc=1", Line::Malformed(Reason::NotARecord)),
        ];
        for (line, expected) in cases {
            assert_eq!(parse(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn times_are_microseconds() {
        assert_eq!(time(b"1795401382.124:2250"), Some(1_795_401_382_124_000));
        assert_eq!(time(b"1795401382.1:2250"), Some(1_795_401_382_100_000));
        assert_eq!(time(b"1795401382.123456:2250"), Some(1_795_401_382_123_456));
        assert_eq!(time(b"XXXXXXXXXX.428:235"), None);
        assert_eq!(time(b"999999999999999999.428:235"), None);
        assert_eq!(time(b""), None);
    }
}
