//! What files and modules are called, and how a file opens.

use proc_macro2::TokenTree;

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, inside, is_ident, tree};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

const NAME_REMEDY: &str = "Such a name says nothing, and so everything ends up there. Name the file for what it does, in the \
     words of the field.";
const DOC_REMEDY: &str = "A reader decides by the first lines whether to read on. Open the file with `//!`: what it is, why it \
     is there, and what it is not.";

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let mut found = Vec::new();
    for part in file.path.trim_end_matches(".rs").split('/') {
        if EMPTY_NAMES.contains(&part) {
            found.push(Breach::of_file(&file.path, format!("is called `{part}`"), NAME_REMEDY));
        }
    }
    empty_modules(&file.path, &file.tokens(), &mut found);
    if !file.text.starts_with("//! ") {
        found.push(Breach::of_file(&file.path, "does not open with `//!`", DOC_REMEDY));
    }
    found
}

fn empty_modules(path: &str, tokens: &[TokenTree], found: &mut Vec<Breach>) {
    for (at, token) in tokens.iter().enumerate() {
        if is_ident(Some(token), "mod")
            && let Some(TokenTree::Ident(name)) = tokens.get(at + 1)
            && EMPTY_NAMES.iter().any(|empty| name == empty)
        {
            let line = name.span().start().line;
            found.push(Breach::at_line(path, line, format!("module `{name}`"), NAME_REMEDY));
        }
        if let TokenTree::Group(group) = token {
            empty_modules(path, &inside(group), found);
        }
    }
}

#[test]
fn names_say_something_and_files_open_with_their_purpose() {
    let found: Vec<Breach> = tree().iter().filter(|file| file.is_rust()).flat_map(breaches).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_is_found_in_path_and_module() {
        assert_eq!(breaches(&SourceFile::new("crates/x/src/utils.rs", "//! x\n")).len(), 1);
        assert_eq!(breaches(&SourceFile::new("crates/x/src/helpers/a.rs", "//! x\n")).len(), 1);
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", "//! x\nmod a { mod misc { } }\n")).len(), 1);
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", "//! x\nmod output;\n")), []);
    }

    #[test]
    fn a_file_without_opening_words_is_found() {
        assert_eq!(breaches(&SourceFile::new("crates/x/src/a.rs", "use a::b;\n")).len(), 1);
    }
}
