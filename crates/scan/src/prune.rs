//! What a condition still says about the rows of one file, once the file's own index, sourcetype and source are put
//! in. A file that no row is wanted from is not read.
//!
//! `host` never rules a file out: rows can name their own (auditd's `node=`).

use dogwatch_formats::Condition;

use crate::inputs::InputFile;
use crate::names::{NameTable, is_self_named};

/// The condition that is left for the rows of `file`. Never stronger than the condition.
pub(crate) fn for_file(condition: &Condition, file: &InputFile, names: &NameTable) -> Condition {
    match condition {
        Condition::All(parts) => all(parts.iter().map(|part| for_file(part, file, names))),
        Condition::Any(parts) => any(parts.iter().map(|part| for_file(part, file, names))),
        Condition::Field { name, literals, whole } => field(condition, name, literals, *whole, file, names),
        Condition::Anything | Condition::Nothing | Condition::Raw(_) | Condition::Absent(_) => condition.clone(),
    }
}

fn all(parts: impl Iterator<Item = Condition>) -> Condition {
    let mut left = Vec::new();
    for part in parts {
        match part {
            Condition::Anything => {}
            Condition::Nothing => return Condition::Nothing,
            part => left.push(part),
        }
    }
    match left.len() {
        0 => Condition::Anything,
        1 => left.swap_remove(0),
        _ => Condition::All(left),
    }
}

fn any(parts: impl Iterator<Item = Condition>) -> Condition {
    let mut left = Vec::new();
    for part in parts {
        match part {
            Condition::Anything => return Condition::Anything,
            Condition::Nothing => {}
            part => left.push(part),
        }
    }
    match left.len() {
        0 => Condition::Nothing,
        1 => left.swap_remove(0),
        _ => Condition::Any(left),
    }
}

fn field(
    condition: &Condition,
    name: &str,
    literals: &[String],
    whole: bool,
    file: &InputFile,
    names: &NameTable,
) -> Condition {
    let matches = |value: &str| fits(value, literals, whole);
    // All names that the search may mean by the literals, and whether the file has one of them.
    let (value, meant) = match name {
        "index" => (&file.index, names.indexes(&matches)),
        "sourcetype" => (&file.sourcetype, names.sourcetypes(&matches)),
        "source" => (&file.source, Vec::new()),
        "host" | "_time" => return Condition::Anything,
        _ => return condition.clone(),
    };
    if matches(value) || meant.iter().any(|name| name.eq_ignore_ascii_case(value)) {
        Condition::Anything
    } else if is_self_named(file.format) {
        let same = meant.into_iter().map(|meant| Condition::Field {
            name: name.to_owned(),
            literals: vec![meant.to_owned()],
            whole: true,
        });
        any(std::iter::once(condition.clone()).chain(same))
    } else {
        Condition::Nothing
    }
}

/// Whether a value can satisfy the literals. Case is only known to be ignored right for ASCII: anything else fits.
pub(crate) fn fits(value: &str, literals: &[String], whole: bool) -> bool {
    if !value.is_ascii() || literals.iter().any(|literal| !literal.is_ascii()) {
        return true;
    }
    if let (true, [literal]) = (whole, literals) {
        return value.eq_ignore_ascii_case(literal);
    }
    let mut rest = value.as_bytes();
    literals.iter().all(|literal| {
        let Some(at) = find_ignoring_case(rest, literal.as_bytes()) else { return false };
        rest = &rest[at + literal.len()..];
        true
    })
}

/// Where text begins in other text, both ASCII.
fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let Some(first) = wanted.first() else { return Some(0) };
    let last = text.len().checked_sub(wanted.len())?;
    let starts = memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text);
    starts.take_while(|at| *at <= last).find(|at| text[*at..*at + wanted.len()].eq_ignore_ascii_case(wanted))
}

