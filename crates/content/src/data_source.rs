//! Data sources: what events detections need, and the fields that these have.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::Diagnostic;

use crate::detection::named;
use crate::yaml;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_source_is_read() {
        let source = DataSource::parse(Path::new("d.yml"), "name: D\nsourcetype: linux_audit\nfields: [a, b]\n".into());
        assert_eq!(source.map(|source| source.fields.len()).ok(), Some(2));
        assert!(DataSource::parse(Path::new("d.yml"), "fields: [a]\n".into()).is_err());
    }
}
