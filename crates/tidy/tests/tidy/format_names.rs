//! What is known of a log format stands in its own folder. Code elsewhere that asks for a format by name is a special case
//! that the next format would miss.

use proc_macro2::TokenTree;

use crate::breach::{Breach, assert_none};
use crate::command_names::literals;
use crate::source::{SourceFile, inside, is_ident, string_literal, tree};

/// Where the formats are, and their registry.
const FOLDER: &str = "crates/formats/src";
const REGISTRY: &str = "crates/formats/src/lib.rs";

/// The crates that handle logs of any format.
const CRATES: &[&str] = &["crates/engine/src/", "crates/output/src/", "crates/plan/src/", "crates/scan/src/"];

const REMEDY: &str =
    "Ask the format: a method of `dogwatch_formats::Format` with a default, answered in the format's own file.";

/// The names and sourcetypes that the formats of the registry give themselves.
fn names(tree: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    let registry = tree.iter().find(|file| file.path == REGISTRY).map(SourceFile::tokens).unwrap_or_default();
    for module in modules(&registry) {
        let paths = [format!("{FOLDER}/{module}.rs"), format!("{FOLDER}/{module}/mod.rs")];
        for file in tree.iter().filter(|file| paths.contains(&file.path)) {
            let tokens = file.tokens();
            found.extend(["name", "sourcetype"].iter().filter_map(|key| named(&tokens, key, &mut false)));
        }
    }
    found
}

/// The modules of the table `FORMATS`.
fn modules(tokens: &[TokenTree]) -> Vec<String> {
    let start = tokens.windows(2).position(|pair| is_ident(pair.first(), "static") && is_ident(pair.get(1), "FORMATS"));
    let of_item = tokens.iter().skip(start.unwrap_or(tokens.len())).filter_map(|token| match token {
        TokenTree::Group(group) => Some(inside(group)),
        _ => None,
    });
    let lists: Vec<Vec<TokenTree>> = of_item.take(2).collect();
    let rows = lists.last().map_or(&[][..], Vec::as_slice);
    let modules = rows.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(module), TokenTree::Punct(colon)] if colon.as_char() == ':' => Some(module.to_string()),
        _ => None,
    });
    modules.collect()
}

/// The first literal behind a key, be it a field or a method.
fn named(tokens: &[TokenTree], key: &str, seen: &mut bool) -> Option<String> {
    tokens.iter().find_map(|token| match token {
        TokenTree::Group(group) => named(&inside(group), key, seen),
        TokenTree::Literal(_) if *seen => string_literal(Some(token)),
        _ => {
            *seen |= is_ident(Some(token), key);
            None
        }
    })
}

fn breaches(file: &SourceFile, names: &[String]) -> Vec<Breach> {
    let mut found = Vec::new();
    literals(&file.tokens(), &mut |line, text| {
        let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)));
        if let Some(name) = words.find(|word| names.iter().any(|name| name == word)) {
            found.push(Breach::at_line(&file.path, line, format!("names the log format `{name}`"), REMEDY));
        }
    });
    found
}

#[test]
fn formats_are_named_in_their_own_folders_only() {
    let tree = tree();
    let names = names(&tree);
    for known in ["auditd", "linux_audit", "kube_audit", "kube:audit", "json_lines"] {
        assert!(names.iter().any(|name| name == known), "{known} is a format's name: {names:?}");
    }
    let product = |file: &&SourceFile| {
        file.is_rust()
            && !file.is_test_code()
            && !file.path.ends_with("_testing.rs")
            && CRATES.iter().any(|folder| file.path.starts_with(folder))
    };
    let found: Vec<Breach> = tree.iter().filter(product).flat_map(|file| breaches(file, &names)).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_text_is_found_and_one_in_a_test_is_not() {
        let names = ["auditd".to_owned(), "kube:audit".to_owned()];
        let at = |text: &str| breaches(&SourceFile::new("crates/engine/src/a.rs", text), &names).len();
        assert_eq!(at(r#"fn f() { if name == "auditd" {} }"#), 1);
        assert_eq!(at(r#"fn f() { "sourcetype=kube:audit" }"#), 1);
        assert_eq!(at(r#"fn f() { "auditing" }"#), 0);
        assert_eq!(at("#[cfg(test)]\nmod tests { fn f() { \"auditd\"; } }"), 0);
    }
}
