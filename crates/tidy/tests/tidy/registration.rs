//! One more feature is one new file and two sorted lines: `mod x;` and a row in the folder's table. A file that nobody
//! registered is dead code that looks alive.

use proc_macro2::{Delimiter, Group, TokenTree};

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, inside, is_ident, is_punct, tree};
use crate::spec_pages::declared_name;

/// The folders in which every file is a feature. `*` stands for one folder name.
const FEATURE_FOLDERS: &[&str] = &[
    "crates/cli/src/commands",
    "crates/functions/src/eval",
    "crates/functions/src/eval/*",
    "crates/functions/src/stats",
    "crates/output/src/format",
    "crates/output/src/sink",
    "crates/plan/src/commands",
];

/// Files and folders in a feature folder that are no feature but serve several, each with the reason.
const SHARED: &[(&str, &str)] = &[
    ("crates/functions/src/eval/conversion/number_text.rs", "how printf and tostring write a number"),
    ("crates/functions/src/stats/aggregate/mod.rs", "what several aggregates are built from; users call none of it"),
];

/// Registries whose tables are not sorted by name, each with the order that they have instead.
const ORDERED_OTHERWISE: &[(&str, &str)] = &[
    ("crates/cli/src/commands/mod.rs", "the order of the help: what one uses most comes first"),
    ("crates/output/src/sink/mod.rs", "the first sink that accepts a target takes it"),
];

const DECLARE: &str = "A file that its folder's mod.rs does not declare is never compiled. Add `mod <name>;` there, in sorted \
     place.";
const REGISTER: &str = "Users reach a feature only through its folder's table. Add its row to the table in mod.rs, in sorted \
     place; a file that serves several features goes on the list in crates/tidy/tests/tidy/registration.rs with its reason.";
const SORT: &str =
    "Sorted lines make two features that are added at once merge without a conflict, and a missing one visible.";

/// Whether a file is the `mod.rs` of a feature folder.
fn is_registry(path: &str) -> bool {
    path.strip_suffix("/mod.rs").is_some_and(|folder| FEATURE_FOLDERS.iter().any(|pattern| matches(pattern, folder)))
}

fn matches(pattern: &str, folder: &str) -> bool {
    let (pattern, folder): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), folder.split('/').collect());
    pattern.len() == folder.len() && pattern.iter().zip(&folder).all(|(want, is)| *want == "*" || want == is)
}

/// A file beside mod.rs, or a folder.
struct Member {
    /// Its module.
    module: String,
    /// The name by which its row sorts: the feature's, which can differ from the module's where that is a keyword.
    name: String,
    /// Whether it is no feature but serves several.
    shared: bool,
}

/// The members of a registry's folder: `x.rs` beside mod.rs, or `x/mod.rs`.
fn members(registry: &SourceFile, tree: &[SourceFile]) -> Vec<Member> {
    let prefix = format!("{}/", registry.folder());
    let mut found = Vec::new();
    for file in tree.iter().filter(|file| file.path != registry.path) {
        let Some(rest) = file.path.strip_prefix(&prefix) else { continue };
        let module = rest.strip_suffix("/mod.rs").or(rest.strip_suffix(".rs")).unwrap_or(rest);
        if module.contains('/') || !file.is_rust() || file.is_test_code() {
            continue;
        }
        found.push(Member {
            module: module.to_owned(),
            name: declared_name(file).unwrap_or_else(|| module.to_owned()),
            shared: SHARED.iter().any(|(path, _)| *path == file.path),
        });
    }
    found
}

fn breaches(registry: &SourceFile, tree: &[SourceFile]) -> Vec<Breach> {
    let tokens = registry.tokens();
    let declared = declared(&tokens);
    let mut found = Vec::new();
    unsorted(registry, "`mod` lines", &declared, &mut found);
    let members = members(registry, tree);
    let features: Vec<&str> = members.iter().filter(|m| !m.shared).map(|m| m.module.as_str()).collect();
    let tables = tables(&tokens, &features);
    for Member { module, shared, .. } in &members {
        if !declared.contains(module) {
            found.push(Breach::of_file(&registry.path, format!("does not declare `mod {module};`"), DECLARE));
        } else if !shared && !tables.iter().any(|rows| rows.contains(module)) {
            found.push(Breach::of_file(&registry.path, format!("has no row for `{module}` in its table"), REGISTER));
        }
    }
    if ORDERED_OTHERWISE.iter().any(|(path, _)| *path == registry.path) {
        return found;
    }
    for rows in &tables {
        let name = |module: &String| members.iter().find(|m| m.module == *module).map(|m| m.name.clone());
        let names: Vec<String> = rows.iter().filter_map(name).collect();
        unsorted(registry, "rows of a table", &names, &mut found);
    }
    found
}

fn unsorted(registry: &SourceFile, what: &str, names: &[String], found: &mut Vec<Breach>) {
    for pair in names.windows(2) {
        if pair[0] > pair[1] {
            let what = format!("{what}: `{}` stands before `{}`", pair[0], pair[1]);
            found.push(Breach::of_file(&registry.path, what, SORT));
        }
    }
}