/// The words that a condition asks for, for people: `type=EXECVE, (a0=kubectl | a0=docker)`.
pub(crate) fn words(condition: &Condition) -> String {
    let join = |parts: &[Condition], separator| parts.iter().map(words).collect::<Vec<_>>().join(separator);
    match condition {
        Condition::Anything => String::new(),
        Condition::Nothing => "nothing".to_owned(),
        Condition::All(parts) => join(parts, ", "),
        Condition::Any(parts) => format!("({})", join(parts, " | ")),
        Condition::Field { name, literals, whole: true } => format!("{name}={}", literals.join("*")),
        Condition::Field { name, literals, whole: false } => format!("{name}=*{}*", literals.join("*")),
        Condition::Raw(text) => text.clone(),
        Condition::Absent(name) => format!("no {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_format::{JSON_LIKE, PAIRS, file};
    use Condition::{All, Any, Anything, Nothing};

    fn equals(name: &str, value: &str) -> Condition {
        Condition::Field { name: name.into(), literals: vec![value.into()], whole: true }
    }

    fn contains(name: &str, literals: &[&str]) -> Condition {
        let literals = literals.iter().map(|&literal| literal.to_owned()).collect();
        Condition::Field { name: name.into(), literals, whole: false }
    }

    fn pairs(condition: &Condition) -> Condition {
        for_file(condition, &file(&PAIRS, "/var/log/p.log"), &NameTable::of(&[&PAIRS, &JSON_LIKE]))
    }

    fn json(condition: &Condition) -> Condition {
        for_file(condition, &file(&JSON_LIKE, "/var/log/j.log"), &NameTable::of(&[&PAIRS, &JSON_LIKE]))
    }

    #[test]
    fn names_of_the_file_decide() {
        assert_eq!(pairs(&equals("sourcetype", "Pairs")), Anything);
        assert_eq!(pairs(&equals("sourcetype", "pairs:old")), Anything);
        assert_eq!(pairs(&contains("sourcetype", &["pa", "old"])), Anything);
        assert_eq!(pairs(&contains("sourcetype", &["old", "pa"])), Nothing);
        assert_eq!(pairs(&equals("sourcetype", "_json")), Nothing);
        assert_eq!(pairs(&equals("index", "os")), Anything);
        assert_eq!(pairs(&equals("index", "windows")), Nothing);
        assert_eq!(pairs(&contains("source", &["/log/"])), Anything);
        assert_eq!(pairs(&equals("source", "/log/")), Nothing);
    }

    #[test]
    fn a_host_never_rules_a_file_out() {
        assert_eq!(pairs(&equals("host", "web1")), Anything);
    }

    #[test]
    fn what_is_not_ascii_never_rules_a_file_out() {
        assert_eq!(pairs(&equals("sourcetype", "pair\u{17f}")), Anything);
    }

    #[test]
    fn rows_that_name_themselves_are_looked_at() {
        assert_eq!(json(&equals("sourcetype", "_json")), Anything);
        assert_eq!(json(&equals("sourcetype", "nginx")), equals("sourcetype", "nginx"));
        let meant =
            [equals("sourcetype", "pairs:old"), equals("sourcetype", "pairs"), equals("sourcetype", "pairs:old")];
        assert_eq!(json(&equals("sourcetype", "pairs:old")), Any(meant.into()));
    }

    #[test]
    fn all_and_any_collapse() {
        let execve = equals("type", "EXECVE");
        let here = equals("sourcetype", "pairs");
        let elsewhere = equals("sourcetype", "_json");
        assert_eq!(pairs(&All(vec![here.clone(), execve.clone()])), execve);
        assert_eq!(pairs(&All(vec![elsewhere.clone(), execve.clone()])), Nothing);
        assert_eq!(pairs(&Any(vec![elsewhere.clone(), execve.clone()])), execve);
        assert_eq!(pairs(&Any(vec![here, execve.clone()])), Anything);
        assert_eq!(pairs(&Any(vec![elsewhere.clone(), elsewhere])), Nothing);
        assert_eq!(pairs(&All(vec![])), Anything);
        assert_eq!(pairs(&Any(vec![])), Nothing);
    }

    #[test]
    fn words_are_for_people() {
        let condition = All(vec![
            equals("type", "EXECVE"),
            Any(vec![equals("a0", "kubectl"), contains("a1", &["get", "secret"])]),
            Condition::Raw("token".into()),
        ]);
        assert_eq!(words(&condition), "type=EXECVE, (a0=kubectl | a1=*get*secret*), token");
    }
}
