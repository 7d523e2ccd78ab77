//! Search macros: YAML files of the macro directories, in the shape of Splunk's security content (`name`, `definition`,
//! `arguments`).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use dogwatch_syntax::{MacroDefinition, Macros};
use serde::Deserialize;

use crate::error::EngineError;

/// The macros of a session.
#[derive(Debug, Default)]
pub struct MacroTable {
    macros: BTreeMap<(String, usize), MacroDefinition>,
}

#[derive(Deserialize)]
struct MacroFile {
    name: String,
    definition: String,
    #[serde(default)]
    arguments: Vec<String>,
}

impl MacroTable {
    /// Reads all `.yml` and `.yaml` files of the directories.
    ///
    /// # Errors
    /// For a directory or file that cannot be read, naming it.
    pub fn load(directories: &[PathBuf]) -> Result<Self, EngineError> {
        let mut table = Self::default();
        for directory in directories {
            let fault = |why: String| EngineError::Setup(format!("macros in {}: {why}", directory.display()));
            let mut paths: Vec<PathBuf> = fs::read_dir(directory)
                .map_err(|e| fault(e.to_string()))?
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"))
                .collect();
            paths.sort();
            for path in paths {
                let fault = |why: String| EngineError::Setup(format!("the macro file {}: {why}", path.display()));
                let text = fs::read_to_string(&path).map_err(|e| fault(e.to_string()))?;
                let read: MacroFile = serde_norway::from_str(&text).map_err(|e| fault(e.to_string()))?;
                let name = read.name.split('(').next().unwrap_or_default().to_owned();
                let definition =
                    MacroDefinition { arguments: read.arguments, definition: read.definition, is_eval: false };
                table.macros.insert((name, definition.arguments.len()), definition);
            }
        }
        Ok(table)
    }
}

impl Macros for MacroTable {
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition> {
        self.macros.get(&(name.to_owned(), arity)).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.macros.keys().map(|(name, _)| name.clone()).collect()
    }
}
