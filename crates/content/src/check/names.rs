//! That no two files have the same name or id, and that a file is called as what is in it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dogwatch_syntax::{Code, Diagnostic};

use crate::content::Content;
use crate::detection::snake_name;
use crate::problem::Problem;
use crate::yaml;
use crate::yaml_position::{Step, YamlPositions};

/// A file, as far as its name goes.
struct Named<'c> {
    path: &'c Path,
    text: &'c Arc<str>,
    name: &'c str,
    id: String,
}

pub(crate) fn check(content: &Content) -> Vec<Problem> {
    let all = named(content);
    let mut found = Vec::new();
    for file in &all {
        found.extend(file_name(file));
    }
    found.extend(twice(&all, "name", |file| file.name));
    found.extend(twice(&all, "id", |file| &file.id));
    found
}

fn named(content: &Content) -> Vec<Named<'_>> {
    let detections = content.detections.iter().chain(&content.baselines);
    let mut all: Vec<Named<'_>> =
        detections.map(|d| Named { path: &d.path, text: &d.text, name: &d.name, id: d.id.clone() }).collect();
    for defined in &content.macros {
        if let Some(path) = &defined.path {
            all.push(Named { path, text: &defined.text, name: &defined.name, id: id_in(&defined.text) });
        }
    }
    for lookup in content.lookups.iter().filter(|lookup| !lookup.text.is_empty()) {
        all.push(Named { path: &lookup.path, text: &lookup.text, name: &lookup.name, id: id_in(&lookup.text) });
    }
    all.extend(content.stories.iter().map(|s| Named { path: &s.path, text: &s.text, name: &s.name, id: s.id.clone() }));
    let sources = content.data_sources.iter();
    all.extend(sources.map(|s| Named { path: &s.path, text: &s.text, name: &s.name, id: s.id.clone() }));
    all
}

fn id_in(text: &str) -> String {
    yaml::parse(text).map(|keys| yaml::text_of(&keys, "id")).unwrap_or_default()
}

fn file_name(file: &Named<'_>) -> Option<Problem> {
    let wanted = format!("{}.yml", snake_name(file.name));
    let actual = file.path.file_name().unwrap_or_default().to_string_lossy();
    if actual == wanted {
        return None;
    }
    let span = YamlPositions::new(file.text).nearest(&[Step::Key("name")]);
    let what = format!("the file is called `{actual}`, but its name asks for `{wanted}`");
    let diagnostic = Diagnostic::error(Code::BadFileName, span, what).with_help("rename the file, or change the name");
    Some(Problem { path: file.path.to_owned(), text: Arc::clone(file.text), diagnostic })
}

/// Files whose key has the same value as an earlier one's.
fn twice<'f>(all: &'f [Named<'_>], key: &str, value: impl Fn(&'f Named<'_>) -> &'f str) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut found = Vec::new();
    for file in all {
        let held = value(file);
        if held.is_empty() {
            continue;
        }
        let Some(other) = first.get(held) else {
            first.insert(held, file.path);
            continue;
        };
        let span = YamlPositions::new(file.text).nearest(&[Step::Key(key)]);
        let what = format!("`{held}` is the {key} of {} already", other.display());
        let help = match key {
            "id" => "give this one a fresh UUID, as `uuidgen` prints it",
            _ => "give this one another name",
        };
        let diagnostic = Diagnostic::error(Code::Duplicate, span, what).with_help(help);
        found.push(Problem { path: file.path.to_owned(), text: Arc::clone(file.text), diagnostic });
    }
    found
}
