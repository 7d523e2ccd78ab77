//! From a condition on fields to expressions over the raw bytes of an event.
//!
//! An event that could satisfy the condition must match; one that could not may. So for every literal all forms are
//! looked for in which the log can have it:
//!
//! - as it stands, or in upper-case hexadecimal where the field can be encoded;
//! - in either letter case, with the non-ASCII characters that fold to ASCII letters (U+212A to `k`, U+017F to `s`);
//! - an argument may be cut into pieces anywhere, so an event with pieces (`a4[1]=`) always matches;
//! - `process` and `proctitle` have spaces that the log does not have: only the longest word is looked for;
//! - a type may stand by number.
//!
//! What is derived otherwise (`syscall`, addresses, `host`, `source`, …) says nothing about the bytes. Of a
//! non-ASCII literal only the longest ASCII part is used. Literals under [`SHORTEST`] bytes are not worth a search.

use std::fmt::Write;

use dogwatch_predicate::{Condition, Pattern, Predicate};

use super::FIELDS;
use super::command_line;
use super::names::INHERITED;
use super::record_type;
use super::sockaddr;
use super::value::Class;
use crate::format::Prefilter;
use crate::literal_filter::{self, Literal, SHORTEST, ignoring_case, searchable};

/// How a condition shows in the bytes of an event.
pub(super) fn prefilter(condition: &Condition) -> Prefilter {
    literal_filter::prefilter(condition, &literals)
}

fn literals(predicate: &Predicate) -> Vec<Literal> {
    match predicate {
        Predicate::Absent(_) => Vec::new(),
        Predicate::Raw(pattern) => pattern.literals().filter_map(Literal::of_text).collect(),
        Predicate::Field { name, pattern } => field(name, pattern, Forms::All).into_iter().collect(),
    }
}

/// In which forms a literal is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forms {
    All,
    /// Not in hexadecimal: for text without an encoded value.
    Plain,
}

/// The expression that is found in a record where its field can match the pattern; none if nothing is known.
pub(super) fn field_pattern(name: &str, pattern: &Pattern, forms: Forms) -> Option<String> {
    field(name, pattern, forms).map(|needle| needle.pattern)
}

/// Whether no value in a text is encoded: none begins with hexadecimal digits, but for a number of arguments.
pub(super) fn is_plain(text: &[u8]) -> bool {
    let digit = |at: usize| matches!(text.get(at), Some(b'0'..=b'9' | b'A'..=b'F'));
    memchr::memchr_iter(b'=', text).all(|at| !(digit(at + 1) && digit(at + 2)) || text[..at].ends_with(b"argc"))
}

fn field(name: &str, sought: &Pattern, forms: Forms) -> Option<Literal> {
    match name {
        "type" => return record_type(sought),
        "_raw" => return sought.literals().filter_map(Literal::of_text).max_by_key(|needle| needle.rarity),
        _ if is_derived(name) => return None,
        _ => {}
    }
    let class = Class::of(name.as_bytes());
    let argument = matches!(command_line::argument(name.as_bytes()), Some((_, None)));
    let own = FIELDS.iter().any(|(field, _)| *field == name);
    if class == Class::Plain && own && !argument && name != "process" {
        return plain(name, sought);
    }
    if let Some(literal) = sought.as_literal()
        && (argument || (class == Class::Text && name != "path"))
    {
        return whole_text(name, literal, argument, forms);
    }
    let spaced = !(argument || class == Class::Text || class == Class::Key);
    if name == "process"
        && let (Some(literal), None) = (sought.literals().next(), sought.literals().nth(1))
        && let Some(pattern) = literal.strip_prefix(' ').and_then(|word| begins_argument(word, forms))
    {
        return Some(Literal { pattern, rarity: literal.len(), own: false });
    }
    let trimmed = sought.literals().map(|literal| literal.trim_start_matches('@'));
    let literal = trimmed.filter_map(|literal| searchable(literal, spaced)).max_by_key(|literal| literal.len())?;
    let mut pattern = ignoring_case(literal);
    if forms == Forms::All {
        let _ = write!(pattern, "|{}", encoded(literal));
    }
    if spaced || argument {
        pattern.push('|');
        pattern.push_str(PIECE);
    }
    Some(Literal { pattern, rarity: literal.len(), own: is_own_field(name) })
}