/// The modules that a file declares, in order, without raw marks. Its `mod tests` is not among them.
fn declared(tokens: &[TokenTree]) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if is_ident(tokens.get(at), "mod")
            && is_punct(tokens.get(at + 2), ';')
            && let Some(TokenTree::Ident(name)) = tokens.get(at + 1)
            && name != "tests"
        {
            found.push(plain(&name.to_string()));
        }
    }
    found
}

/// For each table of a file (the value of a `static` or `const`, the body of an `enum`), the features in order of their
/// first mention as `name::`.
fn tables(tokens: &[TokenTree], features: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let starts = ["static", "const", "enum"].iter().any(|word| is_ident(Some(token), word));
        if !starts {
            continue;
        }
        let item: Vec<&TokenTree> = tokens[at..].iter().take_while(|token| !is_punct(Some(token), ';')).collect();
        let body = item.iter().rev().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() != Delimiter::Parenthesis => Some(group),
            _ => None,
        });
        let mut rows = Vec::new();
        if let Some(body) = body {
            mentions(body, features, &mut rows);
        }
        if !rows.is_empty() {
            found.push(rows);
        }
    }
    found
}

fn mentions(group: &Group, features: &[&str], rows: &mut Vec<String>) {
    let tokens = inside(group);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => mentions(group, features, rows),
            TokenTree::Ident(name) if is_punct(tokens.get(at + 1), ':') && is_punct(tokens.get(at + 2), ':') => {
                let name = plain(&name.to_string());
                if features.contains(&name.as_str()) && !rows.contains(&name) {
                    rows.push(name);
                }
            }
            _ => {}
        }
    }
}

fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_owned()
}

#[test]
fn every_feature_is_declared_and_registered_in_sorted_place() {
    let tree = tree();
    let registries: Vec<&SourceFile> = tree.iter().filter(|file| is_registry(&file.path)).collect();
    assert!(!registries.is_empty(), "no feature folder was found: have they moved?");
    let found: Vec<Breach> = registries.iter().flat_map(|registry| breaches(registry, &tree)).collect();
    assert_none(&found);
}

#[test]
fn the_lists_of_exceptions_are_not_stale() {
    let tree = tree();
    for (path, _) in SHARED.iter().chain(ORDERED_OTHERWISE) {
        assert!(tree.iter().any(|file| file.path == *path), "{path} is on a list of exceptions and is no more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "crates/functions/src/eval/text";

    fn check(registry: &str, files: &[&str]) -> Vec<String> {
        let registry = SourceFile::new(&format!("{FOLDER}/mod.rs"), registry);
        let tree: Vec<_> = files.iter().map(|name| SourceFile::new(&format!("{FOLDER}/{name}"), "//! x\n")).collect();
        breaches(&registry, &tree).into_iter().map(|breach| breach.what).collect()
    }

    #[test]
    fn feature_folders_are_known() {
        assert!(is_registry("crates/functions/src/eval/text/mod.rs"));
        assert!(is_registry("crates/plan/src/commands/mod.rs"));
        assert!(!is_registry("crates/functions/src/operators/mod.rs"));
        assert!(!is_registry("crates/functions/src/eval/text/deep/mod.rs"));
    }

    #[test]
    fn a_registered_feature_is_no_finding() {
        let registry = "mod lower;\nmod r#match;\nmod trim;\nstatic ALL: &[&F] = &[&lower::F, &r#match::F, &trim::F];";
        assert_eq!(check(registry, &["lower.rs", "match/mod.rs", "match/deep.rs", "trim.rs"]), [""; 0]);
    }

    #[test]
    fn rows_sort_by_the_name_that_users_write() {
        let registry = SourceFile::new(
            "crates/plan/src/commands/mod.rs",
            "mod always;\nmod sort;\nstatic ALL: &[&F] = &[&sort::F, &always::F];",
        );
        let named = |file: &str, name: &str| {
            let text = format!("static F: F = F {{ signature: CommandSignature {{ name: \"{name}\" }} }};");
            SourceFile::new(&format!("crates/plan/src/commands/{file}.rs"), &text)
        };
        assert_eq!(breaches(&registry, &[named("sort", "sort"), named("always", "true")]), []);
        assert_eq!(breaches(&registry, &[named("sort", "sort"), named("always", "always")]).len(), 1);
    }

    #[test]
    fn undeclared_unregistered_and_unsorted_ones_are_found() {
        assert_eq!(check("static ALL: &[&F] = &[];", &["lower.rs"]).len(), 1);
        assert_eq!(check("mod lower;\nstatic ALL: &[&F] = &[];\nfn a() { lower::b() }", &["lower.rs"]).len(), 1);
        assert_eq!(check("mod b;\nmod a;\nstatic ALL: &[&F] = &[&a::F, &b::F];", &["a.rs", "b.rs"]).len(), 1);
        assert_eq!(check("mod a;\nmod b;\nstatic ALL: &[&F] = &[&b::F, &a::F];", &["a.rs", "b.rs"]).len(), 1);
        assert_eq!(check("mod a;\nmod b;\nenum All { B(b::Arguments), A(a::Arguments) }", &["a.rs", "b.rs"]).len(), 1);
    }
}
