//! Words that must not stay in a text: reminders of unfinished work, and paths of the machine it was written on.

use crate::breach::{Breach, assert_none};
use crate::source::{SourceFile, tree};

/// Marks of unfinished work, put together here so that this file does not hold them.
const REMINDERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Folders of a machine that are nobody else's, in any file.
const PRIVATE_EVERYWHERE: &[&str] = &[concat!("/wo", "rk/"), concat!("/Us", "ers/"), ROOTS_HOME];
const ROOTS_HOME: &str = concat!("/ro", "ot/.");

/// Texts about the hosts that logs come from, where attackers and users have their files: detections, what is written about
/// them, and the rules for auditd.
const ABOUT_HOSTS: &[&str] = &["content/", "docs/detections/", "docs/playbook.md", "docs/threats.md", "docs/tuning.md"];

/// The same, in pages, manifests and scripts only: the logs that tests quote have homes and temporary files in them.
const PRIVATE_IN_TEXTS: &[&str] = &[concat!("/ho", "me/"), concat!("/tm", "p/")];

const REMINDER_REMEDY: &str = "What is not done is an issue, not a comment: a reader cannot tell whether it still holds. Do it, \
     or say in plain words what is not supported.";
const PATH_REMEDY: &str = "The repository has to work in any folder of any machine. Write the path from the root of the \
     repository.";

fn breaches(file: &SourceFile) -> Vec<Breach> {
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for word in REMINDERS.iter().filter(|word| holds_word(line, word)) {
            found.push(Breach::at_line(&file.path, index + 1, format!("says `{word}`"), REMINDER_REMEDY));
        }
        let about_hosts = ABOUT_HOSTS.iter().any(|start| file.path.starts_with(start));
        let texts = if file.is_rust() || about_hosts { &[] } else { PRIVATE_IN_TEXTS };
        let everywhere = PRIVATE_EVERYWHERE.iter().filter(|path| !about_hosts || **path != ROOTS_HOME);
        for path in everywhere.chain(texts).filter(|path| holds_path(line, path)) {
            found.push(Breach::at_line(&file.path, index + 1, format!("names a place under `{path}`"), PATH_REMEDY));
        }
    }
    found
}

/// Whether a line holds a word that is not part of a longer one: a masked audit id is ten X.
fn holds_word(line: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part_of_word) && !line[at + word.len()..].starts_with(part_of_word))
}

/// Whether a line holds an absolute path that starts so: `crates/home/a` is none.
fn holds_path(line: &str, path: &str) -> bool {
    let part_of_path = |c: char| c.is_alphanumeric() || "._-~}".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(part_of_path))
}

#[test]
fn texts_hold_no_reminders_and_no_private_paths() {
    let found: Vec<Breach> = tree().iter().filter(|file| file.path != "Cargo.lock").flat_map(breaches).collect();
    assert_none(&found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_are_found_as_words() {
        let note = format!("// {}: later\n", REMINDERS[0]);
        assert_eq!(breaches(&SourceFile::new("a.rs", &note)).len(), 1);
        assert_eq!(breaches(&SourceFile::new("a.rs", "audit(XXXXXXXXXX.428:235)\n")), []);
    }

    #[test]
    fn private_paths_are_found_and_those_of_logs_are_not() {
        let page = format!("see {}me/bin\n", PRIVATE_IN_TEXTS[0]);
        assert_eq!(breaches(&SourceFile::new("docs/a.md", &page)).len(), 1);
        assert_eq!(breaches(&SourceFile::new("a.rs", &page)), []);
        assert_eq!(breaches(&SourceFile::new("docs/a.md", "crates/home/a and /var/run/docker.sock\n")), []);
        let code = format!("\"{}main\"\n", PRIVATE_EVERYWHERE[0]);
        assert_eq!(breaches(&SourceFile::new("a.rs", &code)).len(), 1);
    }
}
