//! The macros of a detection: those of the session's directories take precedence over those of its content.

use dogwatch_content::Content;
use dogwatch_syntax::{MacroDefinition, Macros};

use crate::allow_list::keep_suppressed;
use crate::macros::MacroTable;

/// Macros for detections. The allow-list only marks rows here (see [`crate::allow_list`]).
pub(crate) struct DetectionMacros<'a> {
    /// Those of `--macros`.
    pub(crate) session: &'a MacroTable,
    /// Those that came with the detections.
    pub(crate) content: &'a Content,
}

impl Macros for DetectionMacros<'_> {
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition> {
        let mut found = self.session.get(name, arity).or_else(|| self.content.get(name, arity))?;
        keep_suppressed(name, &mut found);
        Some(found)
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.session.names();
        names.extend(self.content.names());
        names
    }
}
