//! The atoms of auditd's rule filter: literals in the records that conditions are about.
//!
//! A record that a condition is about (EXECVE, PATH, SOCKADDR) is searched in its own bytes, once, for the literals of all
//! rules; what a row takes from another record of its event (`exe` from SYSCALL) is looked for in that record. All other
//! records are skipped. The forms that a literal can have in the log are those of [`super::prefilter`].

use std::collections::HashMap;

use dogwatch_predicate::{Clause, Conjunction, Predicate};
use memchr::memmem::Finder;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::names::{CWD, INHERITED};
use super::prefilter::{self, Forms};
use super::record_type::Kind;
use crate::rule_filter::{AtomBuilder, AtomSource, BitSet, Needs, Part, Place};

/// How large the automaton over all literals may grow, bytes.
const AUTOMATON: usize = 64 << 20;

/// Up to this many literals the regex engine searches with vector instructions.
const FEW: usize = 16;

/// The kind of record that a condition names.
fn kind_named(name: &str) -> Option<Kind> {
    match Kind::of(name.to_ascii_uppercase().as_bytes()) {
        Kind::Other => None,
        kind => Some(kind),
    }
}

/// The record in which a field of a row of one of these kinds stands, if that is known.
fn home_of(field: &str) -> Option<Kind> {
    let argument = field.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    match field {
        "process" | "argc" => Some(Kind::Execve),
        _ if argument => Some(Kind::Execve),
        "name" => Some(Kind::Path),
        "saddr" | "path" => Some(Kind::Sockaddr),
        _ if field == INHERITED[CWD] => Some(Kind::Cwd),
        "exe" | "comm" => Some(Kind::Syscall),
        _ => None,
    }
}

/// The atoms, and how they are found.
#[derive(Debug)]
struct RecordAtoms {
    atoms: usize,
    /// For each [`Kind`], what to look for in its records.
    sets: Vec<Option<Expressions>>,
    /// Atoms that say that the row is of one of these kinds.
    of_kinds: Vec<(Vec<Kind>, usize)>,
    /// Atoms that cannot be looked for, and are taken to be there.
    given: Vec<usize>,
    /// Where the parts of a record begin that are looked at.
    comm: Finder<'static>,
    exe: Finder<'static>,
    name: Finder<'static>,
    saddr: Finder<'static>,
    path: Finder<'static>,
}

/// The expressions to look for in records of a kind.
#[derive(Debug)]
struct Expressions {
    /// For text with encoded values, and for other text, in which less can stand: a small automaton is a fast one.
    all: RegexSet,
    plain: RegexSet,
    /// The atoms that they belong to.
    atoms: Vec<usize>,
}

impl AtomSource for RecordAtoms {
    fn atoms(&self) -> usize {
        self.atoms
    }

    fn kinds_of_rows(&self) -> usize {
        Kind::ALL.len()
    }

    fn atoms_of_kind(&self, kind: usize) -> BitSet {
        let of_kind = self.of_kinds.iter().filter(|(kinds, _)| kinds.contains(&Kind::ALL[kind])).map(|(_, atom)| *atom);
        BitSet::of(self.atoms, of_kind.chain(self.given.iter().copied()))
    }

    /// `text` is what stands behind a record's stamp, and `place` its kind.
    fn parts(&self, place: Place, text: &[u8], see: &mut dyn FnMut(Place, Part<'_>)) {
        if self.sets[place].is_some() {
            see(place, Part::Text(self.part(Kind::ALL[place], text)));
        }
    }

    fn atoms_in(&self, place: Place, part: Part<'_>) -> BitSet {
        let (Some(Expressions { all, plain, atoms }), Part::Text(text)) = (&self.sets[place], part) else {
            return BitSet::with_room(self.atoms);
        };
        // An address is hexadecimal and not encoded.
        let set = if Kind::ALL[place] != Kind::Sockaddr && prefilter::is_plain(text) { plain } else { all };
        BitSet::of(self.atoms, set.matches(text).iter().filter_map(|hit| atoms.get(hit)).copied())
    }
}

impl RecordAtoms {
    /// The part of a record that is looked at; `body` is what stands behind its stamp.
    fn part<'a>(&self, kind: Kind, body: &'a [u8]) -> &'a [u8] {
        match kind {
            Kind::Syscall => self.program(body),
            Kind::Path => value_of(&self.name, body),
            // An address can be written out beside it.
            Kind::Sockaddr if self.path.find(body).is_none() => value_of(&self.saddr, body),
            _ => body,
        }
    }

    /// From the first `comm=` or `exe=` of a SYSCALL record on.
    fn program<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let comm = self.comm.find(body).unwrap_or(body.len());
        let exe = self.exe.find(&body[..comm]).unwrap_or(comm);
        &body[if exe == body.len() { 0 } else { exe }..]
    }
}

/// The value of a field that stands once in a record, with its name; all of the record if it stands in it otherwise.
fn value_of<'a>(name: &Finder<'_>, body: &'a [u8]) -> &'a [u8] {
    let Some(at) = name.find(body) else { return body };
    let value = &body[at + name.needle().len()..];
    if name.find(value).is_some() {
        return body;
    }
    let end = match value.first() {
        Some(quote @ (b'"' | b'\'')) => memchr::memchr(*quote, &value[1..]).map(|end| end + 2),
        Some(b'{') => None,
        _ => memchr::memchr2(b' ', 0x1d, value),
    };
    &body[at..at + name.needle().len() + end.unwrap_or(value.len())]
}

