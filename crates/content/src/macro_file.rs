//! A search macro and the file that defines it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::{Diagnostic, MacroDefinition};

use crate::detection::required;
use crate::embedded_search::EmbeddedSearch;
use crate::yaml;
use crate::yaml_position::YamlPositions;

/// What a filter macro that no file defines lets through: everything, as contentctl has it.
const FILTER: &str = "search *";

/// A macro.
#[derive(Clone, Debug)]
pub struct MacroFile {
    /// The file, as it was opened; none for the filter macro of a detection that no file defines.
    pub path: Option<PathBuf>,
    /// The file's text.
    pub text: Arc<str>,
    /// Its name, without the number of arguments.
    pub name: String,
    /// The names of its arguments.
    pub arguments: Vec<String>,
    /// The text that replaces a call.
    pub definition: EmbeddedSearch,
    /// What it is for.
    pub description: String,
}

impl MacroFile {
    /// Reads a macro from the text of its file.
    ///
    /// # Errors
    /// What stops the file being used: no YAML, no name, no definition.
    pub fn parse(path: &Path, text: Arc<str>) -> Result<Self, Vec<Diagnostic>> {
        let file = yaml::parse(&text).map_err(|diagnostic| vec![diagnostic])?;
        let places = YamlPositions::new(&text);
        let (name, definition) = match (required(&file, &places, "name"), required(&file, &places, "definition")) {
            (Ok(name), Ok(definition)) => (name, definition),
            (name, definition) => return Err(name.err().into_iter().chain(definition.err()).collect()),
        };
        Ok(Self {
            path: Some(path.to_owned()),
            // macros.conf writes `name(2)`; the number is that of the arguments.
            name: name.split('(').next().unwrap_or_default().trim().to_owned(),
            arguments: yaml::texts_of(&file, "arguments"),
            definition: EmbeddedSearch::top_level(&places, &text, "definition", definition),
            description: yaml::text_of(&file, "description"),
            text,
        })
    }

    /// The filter macro that contentctl makes for a detection.
    pub(crate) fn filter(name: String) -> Self {
        Self {
            path: None,
            text: Arc::from(""),
            name,
            arguments: Vec::new(),
            definition: EmbeddedSearch::unplaced(FILTER),
            description: "Leaves out what is known not to be worth a finding.".to_owned(),
        }
    }

    /// As the parser takes it.
    pub fn definition(&self) -> MacroDefinition {
        MacroDefinition { arguments: self.arguments.clone(), definition: self.definition.text.clone(), is_eval: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_is_read_and_what_it_lacks_told() {
        let read = MacroFile::parse(Path::new("m.yml"), "name: m(2)\narguments: [a, b]\ndefinition: x=$a$\n".into())
            .expect("it is one");
        assert_eq!((read.name.as_str(), read.arguments.len()), ("m", 2));
        assert_eq!(read.definition().definition, "x=$a$");
        assert!(read.definition.is_placed());
        assert_eq!(MacroFile::parse(Path::new("m.yml"), "id: a\n".into()).expect_err("it lacks both").len(), 2);
    }
}
