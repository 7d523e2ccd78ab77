//! Code that a page quotes from the repository is what the repository has. A page marks such a block with the comment
//! `<!-- from crates/x/src/y.rs -->` on the line before its fence.

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, tree};

const REMEDY: &str = "An example that no longer compiles teaches the wrong thing. Copy the piece from the file again, or \
     correct the comment before the block.";

/// A quoted block: the line of its comment, the file that it is from, its text.
struct Quote {
    line: usize,
    file: String,
    text: String,
}

fn quotes(page: &str) -> Vec<Quote> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(file) = line.strip_prefix("<!-- from ").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        let block = lines.by_ref().map(|(_, line)| line).skip(1).take_while(|line| !line.starts_with("```"));
        let text = block.collect::<Vec<_>>().join("\n");
        found.push(Quote { line: index + 1, file: file.to_owned(), text });
    }
    found
}

fn breaches(page: &SourceFile, tree: &[SourceFile]) -> Vec<Breach> {
    let mut found = Vec::new();
    for Quote { line, file, text } in quotes(&page.text) {
        let holds = tree.iter().any(|candidate| candidate.path == file && candidate.text.contains(&text));
        if text.is_empty() || !holds {
            found.push(Breach::at_line(&page.path, line, format!("`{file}` does not have this text"), REMEDY));
        }
    }
    found
}

#[test]
fn quoted_code_is_what_the_repository_has() {
    let tree = tree();
    let pages = tree.iter().filter(|file| file.path.ends_with(".md"));
    let found: Vec<Breach> = pages.flat_map(|page| breaches(page, &tree)).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(quoted: &str) -> usize {
        let page = SourceFile::new("a.md", &format!("<!-- from src/a.rs -->\n```rust\n{quoted}\n```\nmore\n"));
        let tree = [SourceFile::new("src/a.rs", "//! x\nfn a() {}\nfn b() {}\n")];
        breaches(&page, &tree).len()
    }

    #[test]
    fn a_stale_quote_is_found_and_a_true_one_is_not() {
        assert_eq!(check("fn a() {}\nfn b() {}"), 0);
        assert_eq!(check("fn a() { 1 }"), 1);
        assert_eq!(check(""), 1);
    }
}
