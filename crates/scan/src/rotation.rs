//! The age of a file in a rotated set, from its name: `audit.log` is newer than `audit.log.1`, which is newer than
//! `audit.log.2.gz`; of `audit.log-20261122` and `audit.log-20261123` the second is newer.
//!
//! The rules are those of logrotate (numbers, `dateext`, `extension`), auditd (`max_log_file_action = ROTATE`) and of
//! the Kubernetes API server (`audit-2026-11-23T10-15-30.123.log`). Modification times are ignored, because copies do not
//! preserve them.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Maximum length of a rotation number. More digits are a date, a process ID or part of a name.
const NUMBER_DIGITS: usize = 5;

/// The set that a file belongs to: its directory, and its name without number, date and compression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Set {
    directory: PathBuf,
    stem: String,
}

/// The age of a file in its set; greater is newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Rotated away at this time, digits only.
    Dated(String),
    /// The n-th last.
    Numbered(u32),
    /// Being written.
    Current,
}

impl Age {
    fn class(&self) -> u8 {
        match self {
            Self::Dated(_) => 0,
            Self::Numbered(_) => 1,
            Self::Current => 2,
        }
    }
}

impl Ord for Age {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Dated(a), Self::Dated(b)) => a.cmp(b),
            (Self::Numbered(a), Self::Numbered(b)) => b.cmp(a),
            _ => self.class().cmp(&other.class()),
        }
    }
}

impl PartialOrd for Age {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The set and the age of a file.
pub(crate) fn of(path: &Path) -> (Set, Age) {
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = without_compression(&name);
    let (stem, age) = dated(name).or_else(|| numbered(name)).unwrap_or_else(|| (name.to_owned(), Age::Current));
    (Set { directory, stem }, age)
}

fn without_compression(name: &str) -> &str {
    let suffixes = [".gz", ".zst", ".zstd", ".z"];
    suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

/// `audit.log.3` and `audit.3.log`.
fn numbered(name: &str) -> Option<(String, Age)> {
    let (rest, last) = name.rsplit_once('.')?;
    if let Some(number) = number(last) {
        return Some((rest.to_owned(), Age::Numbered(number)));
    }
    let (stem, middle) = rest.rsplit_once('.')?;
    number(middle).map(|number| (format!("{stem}.{last}"), Age::Numbered(number)))
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() <= NUMBER_DIGITS { text.parse().ok() } else { None }
}

/// `audit.log-20261123`, `audit.log.2026-11-23`, `audit-20261123.log`, `audit-2026-11-23T10-15-30.123.log`.
fn dated(name: &str) -> Option<(String, Age)> {
    for (at, separator) in name.char_indices() {
        if !matches!(separator, '-' | '.' | '_') || at == 0 {
            continue;
        }
        let rest = &name[at + 1..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '_' | 'T' | ':' | '.' | 'Z')));
        let mut stamp = &rest[..length.unwrap_or(rest.len())];
        if length.is_some() {
            // The extension's dot.
            stamp = stamp.trim_end_matches(['.', '-', '_']);
        }
        let digits: String = stamp.chars().filter(char::is_ascii_digit).collect();
        if is_date(stamp, &digits) {
            return Some((format!("{}{}", &name[..at], &rest[stamp.len()..]), Age::Dated(digits)));
        }
    }
    None
}

/// Whether the digits begin with a date of this or the last century, or are seconds since 1970.
fn is_date(stamp: &str, digits: &str) -> bool {
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
    let calendar = digits.len() >= 8
        && part(0..4).is_some_and(|year| (1970..2200).contains(&year))
        && part(4..6).is_some_and(|month| (1..=12).contains(&month))
        && part(6..8).is_some_and(|day| (1..=31).contains(&day));
    stamp.starts_with(|c: char| c.is_ascii_digit()) && (calendar || (digits.len() == 10 && stamp.len() == 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str]) -> Vec<String> {
        let mut files: Vec<_> = names.iter().map(|name| (of(Path::new(name)), *name)).collect();
        let set = files[0].0.0.clone();
        for ((other, _), name) in &files {
            assert_eq!(*other, set, "{name} is of the set");
        }
        files.sort_by(|a, b| a.0.1.cmp(&b.0.1));
        files.into_iter().map(|(_, name)| name.to_owned()).collect()
    }

    #[test]
    fn numbers_count_backwards() {
        let names = ["a/audit.log", "a/audit.log.1", "a/audit.log.10.gz", "a/audit.log.2.zst"];
        assert_eq!(order(&names), ["a/audit.log.10.gz", "a/audit.log.2.zst", "a/audit.log.1", "a/audit.log"]);
        assert_eq!(order(&["audit.log", "audit.1.log", "audit.2.log"]), ["audit.2.log", "audit.1.log", "audit.log"]);
    }

    #[test]
    fn dates_count_forwards() {
        let names = ["audit.log", "audit.log-20261123", "audit.log-20261122.gz", "audit.log-2026112310"];
        assert_eq!(order(&names), ["audit.log-20261122.gz", "audit.log-20261123", "audit.log-2026112310", "audit.log"]);
        let kubernetes = ["audit.log", "audit-2026-11-23T10-15-30.123.log", "audit-2026-11-23T09-59-59.999.log.gz"];
        assert_eq!(order(&kubernetes), [kubernetes[2], kubernetes[1], kubernetes[0]]);
        assert_eq!(order(&["a.json", "a-20261123.json"]), ["a-20261123.json", "a.json"]);
        assert_eq!(order(&["m", "m-1764201600", "m-1764115200"]), ["m-1764115200", "m-1764201600", "m"]);
    }

    #[test]
    fn other_names_are_sets_of_their_own() {
        for name in ["audit.log", "web-01.log", "2026.log", "pod-123456789.log", "x-99991399", ".1"] {
            let (_, age) = of(Path::new(name));
            let rotated = name == ".1";
            assert_eq!(age == Age::Current, !rotated, "{name}");
        }
        assert_ne!(of(Path::new("a/audit.log")).0, of(Path::new("b/audit.log.1")).0);
    }
}
