//! Another parser's opinion: `linux-audit-parser` (the one in LAUREL; LGPL, so for tests only) reads every record of
//! all samples, and every field that differs must be explained by a rule named here. A rule that explains nothing
//! any more fails the test.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod auditd_collect;

use std::collections::{BTreeMap, BTreeSet};

use auditd_collect::{Row, logs_of_others, own_logs, read};
use linux_audit_parser::{Number, Parser, Value};

type Explains = fn(&Difference<'_>) -> bool;
type Repair = fn(&str) -> String;

/// Why a difference is none, in the order in which they are tried.
const RULES: &[(&str, Explains)] = &[
    ("(null), (none), ? and nothing: we have no field, but keep ?", |d| {
        d.ours.is_none() && matches!(d.theirs, Some("" | "(null)" | "(none)"))
            || d.ours == Some("?") && d.theirs == Some("")
    }),
    ("numbers: we keep the text", |d| {
        let (Some(ours), Some(theirs)) = (d.ours, d.theirs) else { return false };
        let digits = |radix, prefix| {
            Some(u64::from_str_radix(ours, radix).ok()) == theirs.strip_prefix(prefix).map(|n| n.parse().ok())
        };
        digits(16, "0x") || digits(8, "0o")
    }),
    ("system calls: we have the name", |d| {
        d.name == "syscall" && d.ours.is_some_and(|ours| ours.starts_with(|c: char| c.is_ascii_lowercase()))
    }),
    ("NUL between arguments: we have a space", |d| {
        d.name == "proctitle"
            && d.theirs.map(|text| text.trim_end_matches('\0').replace('\0', " ")).as_deref() == d.ours
    }),
    ("0x01 between keys: we have several values", |d| {
        d.name == "key" && d.theirs.map(|text| text.replace('\u{1}', "|")).as_deref() == d.ours
    }),
    ("encoded text: they decode any even hexadecimal, we the fields that are ever encoded", |d| {
        let (Some(ours), Some(theirs)) = (d.ours, d.theirs) else { return false };
        let bytes: Option<Vec<u8>> =
            (0..ours.len() / 2).map(|at| u8::from_str_radix(ours.get(2 * at..2 * at + 2)?, 16).ok()).collect();
        ours.len() % 2 == 0 && bytes.is_some_and(|bytes| String::from_utf8_lossy(&bytes) == theirs)
    }),
    (
        "words after a value in msg: ours ends at the space, as ausearch's",
        |d| matches!((d.ours, d.theirs), (Some(ours), Some(theirs)) if theirs.starts_with(&format!("{ours} "))),
    ),
    ("pieces of arguments: we put them together", |d| {
        d.record == "EXECVE"
            && d.name.starts_with('a')
            && (d.name.ends_with(']') && d.ours.is_none() || d.theirs.is_none())
    }),
    ("fields that we derive", |d| {
        d.theirs.is_none()
            && (d.name == "process"
                || d.record == "SOCKADDR"
                    && matches!(d.name, "saddr_fam" | "laddr" | "lport" | "path" | "nlnk-fam" | "nlnk-pid"))
    }),
    ("words at the beginning of msg: they keep the text, or take a word for a key; we read the fields", |d| {
        ["msg=' ", "msg='changing ", "msg='pam: "].iter().any(|start| d.line.contains(start))
            && (d.theirs.is_none() && d.line.contains(&format!("{}=", d.name)) || matches!(d.name, "msg" | "pam"))
    }),
];

/// What the other parser wants otherwise than some logs have it: if it refuses a record, it gets it repaired.
const REPAIRS: &[(&str, Repair)] = &[
    ("a stamp has msg=", |line| line.replacen(" audit(", " msg=audit(", 1)),
    ("there is a separator before upper-case fields", |line| {
        ["ARCH=", "OUID=", "AUID=", "UID="].iter().fold(line.to_owned(), |line, key| {
            ["\"", "0", "1", "'", "(null)"]
                .iter()
                .fold(line, |line, end| line.replace(&format!("{end}{key}"), &format!("{end}\u{1d}{key}")))
        })
    }),
    ("a stamp has a colon, and no words before the fields", |line| {
        [" config changed, ", ": auditd normal halt, sending ", ": auditd start, "]
            .iter()
            .fold(line.to_owned(), |line, words| line.replace(words, ": "))
    }),
];

/// What it cannot read at all: text that is not made of fields.
fn is_prose(line: &str) -> bool {
    line.contains("IPE=ctx (")
}

struct Difference<'a> {
    line: &'a str,
    record: &'a str,
    name: &'a str,
    ours: Option<&'a str>,
    theirs: Option<&'a str>,
}

