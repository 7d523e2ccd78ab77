//! File pruning: simplifies a condition for the rows of one file by substituting the file's index, sourcetype and source.
//! A file of which no row can match is not read.
//!
//! `host` never rules a file out: rows can name their own (auditd's `node=`).

use dogwatch_predicate::{Condition, Pattern, Predicate};

use crate::inputs::InputFile;
use crate::names::NameTable;

/// The condition that remains for the rows of `file`. Never stronger than the original.
pub(crate) fn for_file(condition: &Condition, file: &InputFile, names: &NameTable) -> Condition {
    condition.replace(&mut |predicate| match predicate {
        Predicate::Field { name, pattern } => field(name, pattern, file, names),
        Predicate::Raw(_) | Predicate::Absent(_) => Condition::Test(predicate.clone()),
    })
}

fn field(name: &str, pattern: &Pattern, file: &InputFile, names: &NameTable) -> Condition {
    let condition = || Condition::field(name, pattern.clone());
    let matcher = pattern.matcher();
    let matches = |value: &str| matcher.matches(value);
    // All names that the pattern can refer to, and whether the file has one of them.
    let (value, meant) = match name {
        "index" => (&file.index, names.indexes(&matches)),
        "sourcetype" => (&file.sourcetype, names.sourcetypes(&matches)),
        "source" => (&file.source, Vec::new()),
        "host" | "_time" => return Condition::Anything,
        _ => return condition(),
    };
    if matches(value) || meant.iter().any(|name| name.eq_ignore_ascii_case(value)) {
        Condition::Anything
    } else if file.format.about().names_itself {
        let same = meant.into_iter().map(|meant| Condition::equals(name, meant));
        Condition::any(std::iter::once(condition()).chain(same))
    } else {
        Condition::Nothing
    }
}

/// A condition in readable form: `type=EXECVE, (a0=kubectl | a0=docker)`.
pub(crate) fn words(condition: &Condition) -> String {
    let join = |parts: &[Condition], separator| parts.iter().map(words).collect::<Vec<_>>().join(separator);
    match condition {
        Condition::Anything => String::new(),
        Condition::Nothing => "nothing".to_owned(),
        Condition::All(parts) => join(parts, ", "),
        Condition::Any(parts) => format!("({})", join(parts, " | ")),
        Condition::Test(Predicate::Field { name, pattern }) => format!("{name}={pattern}"),
        Condition::Test(Predicate::Raw(pattern)) => pattern.to_string(),
        Condition::Test(Predicate::Absent(name)) => format!("no {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_format::{JSON_LIKE, PAIRS, file};
    use Condition::{All, Any, Anything, Nothing};

    fn equals(name: &str, value: &str) -> Condition {
        Condition::equals(name, value)
    }

    fn fits(name: &str, pattern: &str) -> Condition {
        Condition::field(name, Pattern::with_stars(pattern))
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
        assert_eq!(pairs(&fits("sourcetype", "pa*old")), Anything);
        assert_eq!(pairs(&fits("sourcetype", "*old*pa*")), Nothing);
        assert_eq!(pairs(&equals("sourcetype", "_json")), Nothing);
        assert_eq!(pairs(&equals("index", "os")), Anything);
        assert_eq!(pairs(&equals("index", "windows")), Nothing);
        assert_eq!(pairs(&fits("source", "*/log/*")), Anything);
        assert_eq!(pairs(&equals("source", "/log/")), Nothing);
    }

    #[test]
    fn a_host_never_rules_a_file_out() {
        assert_eq!(pairs(&equals("host", "web1")), Anything);
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
            Any(vec![equals("a0", "kubectl"), fits("a1", "*get*secret*")]),
            Condition::raw("token"),
        ]);
        assert_eq!(words(&condition), "type=EXECVE, (a0=kubectl | a1=*get*secret*), token");
    }
}