/// The kinds that a clause about the type names; none if one of them is no name that is told apart.
fn kinds_of(clause: &Clause) -> Option<Vec<Kind>> {
    let kind = |predicate: &Predicate| match predicate {
        Predicate::Field { pattern, .. } => pattern.as_literal().and_then(kind_named),
        _ => None,
    };
    clause.predicates.iter().map(kind).collect()
}

/// Numbers the atoms of the rules' conditions.
#[derive(Default)]
pub(super) struct Builder {
    atoms: usize,
    /// The atoms of literals, by their patterns.
    known: HashMap<Vec<Pattern>, usize>,
    patterns: Vec<(Pattern, usize)>,
    of_kinds: Vec<(Vec<Kind>, usize)>,
}

/// What to look for in records of a kind: in all forms, and in those without encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Pattern {
    home: Kind,
    all: String,
    plain: String,
}

impl AtomBuilder for Builder {
    fn needs(&mut self, conjunction: &Conjunction) -> Needs {
        let (types, others): (Vec<_>, Vec<_>) =
            conjunction.clauses.iter().partition(|clause| clause.field() == Some("type"));
        // Without a type that is known, a field may stand in any record.
        let Some(kinds) = types.first().and_then(|clause| kinds_of(clause)) else { return Needs::default() };
        let mut atoms: Vec<usize> = others.iter().filter_map(|clause| self.literals(clause, &kinds)).collect();
        atoms.push(self.of_kinds(kinds));
        Needs { atoms, ..Needs::default() }
    }

    fn finish(self) -> Box<dyn AtomSource> {
        let (mut sets, mut given) = (Vec::new(), Vec::new());
        for home in Kind::ALL {
            let own = self.patterns.iter().filter(|(pattern, _)| pattern.home == home);
            let (patterns, atoms): (Vec<&Pattern>, Vec<usize>) = own.map(|(pattern, atom)| (pattern, *atom)).unzip();
            let all = set(patterns.iter().map(|pattern| &pattern.all));
            let plain = set(patterns.iter().map(|pattern| &pattern.plain));
            match (all, plain) {
                _ if patterns.is_empty() => sets.push(None),
                (Some(all), Some(plain)) => sets.push(Some(Expressions { all, plain, atoms })),
                _ => {
                    given.extend(atoms);
                    sets.push(None);
                }
            }
        }
        let finder = |text: &'static str| Finder::new(text.as_bytes());
        let (comm, exe, name) = (finder("comm="), finder("exe="), finder("name="));
        let (saddr, path) = (finder("saddr="), finder("path="));
        let (atoms, of_kinds) = (self.atoms, self.of_kinds);
        Box::new(RecordAtoms { atoms, sets, of_kinds, given, comm, exe, name, saddr, path })
    }
}

impl Builder {
    fn next(&mut self) -> usize {
        self.atoms += 1;
        self.atoms - 1
    }

    /// The atom that says that the row is of one of these kinds.
    fn of_kinds(&mut self, kinds: Vec<Kind>) -> usize {
        if let Some((_, atom)) = self.of_kinds.iter().find(|(known, _)| *known == kinds) {
            return *atom;
        }
        let atom = self.next();
        self.of_kinds.push((kinds, atom));
        atom
    }

    /// The atom of what a clause says about the bytes of rows of these kinds; none if it says nothing.
    fn literals(&mut self, clause: &Clause, rows: &[Kind]) -> Option<usize> {
        let mut patterns: Vec<Pattern> = Vec::new();
        for predicate in &clause.predicates {
            let Predicate::Field { name, pattern } = predicate else { return None };
            let home = home_of(name)?;
            // `a1` of a SYSCALL row is a register of its own.
            if !INHERITED.contains(&name.as_str()) && rows.iter().any(|row| *row != home) {
                return None;
            }
            let all = prefilter::field_pattern(name, pattern, Forms::All)?;
            let plain = prefilter::field_pattern(name, pattern, Forms::Plain)?;
            match patterns.iter_mut().find(|known| known.home == home) {
                Some(known) => {
                    known.all = format!("{}|{all}", known.all);
                    known.plain = format!("{}|{plain}", known.plain);
                }
                None => patterns.push(Pattern { home, all, plain }),
            }
        }
        patterns.sort();
        if let Some(atom) = self.known.get(&patterns) {
            return Some(*atom);
        }
        let atom = self.next();
        self.known.insert(patterns.clone(), atom);
        self.patterns.extend(patterns.into_iter().map(|pattern| (pattern, atom)));
        Some(atom)
    }
}

/// An automaton over all of these; none if it is too large.
fn set<'p>(patterns: impl Iterator<Item = &'p String>) -> Option<RegexSet> {
    let texts: Vec<&str> = patterns.map(String::as_str).collect();
    // For many literals the engine would look for their beginnings first, with an automaton that is slower than its own; an
    // expression that may begin with anything keeps it from that. (It is the last, so that the numbers of the others stay.)
    let many = texts.iter().map(|text| text.matches('|').count() + 1).sum::<usize>() > FEW;
    let texts = texts.into_iter().chain(many.then_some(r"(?-u:[\x80-\xff]{2})"));
    RegexSetBuilder::new(texts).size_limit(AUTOMATON).dfa_size_limit(AUTOMATON).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_the_engine_from_searching_literals_is_last_and_matches_no_text() {
        let patterns: Vec<String> = (0..=FEW).map(|n| format!("word{n}")).collect();
        let set = set(patterns.iter()).unwrap();
        assert_eq!(set.len(), patterns.len() + 1);
        for (number, pattern) in patterns.iter().enumerate() {
            let found: Vec<usize> = set.matches(format!("a {pattern} b").as_bytes()).into_iter().collect();
            assert!(found.contains(&number) && !found.contains(&patterns.len()), "{found:?}");
        }
    }
}
