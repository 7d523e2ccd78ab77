//! What is known of a command stands in its own file. Code elsewhere that asks for a command by name is a special case that
//! the next command of the same kind would miss.

use proc_macro2::TokenTree;

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, end_of_item, inside, is_ident, starts_cfg_test, tree};
use crate::spec_pages::declared_name;

/// Where the commands are.
const FOLDER: &str = "crates/plan/src/commands";

/// The crates that handle parsed searches. `content` finds names in text without parsing it.
const CRATES: &[&str] = &["crates/engine/src/", "crates/plan/src/", "crates/syntax/src/"];

/// Names that are also something else, each with what.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("append", "the option of commands that bring rows"),
    ("fields", "the slot in which many commands have their fields"),
    ("search", "the command that the grammar lets one leave out; the field by which a subsearch returns words"),
    ("table", "the slot of a lookup's name"),
    ("where", "the keyword before a condition"),
];

/// Names that a file cannot do without, each with the reason.
const ALLOWED: &[(&str, &str, &str)] =
    &[("crates/syntax/src/splunk.rs", "union", "the form that Splunk accepts is written with it")];

const REMEDY: &str = "Let the command's file say what is special about it, as a field of `CommandDef` that others ask for; a word \
     that means something else goes on the list in crates/tidy/tests/tidy/command_names.rs with its reason.";

fn breaches(file: &SourceFile, commands: &[(String, String)]) -> Vec<Breach> {
    let mut found = Vec::new();
    literals(&file.tokens(), &mut |line, text| {
        let is_other = |(name, path): &&(String, String)| name == text && *path != file.path;
        let allowed = ALLOWED.iter().any(|(path, word, _)| *path == file.path && *word == text);
        let other = OTHER_WORDS.iter().any(|(word, _)| *word == text);
        if !allowed && !other && commands.iter().any(|command| is_other(&command)) {
            found.push(Breach::at_line(&file.path, line, format!("names the command `{text}`"), REMEDY));
        }
    });
    found
}

/// All string literals without escapes outside test modules and comments, with their lines.
pub fn literals(tokens: &[TokenTree], see: &mut impl FnMut(usize, &str)) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if starts_cfg_test(tokens, at) {
            at = end_of_item(tokens, at + 2);
            continue;
        }
        match token {
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if let Some(text) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                    see(literal.span().start().line, text);
                }
            }
            // A doc comment reads as an attribute with a literal.
            TokenTree::Group(group) if is_ident(inside(group).first(), "doc") => {}
            TokenTree::Group(group) => literals(&inside(group), see),
            _ => {}
        }
        at += 1;
    }
}

/// The names of all commands, with their files.
fn commands(tree: &[SourceFile]) -> Vec<(String, String)> {
    let files = tree.iter().filter(|file| file.folder() == FOLDER && file.stem() != "mod");
    files.map(|file| (declared_name(file).unwrap_or_else(|| file.stem().to_owned()), file.path.clone())).collect()
}

#[test]
fn commands_are_named_in_their_own_files_only() {
    let tree = tree();
    let commands = commands(&tree);
    assert!(commands.len() > 20, "there are commands in {FOLDER}");
    let product = |file: &&SourceFile| {
        file.is_rust() && !file.is_test_code() && CRATES.iter().any(|folder| file.path.starts_with(folder))
    };
    let found: Vec<Breach> = tree.iter().filter(product).flat_map(|file| breaches(file, &commands)).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outside_its_file_is_found_and_other_words_are_not() {
        let commands = [("sort".to_owned(), "crates/plan/src/commands/sort.rs".to_owned())];
        let at = |path: &str, text: &str| breaches(&SourceFile::new(path, text), &commands).len();
        assert_eq!(at("crates/engine/src/a.rs", r#"fn f() { if name == "sort" {} }"#), 1);
        assert_eq!(at("crates/engine/src/a.rs", r#"fn f() { if name == "sorted" {} }"#), 0);
        assert_eq!(at("crates/plan/src/commands/sort.rs", r#"static A: B = B { name: "sort" };"#), 0);
        assert_eq!(at("crates/engine/src/a.rs", "#[cfg(test)]\nmod tests { fn f() { \"sort\"; } }"), 0);
    }
}
