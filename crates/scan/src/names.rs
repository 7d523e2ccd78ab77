//! The `index` and `sourcetype` of the rows of a format, and their aliases.
//!
//! Published searches use different names for the same logs: `linux_audit`, `linux:audit`, `auditd`. Each format declares
//! its names; a TOML file changes them:
//!
//! ```toml
//! [auditd]                           # a format's name: auditd, cloudtrail, kube_audit, …
//! index = "os"                       # what its rows have; the former name stays an alias
//! sourcetype = "acme:audit"
//! index_aliases = ["main"]           # further names, added to the format's own
//! sourcetype_aliases = ["acme:old"]
//! ```
//!
//! Nothing here compares values in rows: a search looks up all equivalent names ([`NameTable::sourcetypes`]) and compares
//! with each of them.

use std::collections::BTreeMap;
use std::path::Path;

use dogwatch_formats::{FORMATS, Format};
use serde::Deserialize;

use crate::error::NamesError;

/// The names of every format.
#[derive(Clone, Debug)]
pub struct NameTable {
    formats: Vec<FormatNames>,
}

/// The names of one format.
#[derive(Clone, Debug)]
pub struct FormatNames {
    /// The format.
    pub format: &'static dyn Format,
    /// The `index` of its rows.
    pub index: String,
    /// Other names of this index.
    pub index_aliases: Vec<String>,
    /// The `sourcetype` of its rows.
    pub sourcetype: String,
    /// Other names of this sourcetype.
    pub sourcetype_aliases: Vec<String>,
}

/// One section of the TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    index: Option<String>,
    sourcetype: Option<String>,
    #[serde(default)]
    index_aliases: Vec<String>,
    #[serde(default)]
    sourcetype_aliases: Vec<String>,
}

impl Default for NameTable {
    fn default() -> Self {
        Self::of(FORMATS)
    }
}

impl NameTable {
    /// The names that the formats bring.
    pub fn of(formats: &[&'static dyn Format]) -> Self {
        let names = |format: &&'static dyn Format| FormatNames {
            format: *format,
            index: format.index().to_owned(),
            index_aliases: format.about().index_aliases.iter().map(|&name| name.to_owned()).collect(),
            sourcetype: format.sourcetype().to_owned(),
            sourcetype_aliases: format.about().sourcetype_aliases.iter().map(|&name| name.to_owned()).collect(),
        };
        Self { formats: formats.iter().map(names).collect() }
    }

    /// Changes the names according to a TOML file (described in the module documentation).
    ///
    /// # Errors
    /// If the file cannot be read, is no TOML, or names a format or key that does not exist.
    pub fn load(&mut self, path: &Path) -> Result<(), NamesError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| NamesError::Unreadable { path: path.to_owned(), error })?;
        self.merge(&text, path)
    }

    /// Changes the names as the text of a TOML file says; `path` is for messages.
    ///
    /// # Errors
    /// As [`NameTable::load`]. Nothing is changed then.
    pub fn merge(&mut self, text: &str, path: &Path) -> Result<(), NamesError> {
        let sections: BTreeMap<String, Section> =
            toml::from_str(text).map_err(|error| NamesError::Toml { path: path.to_owned(), error: Box::new(error) })?;
        for (format, section) in &sections {
            if !self.formats.iter().any(|names| names.format.name() == format) {
                let known = self.formats.iter().map(|names| names.format.name()).collect::<Vec<_>>().join(", ");
                return Err(NamesError::UnknownFormat { path: path.to_owned(), format: format.clone(), known });
            }
            if let Some(key) = section.empty_name() {
                return Err(NamesError::EmptyName { path: path.to_owned(), format: format.clone(), key });
            }
        }
        for (format, section) in sections {
            for names in self.formats.iter_mut().filter(|names| names.format.name() == format) {
                replace(&mut names.index, &mut names.index_aliases, section.index.clone());
                replace(&mut names.sourcetype, &mut names.sourcetype_aliases, section.sourcetype.clone());
                names.index_aliases.extend(section.index_aliases.iter().cloned());
                names.sourcetype_aliases.extend(section.sourcetype_aliases.iter().cloned());
            }
        }
        Ok(())
    }

    /// The formats with their names.
    pub fn formats(&self) -> &[FormatNames] {
        &self.formats
    }

    /// The names of one format.
    pub fn of_format(&self, format: &dyn Format) -> Option<&FormatNames> {
        self.formats.iter().find(|names| names.format.name() == format.name())
    }

    /// The first format one of whose sourcetypes, or whose own name, is `name`, ignoring case.
    pub fn format_of_sourcetype(&self, name: &str) -> Option<&FormatNames> {
        let named = |names: &&FormatNames| {
            names.format.name().eq_ignore_ascii_case(name) || names.sourcetypes().any(|n| n.eq_ignore_ascii_case(name))
        };
        self.formats.iter().find(named)
    }

    /// All names of the sourcetypes one of whose names `matches`: `auditd` gives `linux_audit`, `linux:audit` and
    /// `auditd`. A search for `sourcetype=auditd` wants rows with any of them.
    pub fn sourcetypes(&self, matches: &dyn Fn(&str) -> bool) -> Vec<&str> {
        gather(self.formats.iter().map(|names| names.sourcetypes().collect()), matches)
    }

    /// All names of the indexes one of whose names `matches`.
    pub fn indexes(&self, matches: &dyn Fn(&str) -> bool) -> Vec<&str> {
        gather(self.formats.iter().map(|names| names.indexes().collect()), matches)
    }
}