/// The expression for a word that is too short to be looked for anywhere, where a command line has it behind a space: it
/// begins an argument, or stands in one that is encoded because of its spaces.
fn begins_argument(word: &str, forms: Forms) -> Option<String> {
    let word = word.trim_end_matches(['i', 'I']);
    let short = !word.is_empty() && word.len() < SHORTEST && word.bytes().all(|byte| byte.is_ascii_graphic());
    let (case, hex) = (ignoring_case(word), encoded(word));
    short.then(|| match forms {
        Forms::All => format!(r#"[ ="']{case}|={hex}|20{hex}|{PIECE}"#),
        Forms::Plain => format!(r#"[ ="']{case}|{PIECE}"#),
    })
}

/// A piece of an argument: `a4[1]=`.
const PIECE: &str = r"\]=";

/// A field that stands in the log by its name, in quotes or encoded; an argument perhaps in pieces. The name makes the
/// expression both rarer and faster.
fn whole_text(name: &str, literal: &str, argument: bool, forms: Forms) -> Option<Literal> {
    let ascii = literal.find(|c: char| !c.is_ascii()).map_or(literal, |end| &literal[..end]);
    let start = ascii.trim_end_matches(['i', 'I']);
    if start.is_empty() {
        return None;
    }
    let key = regex::escape(name);
    let mut pattern = format!(r#"{key}=["']?{}"#, ignoring_case(start));
    if forms == Forms::All {
        let _ = write!(pattern, "|{key}={}", encoded(start));
    }
    if argument {
        let _ = write!(pattern, r"|{key}\[");
    }
    Some(Literal { pattern, rarity: name.len() + start.len(), own: is_own_field(name) })
}

/// A field that stands in the log by its name and is never encoded.
fn plain(name: &str, sought: &Pattern) -> Option<Literal> {
    if let Some(literal) = sought.as_literal()
        && literal.is_ascii()
        && !literal.is_empty()
        && !literal.ends_with(['i', 'I'])
    {
        let pattern = format!(r#"{}=["']?{}"#, regex::escape(name), ignoring_case(literal));
        return Some(Literal { pattern, rarity: name.len() + literal.len(), own: is_own_field(name) });
    }
    let literal = sought.literals().filter_map(|literal| searchable(literal, false)).max_by_key(|l| l.len())?;
    Some(Literal { pattern: ignoring_case(literal), rarity: literal.len(), own: is_own_field(name) })
}

/// Whether a field comes from the row's own record only. (A name that is not known here may stand for another.)
fn is_own_field(name: &str) -> bool {
    let known = FIELDS.iter().any(|(field, _)| *field == name) || command_line::argument(name.as_bytes()).is_some();
    known && !INHERITED.contains(&name) && name != "process"
}

/// Fields that do not stand in the log as a search has them.
fn is_derived(name: &str) -> bool {
    const DERIVED: &[&str] =
        &["syscall", "host", "index", "source", "sourcetype", "splunk_server", "linecount", "punct"];
    DERIVED.contains(&name)
        || (sockaddr::NAMES.contains(&name) && name != "path")
        || name.starts_with("_")
        || name.starts_with("date_")
}

/// A type by name or by a number whose name matches.
fn record_type(sought: &Pattern) -> Option<Literal> {
    let literal = sought.literals().filter(|literal| literal.is_ascii()).max_by_key(|literal| literal.len())?;
    let lower = literal.to_ascii_lowercase();
    // A number without a name is read as UNKNOWN[number], which need not stand in the log.
    if lower.len() < SHORTEST || "unknown".contains(&lower) || lower.contains(['[', ']']) || lower.ends_with('i') {
        return None;
    }
    let matcher = sought.matcher();
    let start = if sought.as_literal().is_some() { r#"type=["']?"# } else { "" };
    let mut pattern = format!("{start}{}", ignoring_case(literal));
    for number in record_type::numbers(|name| matcher.matches(name)) {
        let _ = write!(pattern, r"|type={number}\b|type=UNKNOWN\[{number}\]");
    }
    Some(Literal { pattern, rarity: 0, own: true })
}

/// Upper-case hexadecimal of an ASCII literal in any letter case.
fn encoded(literal: &str) -> String {
    let mut pattern = String::with_capacity(literal.len() * 6);
    for byte in literal.bytes() {
        let upper = byte.to_ascii_uppercase();
        let lower = byte.to_ascii_lowercase();
        let _ = match lower {
            b'k' => write!(pattern, "(?:[46]B|E284AA)"),
            b's' => write!(pattern, "(?:[57]3|C5BF)"),
            _ if upper == lower => write!(pattern, "{byte:02X}"),
            _ => write!(pattern, "[{:X}{:X}]{:X}", upper >> 4, lower >> 4, lower & 15),
        };
    }
    pattern
}
