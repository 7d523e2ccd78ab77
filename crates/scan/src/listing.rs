//! Resolves paths, directories and globs to files, each listed once, rotated sets in order of age.
//!
//! Only names and file types matter here; [`crate::inputs`] looks into the files.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use walkdir::{DirEntry, WalkDir};

use crate::error::InputError;
use crate::rotation::{self, Age, Set};

/// The path that stands for standard input.
pub(crate) const STDIN: &str = "-";

/// A file to look into.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    /// Its displayed path: as given, or the given directory followed by the path below it.
    pub(crate) source: String,
    pub(crate) kind: Kind,
    /// Whether the user named the file itself, not a directory or glob.
    pub(crate) explicit: bool,
}

/// The kind of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file with a size that can be read at any offset.
    Regular,
    /// A pipe, socket or device: can be read once, from start to end.
    Stream,
    /// Standard input.
    Stdin,
}

/// The result of listing paths.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) errors: Vec<InputError>,
    /// Hidden files and pipes in directories.
    pub(crate) skipped: usize,
    seen: HashSet<PathBuf>,
}

impl Listing {
    /// Lists all paths.
    pub(crate) fn of(paths: &[String]) -> Self {
        let mut listing = Self::default();
        for path in paths {
            listing.add(path);
        }
        listing.order();
        listing
    }

    fn add(&mut self, given: &str) {
        if given == STDIN {
            if self.seen.insert(PathBuf::from(STDIN)) {
                self.push(PathBuf::from(STDIN), "stdin".to_owned(), Kind::Stdin, true);
            }
            return;
        }
        let path = Path::new(given);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.add_directory(path),
            Ok(metadata) => self.add_file(path, &metadata, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if given.contains(['*', '?', '[']) {
                    self.add_glob(given);
                } else {
                    self.errors.push(InputError::NotFound { path: given.to_owned() });
                }
            }
            Err(error) => self.errors.push(InputError::Unreadable { path: given.to_owned(), error }),
        }
    }

    fn add_file(&mut self, path: &Path, metadata: &Metadata, explicit: bool) {
        let kind = if metadata.is_file() { Kind::Regular } else { Kind::Stream };
        if kind == Kind::Stream && !explicit {
            // Opening a pipe that nobody writes to would block forever.
            self.skipped += 1;
            return;
        }
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.seen.insert(identity) {
            self.push(path.to_owned(), path.to_string_lossy().into_owned(), kind, explicit);
        }
    }

    fn push(&mut self, path: PathBuf, source: String, kind: Kind, explicit: bool) {
        self.candidates.push(Candidate { path, source, kind, explicit });
    }

    fn add_directory(&mut self, root: &Path) {
        let mut hidden = 0;
        let walk = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        let mut entries = Vec::new();
        for entry in walk.filter_entry(|entry| !is_hidden(entry, &mut hidden)) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => entries.push(entry.into_path()),
                // A link to a directory above: its files are listed from there.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_string_lossy().into_owned();
                    let error = error.into_io_error().unwrap_or_else(|| io::Error::other("it cannot be listed"));
                    self.errors.push(InputError::Unreadable { path, error });
                }
            }
        }
        self.skipped += hidden;
        for path in entries {
            match fs::metadata(&path) {
                Ok(metadata) => self.add_file(&path, &metadata, false),
                Err(error) => {
                    let path = path.to_string_lossy().into_owned();
                    self.errors.push(InputError::Unreadable { path, error });
                }
            }
        }
    }

    fn add_glob(&mut self, given: &str) {
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::default() };
        if let Err(error) = Pattern::new(given) {
            let reason = format!("{} (at character {})", error.msg, error.pos + 1);
            self.errors.push(InputError::BadGlob { pattern: given.to_owned(), reason });
            return;
        }
        let mut matched = false;
        for found in glob::glob_with(given, options).into_iter().flatten() {
            matched = true;
            let (path, metadata) = match found {
                Ok(path) => {
                    let metadata = fs::metadata(&path);
                    (path, metadata)
                }
                Err(error) => (error.path().to_owned(), Err(error.into())),
            };
            match metadata {
                Ok(metadata) if metadata.is_dir() => self.add_directory(&path),
                Ok(metadata) => self.add_file(&path, &metadata, false),
                Err(error) => {
                    let path = path.to_string_lossy().into_owned();
                    self.errors.push(InputError::Unreadable { path, error });
                }
            }
        }
        if !matched {
            self.errors.push(InputError::NoMatch { pattern: given.to_owned() });
        }
    }

    /// Moves the files of a rotated set together, oldest first, to the position of the first of them.
    fn order(&mut self) {
        let mut sets: HashMap<Set, usize> = HashMap::new();
        let keys: Vec<(usize, Age)> = self
            .candidates
            .iter()
            .enumerate()
            .map(|(at, candidate)| {
                if candidate.kind != Kind::Regular {
                    return (at, Age::Current);
                }
                let (set, age) = rotation::of(&candidate.path);
                (*sets.entry(set).or_insert(at), age)
            })
            .collect();
        let mut keyed: Vec<_> = keys.into_iter().zip(std::mem::take(&mut self.candidates)).collect();
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.candidates = keyed.into_iter().map(|(_, candidate)| candidate).collect();
    }
}

/// Whether a directory's entry is hidden; what was named itself never is.
fn is_hidden(entry: &DirEntry, count: &mut usize) -> bool {
    let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
    *count += usize::from(hidden);
    hidden
}
