//! All content of a project: its detections and what they are made of, found by name. [`crate::loader`] reads it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::{MacroDefinition, Macros};

use crate::data_source::DataSource;
use crate::detection::Detection;
use crate::detection_test::AttackData;
use crate::files::FileTree;
use crate::lookup::Lookup;
use crate::macro_file::MacroFile;
use crate::problem::Problem;
use crate::story::Story;

/// The content of a project, of a folder of detections, or of the tool itself.
#[derive(Clone, Debug)]
pub struct Content {
    /// The project's folder, from which paths of tests count; none for bundled content.
    pub root: Option<PathBuf>,
    /// Its detections, by path.
    pub detections: Vec<Arc<Detection>>,
    /// Searches that fill lookups.
    pub baselines: Vec<Arc<Detection>>,
    /// Its macros, with the filter macros that no file defines.
    pub macros: Vec<MacroFile>,
    /// Its lookups.
    pub lookups: Vec<Lookup>,
    /// Its stories.
    pub stories: Vec<Story>,
    /// Its data sources.
    pub data_sources: Vec<DataSource>,
    /// What could not be used, and why.
    pub problems: Vec<Problem>,
    pub(crate) files: FileTree,
    pub(crate) by_name: BTreeMap<(String, usize), usize>,
}

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// Nothing there.
    #[error("no content at {}: {why}", path.display())]
    Missing {
        /// What was named.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

impl Content {
    /// Everything that contentctl would refuse, everything that could not be used, and what the content itself leaves
    /// in doubt (as warnings and notes). A file's complaints come in the order of their places.
    pub fn check(&self) -> Vec<Problem> {
        crate::check::check(self, jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date())
    }

    /// Whether it is the project's own, whose searches are tested with the tool.
    pub fn is_bundled(&self) -> bool {
        matches!(self.files, FileTree::Bundled)
    }

    /// The files of the content, for what is neither detection nor lookup: `telemetry/`, `atomics/`.
    pub fn files(&self) -> &FileTree {
        &self.files
    }

    /// The detection of a name, or of a file's name without its ending.
    pub fn detection(&self, name: &str) -> Option<&Arc<Detection>> {
        let stem = |d: &Detection| d.path.file_stem().is_some_and(|stem| stem.to_str() == Some(name));
        let named = |d: &Detection| d.name.eq_ignore_ascii_case(name) || d.snake_name() == name;
        self.detections.iter().find(|d| named(d)).or_else(|| self.detections.iter().find(|d| stem(d)))
    }

    /// The macro of a name and a number of arguments.
    pub fn macro_named(&self, name: &str, arguments: usize) -> Option<&MacroFile> {
        self.by_name.get(&(name.to_owned(), arguments)).and_then(|index| self.macros.get(*index))
    }

    /// The lookup of a name; also, as in Splunk, that of a table's file name.
    pub fn lookup(&self, name: &str) -> Option<&Lookup> {
        let is_file = |lookup: &&Lookup| {
            lookup.file.as_deref().and_then(Path::file_name).is_some_and(|file| file.to_str() == Some(name))
        };
        self.lookups.iter().find(|lookup| lookup.name == name).or_else(|| self.lookups.iter().find(is_file))
    }

    /// Where a test's log is: its path counts from the project's folder. None for a URL, and for bundled content.
    pub fn attack_data_path(&self, data: &AttackData) -> Option<PathBuf> {
        let root = self.root.as_ref()?;
        (!data.is_url() && !data.data.is_empty()).then(|| root.join(&data.data))
    }
}

impl Macros for Content {
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition> {
        self.macro_named(name, arity).map(MacroFile::definition)
    }

    fn names(&self) -> Vec<String> {
        let written = |(name, arity): &(String, usize)| match arity {
            0 => name.clone(),
            _ => format!("{name}({arity})"),
        };
        self.by_name.keys().map(written).collect()
    }
}
