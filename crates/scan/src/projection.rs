//! Maps field names to column numbers; looked up for every field of every row.

use std::collections::HashSet;

use dogwatch_formats::Slot;
use foldhash::fast::RandomState;

/// Names of at least this length share one list.
const LENGTHS: usize = 64;

/// The projected names, by length. Most names that are looked up are not among them, and most of those differ in length
/// from all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    by_length: Vec<Vec<(Box<str>, Slot)>>,
    /// All prefixes of the projected names that end where a nested name can begin.
    prefixes: HashSet<Box<str>, RandomState>,
}

impl Projection {
    pub(crate) fn new(names: impl IntoIterator<Item = (String, Slot)>) -> Self {
        let mut by_length = vec![Vec::new(); LENGTHS];
        let mut prefixes: HashSet<Box<str>, RandomState> = HashSet::default();
        for (name, slot) in names {
            let ends = name.match_indices(['.', '}']).map(|(at, _)| at + 1);
            prefixes.extend(ends.map(|end| name[..end].into()));
            by_length[name.len().min(LENGTHS - 1)].push((name.into_boxed_str(), slot));
        }
        Self { by_length, prefixes }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Slot> {
        let same_length = self.by_length.get(name.len().min(LENGTHS - 1))?;
        same_length.iter().find(|(wanted, _)| **wanted == *name).map(|(_, slot)| *slot)
    }

    /// Whether a projected name starts with the prefix, which ends in `.` or `{}`.
    pub(crate) fn any_below(&self, prefix: &str) -> bool {
        self.prefixes.contains(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole_and_by_prefix() {
        let long = "x".repeat(200);
        let names = ["verb", "user.username", "user.groups{}", &long];
        let wanted = Projection::new(names.iter().enumerate().map(|(slot, name)| ((*name).to_owned(), Slot(slot))));
        for (slot, name) in names.iter().enumerate() {
            assert_eq!(wanted.get(name), Some(Slot(slot)), "{name}");
        }
        for name in ["", "ver", "verb2", "user", &"x".repeat(201)] {
            assert_eq!(wanted.get(name), None, "{name}");
        }
        assert!(wanted.any_below("user."));
        assert!(wanted.any_below("user.groups{}"));
        assert!(!wanted.any_below("user.groups{}."));
        assert!(!wanted.any_below("objectRef."));
        assert!(!Projection::default().any_below(""));
    }
}
