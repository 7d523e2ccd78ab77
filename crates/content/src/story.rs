//! Stories and data sources: what detections belong to and what they need.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::Diagnostic;
use serde_norway::Mapping;

use crate::detection::{Status, required};
use crate::place::Places;
use crate::yaml;

/// An analytic story: detections that belong together.
#[derive(Clone, Debug)]
pub struct Story {
    /// The file, as it was opened.
    pub path: PathBuf,
    /// The file's text.
    pub text: Arc<str>,
    /// What detections call it.
    pub name: String,
    /// Its UUID.
    pub id: String,
    /// How far it has come.
    pub status: Status,
    /// What it is about.
    pub description: String,
    /// The long form of that.
    pub narrative: String,
    /// Pages about it.
    pub references: Vec<String>,
}

impl Story {
    /// Reads a story from the text of its file.
    ///
    /// # Errors
    /// What stops the file being used: no YAML, no name.
    pub fn parse(path: &Path, text: Arc<str>) -> Result<Self, Vec<Diagnostic>> {
        let (file, name) = named(&text)?;
        Ok(Self {
            path: path.to_owned(),
            name,
            id: yaml::text_of(&file, "id"),
            status: Status::read(&yaml::text_of(&file, "status")),
            description: yaml::text_of(&file, "description"),
            narrative: yaml::text_of(&file, "narrative"),
            references: yaml::texts_of(&file, "references"),
            text,
        })
    }
}

/// A data source: events of one kind, and the fields that they have.
#[derive(Clone, Debug)]
pub struct DataSource {
    /// The file, as it was opened.
    pub path: PathBuf,
    /// The file's text.
    pub text: Arc<str>,
    /// What detections call it.
    pub name: String,
    /// Its UUID.
    pub id: String,
    /// What it is.
    pub description: String,
    /// Splunk's `source` of its events.
    pub source: String,
    /// Splunk's `sourcetype` of its events.
    pub sourcetype: String,
    /// The field by which its events are distinguished from others of the sourcetype (`type`).
    pub separator: Option<String>,
    /// The value that the field has in its events (`EXECVE`); `*` stands for anything.
    pub separator_value: Option<String>,
    /// The fields of its events.
    pub fields: Vec<String>,
    /// The fields that a detection on it has to name.
    pub output_fields: Vec<String>,
}

impl DataSource {
    /// Reads a data source from the text of its file.
    ///
    /// # Errors
    /// What stops the file being used: no YAML, no name.
    pub fn parse(path: &Path, text: Arc<str>) -> Result<Self, Vec<Diagnostic>> {
        let (file, name) = named(&text)?;
        Ok(Self {
            path: path.to_owned(),
            name,
            id: yaml::text_of(&file, "id"),
            description: yaml::text_of(&file, "description"),
            source: yaml::text_of(&file, "source"),
            sourcetype: yaml::text_of(&file, "sourcetype"),
            separator: file.get("separator").and_then(yaml::text),
            separator_value: file.get("separator_value").and_then(yaml::text),
            fields: yaml::texts_of(&file, "fields"),
            output_fields: yaml::texts_of(&file, "output_fields"),
            text,
        })
    }
}

/// A file, and the name that it has to give itself.
fn named(text: &str) -> Result<(Mapping, String), Vec<Diagnostic>> {
    let file = yaml::parse(text).map_err(|diagnostic| vec![diagnostic])?;
    let name = required(&file, &Places::new(text), "name").map_err(|diagnostic| vec![diagnostic])?;
    Ok((file, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read() {
        let story = Story::parse(Path::new("s.yml"), "name: S\nstatus: production\nnarrative: n\n".into());
        assert_eq!(story.map(|story| story.narrative).ok().as_deref(), Some("n"));
        let source = DataSource::parse(Path::new("d.yml"), "name: D\nsourcetype: linux_audit\nfields: [a, b]\n".into());
        assert_eq!(source.map(|source| source.fields.len()).ok(), Some(2));
        assert!(DataSource::parse(Path::new("d.yml"), "fields: [a]\n".into()).is_err());
    }
}