/// The other parser's fields, with the values of a repeated one joined as [`Row::get`] does.
fn theirs(value: &Value<'_>, name: &str, into: &mut BTreeMap<String, Vec<String>>) {
    let text = match value {
        Value::Map(inner) => {
            for (key, value) in inner {
                theirs(value, &key.to_string(), into);
            }
            return;
        }
        Value::Empty => String::new(),
        Value::Number(Number::Hex(n)) => format!("0x{n}"),
        Value::Number(Number::Oct(n)) => format!("0o{n}"),
        Value::Number(Number::Dec(n)) => n.to_string(),
        Value::Str(bytes, _) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Owned(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => format!("{other:?}"),
    };
    into.entry(name.to_owned()).or_default().push(text);
}

/// Compares one record, and notes the rules that were needed.
fn compare(row: &Row, used: &mut BTreeSet<&'static str>, problems: &mut Vec<String>) {
    let line = format!("{}\n", row.raw);
    let message = match Parser::default().parse(line.as_bytes()) {
        Ok(message) => message,
        Err(_) => {
            let repaired = REPAIRS.iter().find_map(|(rule, repair)| {
                let message = Parser::default().parse(repair(&line).as_bytes()).ok()?;
                used.insert(rule);
                Some(message)
            });
            match repaired {
                Some(message) => message,
                None if is_prose(&line) => return,
                None => return problems.push(format!("refused: {}", row.raw)),
            }
        }
    };
    let mut their_fields = BTreeMap::new();
    for (key, value) in &message.body {
        theirs(value, &key.to_string(), &mut their_fields);
    }
    let record = row.get("type");
    if message.ty.to_string() != record {
        problems.push(format!("type {} or {record}: {}", message.ty, row.raw));
    }
    let names: BTreeSet<_> = row.fields.keys().chain(their_fields.keys()).filter(|name| *name != "type").collect();
    for name in names {
        let ours = row.fields.get(name).map(|values| values.join("|"));
        let theirs = their_fields.get(name).map(|values| values.join("|"));
        if ours == theirs {
            continue;
        }
        let difference =
            Difference { line: &row.raw, record: &record, name, ours: ours.as_deref(), theirs: theirs.as_deref() };
        match RULES.iter().find(|(_, explains)| explains(&difference)) {
            Some((rule, _)) => drop(used.insert(rule)),
            None => problems.push(format!("{name}: ours {ours:?}, theirs {theirs:?}: {}", row.raw)),
        }
    }
}

#[test]
fn fields_agree_or_the_difference_is_explained() {
    let mut used = BTreeSet::new();
    let mut problems = Vec::new();
    let mut records = 0;
    for path in own_logs().iter().chain(&logs_of_others()) {
        let log = std::fs::read(path).unwrap();
        for row in read(&log).rows {
            // Alone, a record has its own fields only.
            let alone = read(&row.raw).rows.remove(0);
            compare(&alone, &mut used, &mut problems);
            records += 1;
        }
    }
    assert!(problems.is_empty(), "{} unexplained:\n{}", problems.len(), problems.join("\n"));
    assert!(records >= 1236, "{records} records");
    let rules = RULES.iter().map(|(rule, _)| *rule).chain(REPAIRS.iter().map(|(rule, _)| *rule));
    let unused: Vec<_> = rules.filter(|rule| !used.contains(rule)).collect();
    assert!(unused.is_empty(), "rules that explain nothing: {unused:?}");
}
