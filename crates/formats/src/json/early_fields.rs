//! Early fields: fields that stand early and plainly in the rows of a format, so that most rules can be decided by them
//! without a look at the rest of the text.
//!
//! Which fields these are and how they are read is the format's to say. Where one is written otherwise than the format's
//! programs write it, twice or with escapes, it decides nothing.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::events::Object;
use super::scan;
use crate::rule_filter::Part;

/// The early fields of a format.
pub(crate) trait EarlyFields: Sync + std::fmt::Debug {
    /// Their names, as a search has them.
    fn names(&self) -> &'static [&'static str];

    /// Reads them from a text in which no letter is written as an escape. `parts` has one place for each name, all
    /// [`Part::Unknown`].
    fn read<'t>(&self, text: &'t [u8], parts: &mut [Part<'t>]);

    /// Whether an object is a row (and no envelope of rows).
    fn is_row(&self, object: &Object<'_>) -> bool;
}

/// Early fields that are strings at the top of a row. Where a field's name stands once in a text, between quotation marks and
/// before a string, that is its value; where it stands nowhere, the field is absent.
#[derive(Debug)]
pub(crate) struct TopStrings {
    names: &'static [&'static str],
    is_row: fn(&Object<'_>) -> bool,
    /// Finds all names. Nothing if they cannot be looked for, which no input can cause.
    finder: OnceLock<Option<AhoCorasick>>,
}

impl TopStrings {
    /// Fields of these names, of which none is part of another, at most [`MOST`].
    pub(crate) const fn new(names: &'static [&'static str], is_row: fn(&Object<'_>) -> bool) -> Self {
        Self { names, is_row, finder: OnceLock::new() }
    }
}

impl EarlyFields for TopStrings {
    fn names(&self) -> &'static [&'static str] {
        self.names
    }

    fn read<'t>(&self, text: &'t [u8], parts: &mut [Part<'t>]) {
        let Some(finder) = self.finder.get_or_init(|| AhoCorasick::new(self.names).ok()) else { return };
        let mut seen = [false; MOST];
        parts.fill(Part::Absent);
        for found in finder.find_iter(text) {
            let field = found.pattern().as_usize();
            let (Some(part), Some(seen)) = (parts.get_mut(field), seen.get_mut(field)) else { continue };
            let is_first = !std::mem::replace(seen, true);
            *part = if is_first { string_of(text, found.start(), found.end()) } else { Part::Unknown };
        }
    }

    fn is_row(&self, object: &Object<'_>) -> bool {
        (self.is_row)(object)
    }
}

/// The string of the key that stands here.
fn string_of(text: &[u8], start: usize, end: usize) -> Part<'_> {
    let is_key = start > 0 && text[start - 1] == b'"' && text.get(end) == Some(&b'"');
    let colon = scan::space(text, end + 1);
    if !is_key || text.get(colon) != Some(&b':') {
        return Part::Unknown;
    }
    let value = text.get(scan::space(text, colon + 1)..).unwrap_or_default();
    value.strip_prefix(b"\"").map_or(Part::Unknown, string)
}

/// The most early fields that a format has.
pub(crate) const MOST: usize = 8;

/// The string that ends at the next quotation mark, if nothing in it is escaped.
pub(crate) fn string(text: &[u8]) -> Part<'_> {
    match memchr::memchr2(b'"', b'\\', text) {
        Some(end) if text[end] == b'"' => Part::Text(&text[..end]),
        _ => Part::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_decides_where_it_stands_once_and_plainly() {
        static FIELDS: TopStrings = TopStrings::new(&["eventName", "eventSource"], |_| true);
        let read = |text: &'static str| {
            let mut parts = [Part::Unknown; 2];
            FIELDS.read(text.as_bytes(), &mut parts);
            parts
        };
        let text = |text: &'static str| Part::Text(text.as_bytes());
        for (line, parts) in [
            (r#"{"eventName":"A","eventSource":"b"}"#, [text("A"), text("b")]),
            (r#"{"eventName" : "A","a":1}"#, [text("A"), Part::Absent]),
            (r#"[{"eventName":"A"},{"eventName":"A","eventSource":"b"}]"#, [Part::Unknown, text("b")]),
            (r#"{"a":"eventName","eventSource":null}"#, [Part::Unknown, Part::Unknown]),
            (r#"{"log":"{\"eventName\":\"A\"}","eventSource":"b\\"}"#, [Part::Unknown, Part::Unknown]),
            (r#"{"eventNames":"A","eventSource":"#, [Part::Unknown, Part::Unknown]),
            ("eventName", [Part::Unknown, Part::Absent]),
        ] {
            assert_eq!(read(line), parts, "{line}");
        }
    }
}