impl FormatNames {
    /// The sourcetype and its aliases.
    pub fn sourcetypes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.sourcetype.as_str()).chain(self.sourcetype_aliases.iter().map(String::as_str))
    }

    /// The index and its aliases.
    pub fn indexes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.index.as_str()).chain(self.index_aliases.iter().map(String::as_str))
    }
}

impl Section {
    fn empty_name(&self) -> Option<&'static str> {
        let empty = |name: &String| name.trim().is_empty();
        let keys = [
            ("index", self.index.iter().any(empty)),
            ("sourcetype", self.sourcetype.iter().any(empty)),
            ("index_aliases", self.index_aliases.iter().any(empty)),
            ("sourcetype_aliases", self.sourcetype_aliases.iter().any(empty)),
        ];
        keys.iter().find(|(_, has_empty)| *has_empty).map(|(key, _)| *key)
    }
}

/// Gives a new name; the old one stays an alias.
fn replace(name: &mut String, aliases: &mut Vec<String>, new: Option<String>) {
    if let Some(new) = new {
        aliases.retain(|alias| *alias != new);
        let old = std::mem::replace(name, new);
        if old != *name {
            aliases.insert(0, old);
        }
    }
}

fn gather<'a>(groups: impl Iterator<Item = Vec<&'a str>>, matches: &dyn Fn(&str) -> bool) -> Vec<&'a str> {
    let mut gathered = Vec::new();
    for group in groups {
        if group.iter().any(|name| matches(name)) {
            for name in group {
                if !gathered.contains(&name) {
                    gathered.push(name);
                }
            }
        }
    }
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_format::{JSON_LIKE, PAIRS};

    fn table() -> NameTable {
        NameTable::of(&[&PAIRS, &JSON_LIKE])
    }

    #[test]
    fn an_alias_means_every_name_of_its_sourcetype() {
        let names = table();
        assert_eq!(names.sourcetypes(&|name| name == "pairs:old"), ["pairs", "pairs:old"]);
        assert_eq!(names.sourcetypes(&|name| name == "pairs"), ["pairs", "pairs:old"]);
        assert!(names.sourcetypes(&|name| name == "other").is_empty());
        assert_eq!(names.indexes(&|_| true), ["main", "os", "json"]);
        assert_eq!(names.format_of_sourcetype("PAIRS:OLD").map(|n| n.format.name()), Some("pairs"));
        assert_eq!(names.format_of_sourcetype("json_lines").map(|n| n.format.name()), Some("json_lines"));
    }

    #[test]
    fn a_file_changes_names_and_the_old_ones_stay_aliases() {
        let mut names = table();
        let text = "[pairs]\nsourcetype = \"acme\"\nindex = \"os\"\nsourcetype_aliases = [\"acme:2\"]\n";
        names.merge(text, Path::new("names.toml")).unwrap();
        assert_eq!(names.sourcetypes(&|name| name == "acme"), ["acme", "pairs", "pairs:old", "acme:2"]);
        assert_eq!(names.indexes(&|name| name == "os"), ["os", "main"]);
    }

    #[test]
    fn faults_name_the_file_and_the_place() {
        let mut names = table();
        let error = |names: &mut NameTable, text: &str| names.merge(text, Path::new("n.toml")).unwrap_err().to_string();
        assert_eq!(
            error(&mut names, "[nginx]\nindex='x'\n"),
            "n.toml: [nginx] is no log format; the formats are pairs, json_lines"
        );
        assert!(error(&mut names, "[pairs]\nidx = 'x'\n").contains("idx"));
        assert!(error(&mut names, "[pairs]\nindex = ' '\n").contains("empty index"));
        assert!(error(&mut names, "[pairs\n").starts_with("n.toml: "));
        let missing = names.load(Path::new("/nonexistent/n.toml")).unwrap_err().to_string();
        assert!(missing.starts_with("/nonexistent/n.toml: cannot be read"), "{missing}");
    }
}
