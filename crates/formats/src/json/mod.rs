//! JSON as logs have it: where values end, what their fields are called, how text in them is recognised without
//! reading it.
//!
//! The formats whose rows are JSON share this, and each is described by data: [`log`] has its names and what others ask of it,
//! [`events`] what its events are and what they travel in. [`walk`] is the whole of it for one text: it checks the grammar and
//! hands the fields to a [`RowVisitor`]. A file's rows go through the parts: [`dogwatch_json`] checks a row and finds its
//! members, [`envelope`] finds events in what carries them, [`flatten`] hands them out, [`rows`] finds the rows in a chunk,
//! [`needles`] tells which lines need no look at all, [`atoms`] that of many conditions at once. No tree of values is ever
//! built; only envelopes in envelopes recurse, to a depth that is fixed.

pub(crate) mod atoms;
pub(crate) mod early_fields;
pub(crate) mod envelope;
pub(crate) mod events;
pub(crate) mod flatten;
pub(crate) mod log;
pub(crate) mod needles;
pub(crate) mod rows;
pub(crate) mod timestamp;

pub use dogwatch_json::JsonError;
use dogwatch_json::scan;

use crate::visitor::RowVisitor;

/// Hands out the fields of one JSON text through [`RowVisitor::wants`], [`RowVisitor::wants_below`] and
/// [`RowVisitor::value`] (the calls between a row's start and end, which are the caller's).
///
/// Names are Splunk's: `a.b`, `a{}`, `a{}.b`; an array at the top gives `{}`; a lone string or number has no name
/// and gives nothing. `null` gives nothing.
///
/// # Errors
/// The first break of JSON's grammar, or text after the value. Nothing is handed out then.
pub fn walk(text: &[u8], visitor: &mut dyn RowVisitor) -> Result<(), JsonError> {
    let at = scan::space(text, 0);
    let end = scan::space(text, scan::value(text, at, &mut scan::Nesting::default())?);
    if end != text.len() {
        return Err(JsonError::new(text, end, "the end of the text"));
    }
    flatten::Walker::default().root(text, at, visitor)?;
    Ok(())
}
