//! Field names to column numbers, asked for every field of every row.

use dogwatch_formats::Slot;

/// Names at least this long share one list.
const LENGTHS: usize = 64;

/// The wanted names. Most names that are asked for are not among them, and most of these have a length that none of
/// them has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    by_length: Vec<Vec<(Box<str>, Slot)>>,
    sorted: Vec<Box<str>>,
}

impl Wanted {
    pub(crate) fn new(names: impl IntoIterator<Item = (String, Slot)>) -> Self {
        let mut by_length = vec![Vec::new(); LENGTHS];
        let mut sorted = Vec::new();
        for (name, slot) in names {
            let name = name.into_boxed_str();
            sorted.push(name.clone());
            by_length[name.len().min(LENGTHS - 1)].push((name, slot));
        }
        sorted.sort_unstable();
        Self { by_length, sorted }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Slot> {
        let same_length = self.by_length.get(name.len().min(LENGTHS - 1))?;
        same_length.iter().find(|(wanted, _)| **wanted == *name).map(|(_, slot)| *slot)
    }

    /// Whether a wanted name starts with the prefix.
    pub(crate) fn any_below(&self, prefix: &str) -> bool {
        let first = self.sorted.partition_point(|name| **name < *prefix);
        self.sorted.get(first).is_some_and(|name| name.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole_and_by_prefix() {
        let long = "x".repeat(200);
        let names = ["verb", "user.username", "user.groups{}", &long];
        let wanted = Wanted::new(names.iter().enumerate().map(|(slot, name)| ((*name).to_owned(), Slot(slot))));
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
        assert!(!Wanted::default().any_below(""));
    }
}
