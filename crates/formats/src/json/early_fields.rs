//! Early fields: fields that stand early and plainly in the rows of a format, so that most rules can be decided by them
//! without a look at the rest of the text.
//!
//! Which fields these are and how they are read is the format's to say. Where one is written otherwise than the format's
//! programs write it, twice or with escapes, it decides nothing.

use super::events::Object;
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

/// The most early fields that a format has.
pub(crate) const MOST: usize = 8;

/// The string that ends at the next quotation mark, if nothing in it is escaped.
pub(crate) fn string(text: &[u8]) -> Part<'_> {
    match memchr::memchr2(b'"', b'\\', text) {
        Some(end) if text[end] == b'"' => Part::Text(&text[..end]),
        _ => Part::Unknown,
    }
}
