//! Every command and function has its page of the specification, and every page its command or function.
//!
//! The names are read from the declarations (`EvalFunction { name: "upper", … }`), so that the check needs none of the
//! crates. A kind is checked from the day on that its folder under `spec/` exists.

use proc_macro2::{Delimiter, TokenTree};

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, inside, is_ident, is_punct, string_literal, tree};

/// A kind of feature: the struct that declares it, the folder of its files, the folder of its pages.
struct Kind {
    declaration: &'static str,
    sources: &'static str,
    pages: &'static str,
}

const KINDS: &[Kind] = &[
    Kind { declaration: "CommandSignature", sources: "crates/plan/src/commands/", pages: "spec/commands/" },
    Kind { declaration: "EvalFunction", sources: "crates/functions/src/eval/", pages: "spec/eval/" },
    Kind { declaration: "StatsFunction", sources: "crates/functions/src/stats/", pages: "spec/stats/" },
];

const NO_PAGE: &str = "The specification is what the language promises, and it runs as tests. Write the page with at least \
     one search and its result; CONTRIBUTING.md shows one.";
const NO_FEATURE: &str =
    "A page about something that does not exist misleads. Delete it, or name it as the declaration does.";

/// The name of the first feature of any kind that a file declares.
pub fn declared_name(file: &SourceFile) -> Option<String> {
    KINDS.iter().find_map(|kind| names(file, kind).into_iter().next())
}

/// The names that a file declares for a kind, where the declaration is a literal.
fn names(file: &SourceFile, kind: &Kind) -> Vec<String> {
    let mut found = Vec::new();
    collect(&file.tokens(), kind.declaration, &mut found);
    found
}

fn collect(tokens: &[TokenTree], declaration: &str, found: &mut Vec<String>) {
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let body = inside(group);
        let declares = at > 0 && group.delimiter() == Delimiter::Brace && is_ident(tokens.get(at - 1), declaration);
        if declares && is_ident(body.first(), "name") && is_punct(body.get(1), ':') {
            // `perc<number>` has its page at `perc`.
            let name = string_literal(body.get(2)).unwrap_or_default();
            found.push(name.trim_end_matches("<number>").to_owned());
        }
        collect(&body, declaration, found);
    }
}

fn breaches(kind: &Kind, tree: &[SourceFile]) -> Vec<Breach> {
    let pages: Vec<&SourceFile> =
        tree.iter().filter(|file| file.path.starts_with(kind.pages) && file.path.ends_with(".md")).collect();
    if pages.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut declared = Vec::new();
    for file in tree.iter().filter(|file| file.path.starts_with(kind.sources) && !file.is_test_code()) {
        for name in names(file, kind) {
            if !pages.iter().any(|page| page.stem() == name) {
                let what = format!("`{name}` has no page {}{name}.md", kind.pages);
                found.push(Breach::of_file(&file.path, what, NO_PAGE));
            }
            declared.push(name);
        }
    }
    for page in pages.iter().filter(|page| page.stem() != "README" && !declared.iter().any(|name| name == page.stem()))
    {
        let what = format!("nothing in {} declares `{}`", kind.sources, page.stem());
        found.push(Breach::of_file(&page.path, what, NO_FEATURE));
    }
    found
}

#[test]
fn every_command_and_function_has_its_page() {
    let tree = tree();
    let found: Vec<Breach> = KINDS.iter().flat_map(|kind| breaches(kind, &tree)).collect();
    assert_none(&found);
}

#[test]
fn declarations_of_every_kind_with_pages_are_recognised() {
    let tree = tree();
    for kind in KINDS.iter().filter(|kind| tree.iter().any(|file| file.path.starts_with(kind.pages))) {
        let sources = tree.iter().filter(|file| file.path.starts_with(kind.sources));
        let declared = sources.flat_map(|file| names(file, kind)).count();
        assert!(declared > 0, "no `{} {{ name: \"…\" }}` under {}", kind.declaration, kind.sources);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pages: &[&str]) -> usize {
        let mut tree = vec![
            SourceFile::new(
                "crates/functions/src/stats/a.rs",
                "static A: StatsFunction = StatsFunction { name: \"sum\", aliases: &[] };\n\
                 static B: StatsFunction = StatsFunction { name: \"perc<number>\", aliases: &[] };",
            ),
            SourceFile::new("crates/functions/src/stats/mod.rs", "pub struct StatsFunction { pub name: &'static str }"),
        ];
        tree.extend(pages.iter().map(|name| SourceFile::new(&format!("spec/stats/{name}.md"), "")));
        KINDS.iter().map(|kind| breaches(kind, &tree).len()).sum()
    }

    #[test]
    fn missing_and_stale_pages_are_found() {
        assert_eq!(check(&["sum"]), 1);
        assert_eq!(check(&["sum", "perc", "avg"]), 1);
    }

    #[test]
    fn complete_pages_are_no_finding_and_no_folder_is_no_demand() {
        assert_eq!(check(&["sum", "perc", "README"]), 0);
        assert_eq!(check(&[]), 0);
    }
}
