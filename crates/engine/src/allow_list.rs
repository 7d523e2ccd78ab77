//! The allow-list of a session: which of its rows hold at the session's time, and that detections see silenced rows.
//!
//! What the table says is in [`dogwatch_content::AllowList`]. Searches apply it as an ordinary lookup, so that the same rows
//! work in Splunk; here the lookup is given only the rows that hold. The macro that leaves out what is silenced in Splunk
//! only marks it here, so that it can be counted and shown.

use dogwatch_content::{ALLOW_LIST, AllowList, Content, day_of, leaves_out_suppressed};
use dogwatch_syntax::MacroDefinition;

use crate::session::Session;

/// The allow-list that the detections of a session see.
#[derive(Clone, Debug, Default)]
pub struct SessionAllowList {
    /// The file that it stands in, or its name if it is in none.
    pub name: String,
    /// All of its rows, those that do not hold included.
    pub list: AllowList,
}

impl SessionAllowList {
    /// Whether there are rows.
    pub fn is_empty(&self) -> bool {
        self.list.rows.is_empty()
    }

    /// Rows that do not do what they were written for, a line each.
    pub fn warnings(&self) -> Vec<String> {
        self.list.warnings(&self.name)
    }
}

impl Session {
    /// The allow-list that detections see, as of the session's time.
    pub fn allow_list(&self, content: &Content) -> SessionAllowList {
        let Some((path, bytes)) = self.lookup_bytes(ALLOW_LIST) else { return SessionAllowList::default() };
        let path = path.or_else(|| content.lookup(ALLOW_LIST)?.file.clone());
        SessionAllowList {
            name: path.map_or_else(|| ALLOW_LIST.to_owned(), |path| path.display().to_string()),
            list: AllowList::parse(&bytes, day_of(self.now())),
        }
    }
}

/// The table of a lookup as searches see it at a time, microseconds since 1970 UTC: of the allow-list only the rows that hold,
/// of any other all of it.
pub(crate) fn rows_at(lookup: &str, table: &[u8], now: i64) -> Vec<u8> {
    if lookup == ALLOW_LIST { AllowList::parse(table, day_of(now)).in_force() } else { table.to_vec() }
}

/// A macro as detections see it: one that leaves out what the allow-list silences passes all rows.
pub(crate) fn keep_suppressed(name: &str, definition: &mut MacroDefinition) {
    if leaves_out_suppressed(name, &definition.definition) {
        definition.definition = "search *".to_owned();
    }
}
