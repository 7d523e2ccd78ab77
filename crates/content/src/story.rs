//! Stories: what detections belong to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::Diagnostic;

use crate::detection::{Status, named};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_read() {
        let story = Story::parse(Path::new("s.yml"), "name: S\nstatus: production\nnarrative: n\n".into());
        assert_eq!(story.map(|story| story.narrative).ok().as_deref(), Some("n"));
        assert!(Story::parse(Path::new("s.yml"), "narrative: n\n".into()).is_err());
    }
}
