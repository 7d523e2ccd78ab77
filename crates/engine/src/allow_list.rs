//! The allow-list of a session: selects the rows that are valid at the session's time, and makes silenced rows visible to
//! detections.
//!
//! [`dogwatch_content::AllowList`] defines the meaning of the table. Searches apply it as an ordinary lookup, so that the
//! same rows work in Splunk; here the lookup gets only the valid rows. The macro that drops silenced rows in Splunk only
//! marks them here, so that they can be counted and shown.

use dogwatch_content::{ALLOW_LIST, AllowList, Content, day_of, leaves_out_suppressed};
use dogwatch_syntax::MacroDefinition;

use crate::session::Session;

/// The allow-list that the detections of a session see.
#[derive(Clone, Debug, Default)]
pub struct SessionAllowList {
    /// Its file, or its name if it has none.
    pub name: String,
    /// All of its rows, including those that are not valid now.
    pub list: AllowList,
}

impl SessionAllowList {
    /// Whether there are rows.
    pub fn is_empty(&self) -> bool {
        self.list.rows.is_empty()
    }

    /// A warning line for each row that has no effect.
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

/// The table of a lookup as searches see it at a time, microseconds since 1970 UTC: only the valid rows of the
/// allow-list, and all rows of any other lookup.
pub(crate) fn rows_at(lookup: &str, table: &[u8], now: i64) -> Vec<u8> {
    if lookup == ALLOW_LIST { AllowList::parse(table, day_of(now)).in_force() } else { table.to_vec() }
}

/// A macro as detections see it: the one that drops silenced rows is replaced by one that keeps all rows.
pub(crate) fn keep_suppressed(name: &str, definition: &mut MacroDefinition) {
    if leaves_out_suppressed(name, &definition.definition) {
        definition.definition = "search *".to_owned();
    }
}
