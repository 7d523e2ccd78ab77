//! Links between the repository's pages lead somewhere: to a file that exists, and to a heading that it has.

use std::path::Path;

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, root, tree};

const REMEDY: &str = "A dead link sends the reader away with nothing. Mend the path (it is taken from the page's own folder) or \
     the heading's anchor, or drop the link.";

/// A link of a page: the line and the target.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_fence = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence {
            continue;
        }
        // Every second piece between backquotes is code.
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        for target in prose.join("").split("](").skip(1) {
            if let Some((target, _)) = target.split_once(')') {
                found.push((index + 1, target.to_owned()));
            }
        }
    }
    found
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    headings
        .map(|line| line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>())
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

fn breaches(page: &SourceFile, tree: &[SourceFile], exists: impl Fn(&str) -> bool) -> Vec<Breach> {
    let mut found = Vec::new();
    for (line, target) in links(&page.text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let path = if file.is_empty() { page.path.clone() } else { resolve(page.folder(), file) };
        if !exists(&path) {
            found.push(Breach::at_line(&page.path, line, format!("links to `{target}`: no `{path}`"), REMEDY));
            continue;
        }
        let known = tree.iter().find(|file| file.path == path).is_none_or(|file| {
            anchor.is_empty() || !path.ends_with(".md") || anchors(&file.text).iter().any(|name| name == anchor)
        });
        if !known {
            found.push(Breach::at_line(&page.path, line, format!("links to `{target}`: no such heading"), REMEDY));
        }
    }
    found
}

/// A path from the root, for a target written from a folder.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn links_between_pages_lead_somewhere() {
    let tree = tree();
    let root = root();
    let exists = |path: &str| Path::new(&root).join(path).exists();
    let pages = tree.iter().filter(|file| file.path.ends_with(".md"));
    let found: Vec<Breach> = pages.flat_map(|page| breaches(page, &tree, exists)).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> usize {
        let page = SourceFile::new("docs/a.md", text);
        let tree = [SourceFile::new("docs/b.md", "# Exit codes, all\n"), SourceFile::new("README.md", "")];
        breaches(&page, &tree, |path| tree.iter().any(|file| file.path == path)).len()
    }

    #[test]
    fn dead_links_are_found() {
        assert_eq!(check("see [c](c.md) and [d](../d.md)"), 2);
        assert_eq!(check("see [b](b.md#exit)"), 1);
    }

    #[test]
    fn live_links_code_and_addresses_are_no_finding() {
        assert_eq!(check("see [b](b.md), [b](b.md#exit-codes-all), [r](../README.md), [s](https://splunk.com/x)"), 0);
        assert_eq!(check("`[a](b)` and\n```\n[c](c.md)\n```\n"), 0);
    }
}
