//! A lookup: a table and how its rows are matched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::Diagnostic;
use serde_norway::{Mapping, Value};

use crate::detection::required;
use crate::yaml;
use crate::yaml_position::{Step, YamlPositions};

/// A lookup and the file that defines it.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The file that defines it, as it was opened; the table itself where no file defines it.
    pub path: PathBuf,
    /// The text of the file that defines it; empty where none does.
    pub text: Arc<str>,
    /// What searches call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where its rows are kept.
    pub kind: LookupKind,
    /// Its table's file, as it was opened.
    pub file: Option<PathBuf>,
    /// Its table, if it is a CSV file that is there.
    pub csv: Option<Arc<[u8]>>,
    /// How fields are compared that are not compared as they are.
    pub match_types: Vec<(MatchType, String)>,
    /// Whether upper and lower case count. They do, as in transforms.conf, unless the file says `false`.
    pub case_sensitive: bool,
    /// How many rows a search gets at least, filled up with [`Self::default_match`].
    pub min_matches: Option<usize>,
    /// How many rows a search gets at most.
    pub max_matches: Option<usize>,
    /// What a search gets where no row matches.
    pub default_match: Option<String>,
}

/// Where the rows of a lookup are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookupKind {
    /// A CSV file beside the definition.
    #[default]
    Csv,
    /// Splunk's KV store, which is not here.
    KvStore,
    /// A model of Splunk's machine learning, which is not here.
    MlModel,
    /// A CSV file that no file defines.
    Undefined,
}

/// How the value of a field is compared with a lookup's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchType {
    /// As it is.
    Exact,
    /// With `*` in the table.
    Wildcard,
    /// As an address in a network that the table names.
    Cidr,
}

impl MatchType {
    fn read(written: &str) -> Option<Self> {
        match written.trim().to_ascii_uppercase().as_str() {
            "EXACT" => Some(Self::Exact),
            "WILDCARD" => Some(Self::Wildcard),
            "CIDR" => Some(Self::Cidr),
            _ => None,
        }
    }
}

impl Lookup {
    /// Reads a lookup from the text of its file. Its table is put beside it by who has the files.
    ///
    /// # Errors
    /// What stops the file being used: no YAML, no name.
    pub fn parse(path: &Path, text: Arc<str>) -> Result<Self, Vec<Diagnostic>> {
        let file = yaml::parse(&text).map_err(|diagnostic| vec![diagnostic])?;
        let places = YamlPositions::new(&text);
        let name = required(&file, &places, "name").map_err(|diagnostic| vec![diagnostic])?;
        let kind = match yaml::text_of(&file, "lookup_type").as_str() {
            "kvstore" => LookupKind::KvStore,
            "mlmodel" => LookupKind::MlModel,
            _ if file.contains_key("collection") => LookupKind::KvStore,
            _ if yaml::text_of(&file, "filename").ends_with(".mlmodel") => LookupKind::MlModel,
            _ => LookupKind::Csv,
        };
        let count = |key: &str| yaml::number_of(&file, key).and_then(|count| usize::try_from(count).ok());
        Ok(Self {
            path: path.to_owned(),
            name,
            description: yaml::text_of(&file, "description"),
            kind,
            file: (kind == LookupKind::Csv).then(|| table(path, &file)),
            csv: None,
            match_types: match_types(&file),
            case_sensitive: yaml::truth_of(&file, "case_sensitive_match").unwrap_or(true),
            min_matches: count("min_matches"),
            max_matches: count("max_matches"),
            default_match: default_match(&file, &places, &text),
            text,
        })
    }

    /// A CSV file that no file defines: matched as it is, called by its name without the ending.
    pub(crate) fn undefined(path: &Path, csv: Arc<[u8]>) -> Self {
        Self {
            path: path.to_owned(),
            text: Arc::from(""),
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            description: String::new(),
            kind: LookupKind::Undefined,
            file: Some(path.to_owned()),
            csv: Some(csv),
            match_types: Vec::new(),
            case_sensitive: true,
            min_matches: None,
            max_matches: None,
            default_match: None,
        }
    }

