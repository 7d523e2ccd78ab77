//! Reads content: which files there are, what each is, and what belongs together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_syntax::{Code, Diagnostic, Span};

use crate::content::{Content, ContentError};
use crate::data_source::DataSource;
use crate::detection::{Detection, DetectionKind};
use crate::files::{FileTree, Listed};
use crate::lookup::Lookup;
use crate::macro_file::MacroFile;
use crate::problem::Problem;
use crate::story::Story;
use crate::yaml;

/// The folders of a contentctl project that are read, with what is in them.
const FOLDERS: &[(&str, Role)] = &[
    ("baselines", Role::Baseline),
    ("data_sources", Role::DataSource),
    ("detections", Role::Detection),
    ("lookups", Role::Lookup),
    ("macros", Role::Macro),
    ("stories", Role::Story),
];

/// How far up from a named folder a project's file is looked for: `detections/<domain>/<file>` is three below it.
const MAX_UP: usize = 4;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Baseline,
    DataSource,
    Detection,
    Lookup,
    Macro,
    Story,
}

impl Content {
    /// Reads a contentctl project, a part of one, a folder of detections, or a single file.
    ///
    /// A folder inside a project (one with a `contentctl.yml` above it) brings the project's macros, lookups, stories
    /// and data sources with it, but no other detections. Files in a folder that is no project are recognised by their keys.
    ///
    /// # Errors
    /// If there is nothing at `path`. What is wrong with single files is in [`Content::problems`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ContentError> {
        let path = path.as_ref();
        let missing = |why: std::io::Error| ContentError::Missing { path: path.to_owned(), why: why.to_string() };
        let is_file = std::fs::metadata(path).map_err(missing)?.is_file();
        if let Some(root) = project_of(path) {
            let mut content = Self::empty(FileTree::Folder(root.clone()));
            let within = path.strip_prefix(&root).map_or_else(|_| within(path, &root), Path::to_owned);
            content.load_project(&within);
            return Ok(content);
        }
        let root = match (is_file, path.parent()) {
            (true, Some(parent)) => parent.to_owned(),
            (true, None) => PathBuf::new(),
            (false, _) => path.to_owned(),
        };
        let mut content = Self::empty(FileTree::Folder(root));
        let listed = match (is_file, path.file_name()) {
            (true, Some(name)) => vec![Ok(PathBuf::from(name))],
            _ => content.files.list(Path::new("")),
        };
        content.load_loose(listed);
        Ok(content)
    }

    /// The project's own content, as it was when the tool was built.
    pub fn bundled() -> Self {
        let mut content = Self::empty(FileTree::Bundled);
        content.load_project(Path::new(""));
        content
    }

    fn empty(files: FileTree) -> Self {
        let root = match &files {
            FileTree::Folder(root) => Some(root.clone()),
            FileTree::Bundled => None,
        };
        Self {
            root,
            detections: Vec::new(),
            baselines: Vec::new(),
            macros: Vec::new(),
            lookups: Vec::new(),
            stories: Vec::new(),
            data_sources: Vec::new(),
            problems: Vec::new(),
            files,
            by_name: BTreeMap::new(),
        }
    }

    /// Reads the folders of a project; detections only from `within`, if that is a part of them.
    fn load_project(&mut self, within: &Path) {
        let mut tables = Vec::new();
        for (folder, role) in FOLDERS {
            let folder = Path::new(folder);
            for listed in self.files.list(folder) {
                let Some(path) = self.listed(listed) else { continue };
                let has_findings = matches!(role, Role::Baseline | Role::Detection);
                if has_findings && !path.starts_with(within) {
                    continue;
                }
                match ending(&path) {
                    "yml" | "yaml" => self.load(&path, *role),
                    "csv" if *role == Role::Lookup => tables.push(path),
                    _ => {}
                }
            }
        }
        self.finish(tables);
    }

    /// Reads files that are recognised by their keys.
    fn load_loose(&mut self, listed: Vec<Listed>) {
        let mut tables = Vec::new();
        for listed in listed {
            let Some(path) = self.listed(listed) else { continue };
            let folder = path.components().rev().skip(1).find_map(|part| {
                FOLDERS.iter().find(|(name, _)| part.as_os_str().to_str() == Some(name)).map(|(_, role)| *role)
            });
            match ending(&path) {
                "csv" if folder == Some(Role::Lookup) => tables.push(path),
                "yml" | "yaml" => match folder.or_else(|| self.role_by_keys(&path)) {
                    Some(role) => self.load(&path, role),
                    None => {
                        let text = self.files.text(&path).unwrap_or_default();
                        let diagnostic = unknown_file(&text);
                        self.complain(&path, text, diagnostic);
                    }
                },
                _ => {}
            }
        }
        self.finish(tables);
    }

    /// What a file is by its keys. A file that cannot be read counts as a detection, so that it is complained about.
    fn role_by_keys(&self, path: &Path) -> Option<Role> {
        let Ok(text) = self.files.text(path) else { return Some(Role::Detection) };
        let Ok(file) = yaml::parse(&text) else { return Some(Role::Detection) };
        let has = |keys: &[&str]| keys.iter().any(|key| file.contains_key(*key));
        match () {
            () if has(&["search"]) && yaml::text_of(&file, "type") == "Baseline" => Some(Role::Baseline),
            () if has(&["search", "rba", "known_false_positives"]) => Some(Role::Detection),
            () if has(&["definition"]) => Some(Role::Macro),
            () if has(&["lookup_type", "filename", "collection"]) => Some(Role::Lookup),
            () if has(&["narrative"]) => Some(Role::Story),
            () if has(&["sourcetype"]) => Some(Role::DataSource),
            () => None,
        }
    }

    fn listed(&mut self, listed: Listed) -> Option<PathBuf> {
        match listed {
            Ok(path) => Some(path),
            Err((path, why)) => {
                let diagnostic = unreadable(&why);
                self.problems.push(Problem { path, text: Arc::from(""), diagnostic });
                None
            }
        }
    }

    fn load(&mut self, path: &Path, role: Role) {
        let text = match self.files.text(path) {
            Ok(text) => text,
            Err(why) => return self.complain(path, Arc::from(""), unreadable(&why)),
        };
        let shown = self.files.shown(path);
        let copy = Arc::clone(&text);
        let done = match role {
            Role::Detection => Detection::parse(&shown, copy).map(|d| self.keep_detection(d)),
            Role::Baseline => Detection::parse(&shown, copy).map(|d| self.baselines.push(Arc::new(d))),
            Role::Macro => MacroFile::parse(&shown, copy).map(|m| self.macros.push(m)),
            Role::Lookup => Lookup::parse(&shown, copy).map(|l| self.lookups.push(l)),
            Role::Story => Story::parse(&shown, copy).map(|s| self.stories.push(s)),
            Role::DataSource => DataSource::parse(&shown, copy).map(|d| self.data_sources.push(d)),
        };
        for diagnostic in done.err().into_iter().flatten() {
            self.complain(path, Arc::clone(&text), diagnostic);
        }
    }

    /// Older content keeps baselines among its detections.
    fn keep_detection(&mut self, detection: Detection) {
        let list = if detection.kind == DetectionKind::Baseline { &mut self.baselines } else { &mut self.detections };
        list.push(Arc::new(detection));
    }

    fn complain(&mut self, path: &Path, text: Arc<str>, diagnostic: Diagnostic) {
        self.problems.push(Problem { path: self.files.shown(path), text, diagnostic });
    }

    /// Puts tables to their lookups, adds the filter macros, and makes the index of macros.
    fn finish(&mut self, tables: Vec<PathBuf>) {
        let mut read: BTreeMap<PathBuf, Arc<[u8]>> = BTreeMap::new();
        for path in tables {
            match self.files.table(&path) {
                Ok(bytes) => {
                    read.insert(self.files.shown(&path), bytes);
                }
                Err(why) => self.complain(&path, Arc::from(""), unreadable(&why)),
            }
        }
        let mut used = BTreeSet::new();
        for lookup in &mut self.lookups {
            let Some(file) = lookup.file.clone() else { continue };
            lookup.csv = read.get(&file).cloned();
            used.insert(file);
        }
        let loose = read.into_iter().filter(|(path, _)| !used.contains(path));
        self.lookups.extend(loose.map(|(path, bytes)| Lookup::undefined(&path, bytes)));
        self.add_filters();
    }

    fn add_filters(&mut self) {
        for (index, defined) in self.macros.iter().enumerate() {
            self.by_name.entry((defined.name.clone(), defined.arguments.len())).or_insert(index);
        }
        for detection in &self.detections {
            let stem = detection.path.file_stem().unwrap_or_default().to_string_lossy();
            for name in [detection.filter_macro(), format!("{stem}_filter")] {
                let index = self.macros.len();
                if let std::collections::btree_map::Entry::Vacant(free) = self.by_name.entry((name.clone(), 0)) {
                    free.insert(index);
                    self.macros.push(MacroFile::filter(name));
                }
            }
        }
    }
}

