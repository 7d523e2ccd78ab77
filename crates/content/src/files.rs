//! Where the files of content come from: a folder, or the table that the build put into the library.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

/// All files that the build found below `content/`, sorted by path.
static BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The longest YAML file that is read. The largest of Splunk's security content has a few hundred KiB.
const MAX_YAML: u64 = 4 * 1024 * 1024;

/// The longest table that is read. The largest of Splunk's security content, a list of domains, has some 20 MiB.
const MAX_TABLE: u64 = 64 * 1024 * 1024;

/// How many files a folder may have. Splunk's security content has some 5,000.
const MAX_FILES: usize = 100_000;

/// How deep folders are gone into. contentctl's projects need three.
const MAX_DEPTH: usize = 16;

/// A tree of files.
#[derive(Clone, Debug)]
pub enum FileTree {
    /// A folder of this machine.
    Folder(PathBuf),
    /// The project's own content.
    Bundled,
}

/// A file that was looked for below a folder.
pub(crate) type Listed = Result<PathBuf, (PathBuf, String)>;

impl FileTree {
    /// The files below a folder of the tree, as paths within the tree, sorted. Hidden ones are left out, and links are
    /// not followed. A folder that is not there has none.
    pub(crate) fn list(&self, below: &Path) -> Vec<Listed> {
        let root = match self {
            Self::Bundled => {
                let paths = BUNDLED.iter().map(|(path, _)| Path::new(path));
                return paths.filter(|path| path.starts_with(below)).map(|path| Ok(path.to_owned())).collect();
            }
            Self::Folder(root) => root,
        };
        let folder = root.join(below);
        if !folder.is_dir() {
            return Vec::new();
        }
        let visible = |name: &std::ffi::OsStr| !name.to_string_lossy().starts_with('.');
        let entries = WalkDir::new(&folder)
            .max_depth(MAX_DEPTH)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || visible(entry.file_name()));
        let mut listed = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if !entry.file_type().is_file() => {}
                Ok(entry) => listed.push(Ok(entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned())),
                Err(error) => {
                    let path = error.path().unwrap_or(&folder).to_owned();
                    listed.push(Err((path, error.to_string())));
                }
            }
            if listed.len() >= MAX_FILES {
                listed.push(Err((folder, format!("more than {MAX_FILES} files, the rest was left out"))));
                break;
            }
        }
        listed
    }

    /// A path of the tree as it is shown.
    pub(crate) fn shown(&self, path: &Path) -> PathBuf {
        match self {
            Self::Folder(root) => root.join(path),
            Self::Bundled => path.to_owned(),
        }
    }

    /// The bytes of a file of the tree. None for what is not there or lies outside.
    pub fn read(&self, path: impl AsRef<Path>) -> Option<Arc<[u8]>> {
        let path = path.as_ref();
        if path.components().any(|part| !matches!(part, Component::Normal(_))) {
            return None;
        }
        self.bytes(path, MAX_TABLE).ok()
    }

    /// The text of a YAML file, or why there is none.
    pub(crate) fn text(&self, path: &Path) -> Result<Arc<str>, String> {
        let bytes = self.bytes(path, MAX_YAML)?;
        let text =
            std::str::from_utf8(&bytes).map_err(|error| format!("no UTF-8 from byte {} on", error.valid_up_to()))?;
        Ok(Arc::from(text))
    }

    /// The bytes of a table, or why there are none.
    pub(crate) fn table(&self, path: &Path) -> Result<Arc<[u8]>, String> {
        self.bytes(path, MAX_TABLE)
    }

    fn bytes(&self, path: &Path, limit: u64) -> Result<Arc<[u8]>, String> {
        let told = |error: io::Error| error.to_string();
        match self {
            Self::Bundled => {
                let found =
                    BUNDLED.binary_search_by(|(bundled, _)| Path::new(bundled).as_os_str().cmp(path.as_os_str()));
                found.map(|at| Arc::from(BUNDLED[at].1)).map_err(|_| "no such file".to_owned())
            }
            Self::Folder(root) => {
                let path = root.join(path);
                let length = fs::metadata(&path).map_err(told)?.len();
                if length > limit {
                    return Err(format!("{length} bytes, more than the {limit} that are read"));
                }
                fs::read(&path).map(Arc::from).map_err(told)
            }
        }
    }
}
