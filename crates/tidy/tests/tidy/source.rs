//! The tree of files that the rules are held against, and Rust files as tokens.
//!
//! Tokens, not text, so that a brace in a string or the word `unwrap` in a comment is no finding; and not a full
//! syntax tree, since no rule needs one.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Folders that hold no text of ours: build products, version control and what the fuzzer found.
const SKIPPED_FOLDERS: &[&str] = &[".git", "target", "artifacts", "coverage", "samples"];

/// A folder of logs. Only the pages that lie directly in it are text of ours.
const LOGS: &str = "corpus";

/// A text file of the repository.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path from the root of the repository, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// Whether another file declares it with `#[cfg(test)] mod …;`.
    pub declared_for_tests: bool,
}

impl SourceFile {
    /// A file for a test.
    #[cfg(test)]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), declared_for_tests: false }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The name without folder and ending.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The folder it is in.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether the whole file is test code: an integration test, a module for tests, a benchmark, an example or a fuzz
    /// target.
    pub fn is_test_code(&self) -> bool {
        let folders = ["tests", "benches", "examples", "fuzz_targets"];
        self.declared_for_tests || self.path.split('/').any(|part| folders.contains(&part))
    }

    /// The file as tokens.
    ///
    /// # Panics
    /// When it is no Rust; the compiler says more about that.
    pub fn tokens(&self) -> Vec<TokenTree> {
        let stream: TokenStream = self.text.parse().unwrap_or_else(|error| panic!("{}: {error}", self.path));
        stream.into_iter().collect()
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate lies two folders deep")
}

/// All text files of the repository, sorted by path. Logs and build products are not among them.
pub fn tree() -> Vec<SourceFile> {
    let root = root();
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let for_tests: Vec<String> = files.iter().filter(|file| file.is_rust()).flat_map(modules_for_tests).collect();
    for file in &mut files {
        let is_module = |module: &String| {
            file.path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        file.declared_for_tests = for_tests.iter().any(is_module);
    }
    files
}

/// The paths, without ending, of the modules that a file declares with `#[cfg(test)] mod …;`.
fn modules_for_tests(file: &SourceFile) -> Vec<String> {
    let folder = match file.stem() {
        "lib" | "main" | "mod" => file.folder().to_owned(),
        stem => format!("{}/{stem}", file.folder()),
    };
    let tokens = file.tokens();
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|at| starts_cfg_test(&tokens, *at)) {
        let item = &tokens[at + 2..end_of_item(&tokens, at + 2)];
        let name = item.iter().position(|token| is_ident(Some(token), "mod")).and_then(|at| item.get(at + 1));
        if let (Some(TokenTree::Ident(name)), true) = (name, is_punct(item.last(), ';')) {
            found.push(format!("{folder}/{name}"));
        }
    }
    found
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository can be read") {
        let path = entry.expect("a folder of the repository can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // In a worktree of git, `.git` is a file.
        if SKIPPED_FOLDERS.contains(&name) {
            continue;
        }
        if path.is_dir() {
            if !folder.ends_with(LOGS) {
                walk(root, &path, files);
            }
            continue;
        }
        if folder.ends_with(LOGS) && !name.ends_with(".md") {
            continue;
        }
        if let Ok(text) = fs::read_to_string(&path) {
            let inside = path.strip_prefix(root).expect("the walk starts at the root");
            let path = inside.to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path, text, declared_for_tests: false });
        }
    }
}

/// Whether `tokens[at]` starts the attribute `#[cfg(test)]`.
pub fn starts_cfg_test(tokens: &[TokenTree], at: usize) -> bool {
    let (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(group))) = (tokens.get(at), tokens.get(at + 1)) else {
        return false;
    };
    hash.as_char() == '#' && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// The index after the item that starts at `at`: after its body in braces or its semicolon.
pub fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let rest = tokens.iter().enumerate().skip(at);
    for (index, token) in rest {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return index + 1,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Whether a token is this identifier or keyword.
pub fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// Whether a token is this punctuation character.
pub fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// The tokens inside a group.
pub fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// The text of a string literal, escapes left as they are.
pub fn string_literal(token: Option<&TokenTree>) -> Option<String> {
    let Some(TokenTree::Literal(literal)) = token else { return None };
    let written = literal.to_string();
    let open = written.find('"')?;
    let close = written.rfind('"')?;
    (written.starts_with(['"', 'r']) && close > open).then(|| written[open + 1..close].to_owned())
}

/// How many lines the `#[cfg(test)]` items of a file take.
pub fn test_lines(tokens: &[TokenTree]) -> usize {
    let mut lines = 0;
    let mut at = 0;
    while at < tokens.len() {
        if starts_cfg_test(tokens, at) {
            let end = end_of_item(tokens, at + 2);
            lines += tokens[end - 1].span().end().line - tokens[at].span().start().line + 1;
            at = end;
        } else {
            at += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_test_modules_are_told_from_the_rest() {
        let file = SourceFile::new("a.rs", "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
        assert_eq!(test_lines(&file.tokens()), 4);
    }

    #[test]
    fn files_declared_for_tests_are_told_from_the_rest() {
        let file = SourceFile::new("crates/x/src/lib.rs", "mod a;\n#[cfg(test)]\npub(crate) mod testing;\n");
        assert_eq!(modules_for_tests(&file), ["crates/x/src/testing"]);
        let file = SourceFile::new("crates/x/src/a.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod b {}\n");
        assert_eq!(modules_for_tests(&file), ["crates/x/src/a/tests"]);
    }

    #[test]
    fn the_tree_holds_this_file_and_no_log() {
        let tree = tree();
        assert!(tree.iter().any(|file| file.path == "crates/tidy/tests/tidy/source.rs"));
        assert!(tree.iter().all(|file| !file.path.starts_with("corpus/") || file.path.ends_with(".md")));
    }

    #[test]
    fn string_literals_are_read_plain_and_raw() {
        let tokens = SourceFile::new("a.rs", r###" "plain" r#"raw"# 7 "###).tokens();
        assert_eq!(string_literal(tokens.first()).as_deref(), Some("plain"));
        assert_eq!(string_literal(tokens.get(1)).as_deref(), Some("raw"));
        assert_eq!(string_literal(tokens.get(2)), None);
    }
}