/// The project that a path is or lies in.
fn project_of(path: &Path) -> Option<PathBuf> {
    let is_project = |folder: &Path| folder.join("contentctl.yml").is_file() || folder.join("detections").is_dir();
    if path.is_dir() && is_project(path) {
        return Some(path.to_owned());
    }
    // Paths are shown as they were named where that is possible; only what lies above needs the absolute path.
    let absolute = std::path::absolute(path).ok()?;
    let mut above = path.ancestors().skip(1).take(MAX_UP).chain(absolute.ancestors().skip(1).take(MAX_UP));
    above.find(|folder| folder.join("contentctl.yml").is_file()).map(Path::to_owned)
}

/// A path as it is called within the folder that it lies in.
fn within(path: &Path, root: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.strip_prefix(root).unwrap_or(path).to_owned()
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

fn unreadable(why: &str) -> Diagnostic {
    Diagnostic::error(Code::BadYaml, Span::at(0), format!("cannot be read: {why}"))
        .with_help("make it a readable text file, or take it out of the folder")
}

fn unknown_file(text: &str) -> Diagnostic {
    Diagnostic::note(
        Code::BadKey,
        yaml::first_line(text),
        "neither a detection nor a macro, lookup, story or data source",
    )
    .with_help("a detection has the keys `name` and `search`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dogwatch_syntax::{Macros, Severity};

    const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/project");

    fn names(content: &Content) -> Vec<&str> {
        content.detections.iter().map(|detection| detection.name.as_str()).collect()
    }

    #[test]
    fn a_project_is_read_whole() {
        let content = Content::open(PROJECT).expect("the fixture is there");
        assert_eq!(content.problems, []);
        assert_eq!(names(&content), ["Kube Secrets Seen", "Auditd Shell Reads A Token"]);
        assert_eq!((content.stories.len(), content.data_sources.len(), content.lookups.len()), (1, 1, 1));
        let lookup = content.lookup("known_readers").expect("the fixture has it");
        assert!(lookup.csv.as_deref().is_some_and(|csv| csv.starts_with(b"exe,src")));
        assert!(content.lookup("known_readers.csv").is_some());
        assert_eq!(content.get("kube_secrets_seen_filter", 0).map(|m| m.definition).as_deref(), Some("search *"));
        assert!(content.get("counted", 1).is_some() && content.get("counted", 0).is_none());
        assert!(content.names().contains(&"counted(1)".to_owned()));
        let detection = content.detection("auditd_shell_reads_a_token").expect("the fixture has it");
        let log = content.attack_data_path(&detection.tests[0].attack_data[0]).expect("a path");
        assert!(log.is_file());
    }

    #[test]
    fn a_part_of_a_project_brings_the_rest_of_it() {
        for part in ["detections/endpoint", "detections/endpoint/auditd_shell_reads_a_token.yml"] {
            let content = Content::open(Path::new(PROJECT).join(part)).expect("the fixture is there");
            assert_eq!(names(&content), ["Auditd Shell Reads A Token"], "{part}");
            assert_eq!(content.root.as_deref(), Some(Path::new(PROJECT)));
            assert!(content.get("auditd", 0).is_some());
        }
    }

    #[test]
    fn a_bad_file_hides_no_other() {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let write =
            |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("it can be written");
        write("a.yml", b"name: A\nsearch: index=a\nunknown: {x: 1}\n");
        write("b.yml", b"name: [\n");
        write("c.yml", b"name: C\nsearch: \xff\n");
        write("d.yaml", b"name: d\ndefinition: x\n");
        write("e.yml", b"services: {}\n");
        write("f.txt", b"nothing\n");
        let content = Content::open(folder.path()).expect("the folder is there");
        assert_eq!(names(&content), ["A"]);
        assert!(content.get("d", 0).is_some());
        let told: Vec<_> = content.problems.iter().map(|p| (p.path.file_name(), p.diagnostic.severity)).collect();
        let name = |name: &'static str| Some(std::ffi::OsStr::new(name));
        assert_eq!(
            told,
            [(name("b.yml"), Severity::Error), (name("c.yml"), Severity::Error), (name("e.yml"), Severity::Note)]
        );
        let single = Content::open(folder.path().join("a.yml")).expect("the file is there");
        assert_eq!(names(&single), ["A"]);
        assert!(Content::open(folder.path().join("missing")).is_err());
    }

    #[test]
    fn the_bundled_content_is_that_of_the_repository() {
        let bundled = Content::bundled();
        assert!(bundled.root.is_none());
        assert!(bundled.get("auditd", 0).is_some());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
        let read = std::fs::read(Path::new(folder).join("macros/auditd.yml")).expect("the repository has it");
        assert_eq!(bundled.files().read("macros/auditd.yml").as_deref(), Some(read.as_slice()));
        assert!(bundled.files().read("../Cargo.toml").is_none());
    }
}
