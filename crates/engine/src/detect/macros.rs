//! The macros of a detection: those of the session's directories before those of its content.

use dogwatch_content::Content;
use dogwatch_syntax::{MacroDefinition, Macros};

use crate::macros::MacroTable;

/// The macro with which the bundled detections leave out what the allow-list silences, and its definition there.
const NOT_SUPPRESSED: (&str, &str) = ("not_suppressed", r#"where suppressed_by="-""#);

/// Macros for detections. The allow-list only marks rows here: they are left out later, so that they can be counted
/// and shown.
pub(crate) struct DetectionMacros<'a> {
    /// Those of `--macros`.
    pub(crate) session: &'a MacroTable,
    /// Those that came with the detections.
    pub(crate) content: &'a Content,
}

impl Macros for DetectionMacros<'_> {
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition> {
        let mut found = self.session.get(name, arity).or_else(|| self.content.get(name, arity))?;
        if (name, found.definition.trim()) == NOT_SUPPRESSED {
            found.definition = "search *".to_owned();
        }
        Some(found)
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.session.names();
        names.extend(self.content.names());
        names
    }
}
