//! The files of a page's case in a folder of their own, and the session that searches them.

use std::fs;
use std::path::Path;

use dogwatch_engine::SessionOptions;
use serde_json::json;
use tempfile::TempDir;

use crate::page::{File, FileKind};

/// The time at which all searches run: 2026-11-23T17:00:00Z, in microseconds.
const NOW: i64 = 1_795_453_200_000_000;

/// The files of a case, written.
pub struct Folder {
    folder: TempDir,
    /// The paths of the logs.
    pub logs: Vec<String>,
}

impl Folder {
    /// Writes files.
    pub fn new(files: &[File]) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let mut logs = vec![];
        for name in ["logs", "lookups", "macros"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        for file in files {
            let (path, text) = match file.kind {
                FileKind::Logs => (folder.path().join("logs").join(&file.name), file.text.clone()),
                FileKind::Lookup => (folder.path().join("lookups").join(&file.name), file.text.clone()),
                FileKind::Macro => macro_file(folder.path(), file),
            };
            fs::write(&path, text).expect("a file can be written");
            if file.kind == FileKind::Logs {
                logs.push(path.display().to_string());
            }
        }
        Self { folder, logs }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The options of a session that searches the files.
    pub fn options(&self) -> SessionOptions {
        SessionOptions {
            lookups: vec![self.path().join("lookups")],
            macros: vec![self.path().join("macros")],
            now: Some(NOW),
            ..SessionOptions::default()
        }
    }
}

/// A macro as a file of Splunk's security content. JSON is YAML.
fn macro_file(folder: &Path, file: &File) -> (std::path::PathBuf, String) {
    let (name, arguments) = file.name.trim_end_matches(')').split_once('(').unwrap_or((&file.name, ""));
    let arguments: Vec<&str> = arguments.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let path = folder.join("macros").join(format!("{name}_{}.yml", arguments.len()));
    (path, json!({"name": name, "definition": file.text.trim_end(), "arguments": arguments}).to_string())
}