    /// How a field is compared.
    pub fn match_type(&self, field: &str) -> MatchType {
        self.match_types.iter().find(|(_, name)| name == field).map_or(MatchType::Exact, |(kind, _)| *kind)
    }
}

/// The CSV file beside a definition: of the same name, or, in older content, the one that `filename` names.
fn table(path: &Path, file: &Mapping) -> PathBuf {
    let named = yaml::text_of(file, "filename");
    // Only a bare name: a path could lead out of the project.
    let bare = Path::new(&named).file_name().filter(|name| name.to_str() == Some(named.as_str()));
    bare.map_or_else(|| path.with_extension("csv"), |name| path.with_file_name(name))
}

/// `match_type` as a list, or as transforms.conf writes it: `WILDCARD(user), CIDR(src)`.
fn match_types(file: &Mapping) -> Vec<(MatchType, String)> {
    let written = yaml::texts_of(file, "match_type").join(",");
    written
        .split(')')
        .filter_map(|one| {
            let (kind, field) = one.trim_start_matches([',', ' ']).split_once('(')?;
            Some((MatchType::read(kind)?, field.trim().to_owned()))
        })
        .filter(|(_, field)| !field.is_empty())
        .collect()
}

/// contentctl reads YAML 1.1, where `no` without quotes is false, and writes that as `false`.
fn default_match(file: &Mapping, places: &YamlPositions<'_>, text: &str) -> Option<String> {
    let value = file.get("default_match")?;
    let written = places.find(&[Step::Key("default_match")]).map(|place| &text[place.value.range()]);
    let read = yaml::text(value)?;
    let truth = |truth: bool| matches!(value, Value::String(_)) && yaml::truth_of(file, "default_match") == Some(truth);
    match written.map(str::to_ascii_lowercase).as_deref() {
        Some("no" | "off") if truth(false) => Some("false".to_owned()),
        Some("yes" | "on") if truth(true) => Some("true".to_owned()),
        _ => Some(read).filter(|read| !read.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Lookup {
        Lookup::parse(Path::new("lookups/a.yml"), text.into()).expect("the test's lookup is sound")
    }

    #[test]
    fn a_lookup_is_read_as_contentctl_does() {
        let read = parse(
            "name: a\nlookup_type: csv\nmatch_type:\n- WILDCARD(user)\n- CIDR(src)\nmax_matches: 1\nmin_matches: 1\n\
             default_match: 'no'\ncase_sensitive_match: false\n",
        );
        assert_eq!(read.match_types, [(MatchType::Wildcard, "user".into()), (MatchType::Cidr, "src".into())]);
        assert_eq!((read.match_type("src"), read.match_type("x")), (MatchType::Cidr, MatchType::Exact));
        assert_eq!(read.file.as_deref(), Some(Path::new("lookups/a.csv")));
        assert_eq!((read.max_matches, read.case_sensitive), (Some(1), false));
        assert_eq!(read.default_match.as_deref(), Some("no"));
    }

    #[test]
    fn older_ways_are_read() {
        let read = parse("name: a\nfilename: b.csv\nmatch_type: WILDCARD(x),CIDR(y)\ndefault_match: no\n");
        assert_eq!(read.file.as_deref(), Some(Path::new("lookups/b.csv")));
        assert_eq!(read.match_types.len(), 2);
        assert_eq!(read.default_match.as_deref(), Some("false"));
        assert!(read.case_sensitive, "transforms.conf has it so");
        assert_eq!(parse("name: a\ncollection: c\n").kind, LookupKind::KvStore);
        assert_eq!(parse("name: a\nfilename: ../../etc/x.csv\n").file.as_deref(), Some(Path::new("lookups/a.csv")));
    }
}
