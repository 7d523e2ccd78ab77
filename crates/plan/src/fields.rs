//! The set of fields that the rest of a search reads. A pipeline is walked from its end to its beginning with such a
//! set, so that the scan is asked for these columns and no others.

use std::collections::BTreeSet;

use crate::wildcard;

/// Fields that are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldSet {
    /// Every field, whatever its name.
    pub all: bool,
    /// These, by name.
    pub names: BTreeSet<String>,
    /// Fields whose names match one of these patterns (with `*`).
    pub patterns: BTreeSet<String>,
}

impl FieldSet {
    /// Every field.
    pub fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// No field.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Adds a field; a name with a `*` adds all fields that match.
    pub fn add(&mut self, name: &str) {
        if name == "*" {
            self.all = true;
        } else if name.contains('*') {
            self.patterns.insert(name.to_owned());
        } else {
            self.names.insert(name.to_owned());
        }
    }

    /// Adds a field by its exact name, whatever characters it has.
    pub fn add_exact(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Adds several fields.
    pub fn extend<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        for name in names {
            self.add(name);
        }
    }

    /// Removes a field: its previous value does not matter, since it is overwritten. Patterns that match it are kept.
    pub fn remove(&mut self, name: &str) {
        self.names.remove(name);
    }

    /// Whether a field is wanted.
    pub fn contains(&self, name: &str) -> bool {
        self.all || self.names.contains(name) || self.patterns.iter().any(|p| wildcard::matches(p, name))
    }

    /// Whether the names of all wanted fields are known.
    pub fn is_exact(&self) -> bool {
        !self.all && self.patterns.is_empty()
    }

    /// Both together.
    pub fn union(mut self, other: Self) -> Self {
        self.all |= other.all;
        self.names.extend(other.names);
        self.patterns.extend(other.patterns);
        self
    }
}
