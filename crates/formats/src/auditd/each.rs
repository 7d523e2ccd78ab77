//! Several conditions at once: which of them the records of an event can satisfy.
//!
//! A record that a condition is about (EXECVE, PATH, SOCKADDR) is tested in its own bytes, once, for the literals of all
//! conditions; what a row takes from another record of its event (`exe` from SYSCALL) is tested in that record. All
//! other records are passed over. The forms that a literal can have in the log are those of [`super::prefilter`].

use std::collections::HashMap;
use std::hash::BuildHasher;

use dogwatch_predicate::{Clause, Condition, Predicate};
use foldhash::fast::RandomState;
use memchr::memmem::Finder;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::names::{CWD, INHERITED};
use super::prefilter::{self, Forms};
use super::record_type::Kind;
use crate::rule_filter::bitset::{BitSet, contains, empty_set, insert};

/// How large the automaton over all literals may grow, bytes.
const AUTOMATON: usize = 64 << 20;

/// So many literals are looked for with vector instructions.
const FEW: usize = 16;

/// How many texts are remembered.
const REMEMBERED: usize = 8192;

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

/// Conditions, and what to look for.
#[derive(Debug)]
pub struct Each {
    conditions: usize,
    arms: Vec<Alternative>,
    needles: usize,
    /// For each [`Kind`], what to look for in its records.
    sets: Vec<Option<Expressions>>,
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
    /// The needles that they belong to.
    needles: Vec<usize>,
}

/// One alternative of a condition.
#[derive(Debug)]
struct Alternative {
    condition: usize,
    /// The kind of the row; none for any.
    row: Option<Kind>,
    needles: Vec<usize>,
}

impl Alternative {
    fn holds(&self, found: &[u64]) -> bool {
        self.needles.iter().all(|needle| contains(found, *needle))
    }
}

impl Each {
    /// For these conditions.
    pub(crate) fn new(conditions: &[Condition]) -> Self {
        let mut building = Building::default();
        let mut each = Vec::new();
        for (condition, of) in conditions.iter().enumerate() {
            for arm in of.normal_form() {
                let (types, others): (Vec<_>, Vec<_>) =
                    arm.clauses.iter().partition(|choice| choice.field() == Some("type"));
                let rows: Option<Vec<Kind>> = types.first().and_then(|choice| kinds_of(choice));
                // Without a type that is known, a field may stand in any record.
                let needles: Vec<usize> = match &rows {
                    Some(rows) => others.iter().filter_map(|choice| building.needle(choice, rows)).collect(),
                    None => vec![],
                };
                match rows {
                    Some(rows) => each.extend(rows.into_iter().map(|row| Alternative {
                        condition,
                        row: Some(row),
                        needles: needles.clone(),
                    })),
                    None => each.push(Alternative { condition, row: None, needles }),
                }
            }
        }
        building.finish(conditions.len(), each)
    }

    /// Whether no row can satisfy any.
    pub(crate) fn nothing(&self) -> bool {
        self.arms.is_empty()
    }

    /// Whether anything is looked for in records of a kind.
    pub(super) fn looks_at(&self, kind: Kind) -> bool {
        self.sets[kind as usize].is_some()
    }

    /// The needles in the part of a record that is looked at.
    fn search(&self, kind: Kind, part: &[u8]) -> BitSet {
        let mut found = empty_set(self.needles);
        if let Some(Expressions { all, plain, needles }) = &self.sets[kind as usize] {
            // An address is hexadecimal and not encoded.
            let set = if kind != Kind::Sockaddr && prefilter::is_plain(part) { plain } else { all };
            for needle in set.matches(part).iter().filter_map(|hit| needles.get(hit)) {
                insert(&mut found, *needle);
            }
        }
        found
    }

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

    /// The conditions that a row of a kind can satisfy in an event in whose records this was found; none if there is none.
    fn fits(&self, row: Kind, found: &[u64]) -> Option<BitSet> {
        let arms = self.arms.iter().filter(|arm| arm.row.is_none_or(|wanted| wanted == row) && arm.holds(found));
        let mut fits = None;
        arms.for_each(|arm| insert(fits.get_or_insert_with(|| empty_set(self.conditions)), arm.condition));
        fits
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

/// What was found in records: the number of a set of needles in [`Looking`]. The first is that of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Found(usize);

/// Looks at the records of a stretch of a log. The same programs, files and commands come again and again, and with them
/// the same findings, so both are remembered.
pub(super) struct Looking<'e, 'a> {
    each: &'e Each,
    hasher: RandomState,
    /// Texts and what was found in them, each in the place that its hash gives.
    known: Vec<(Kind, &'a [u8], Found)>,
    /// The sets that there are.
    sets: Vec<BitSet>,
    numbers: HashMap<BitSet, Found, RandomState>,
    unions: HashMap<(Found, Found), Found, RandomState>,
    /// By set and kind of row, the conditions that can be satisfied, once they have been asked for.
    fits: Vec<[Option<Option<BitSet>>; Kind::ALL.len()]>,
}

impl<'e, 'a> Looking<'e, 'a> {
    /// For these conditions, with nothing found.
    pub(super) fn new(each: &'e Each) -> Self {
        let mut looking = Self {
            each,
            hasher: RandomState::default(),
            // In what is empty and of no kind, nothing is found.
            known: vec![(Kind::Other, b"", Found::default()); REMEMBERED],
            sets: Vec::new(),
            numbers: HashMap::default(),
            unions: HashMap::default(),
            fits: Vec::new(),
        };
        looking.number(empty_set(each.needles));
        looking
    }

    /// What was found in some records of an event, and in this one; `body` is what stands behind its stamp.
    pub(super) fn look(&mut self, kind: Kind, body: &'a [u8], before: Found) -> Found {
        if !self.each.looks_at(kind) {
            return before;
        }
        let part = self.each.part(kind, body);
        #[expect(clippy::cast_possible_truncation, reason = "any part of a hash is a hash")]
        let place = self.hasher.hash_one(part) as usize % REMEMBERED;
        let found = match self.known[place] {
            (of, text, found) if of == kind && text == part => found,
            _ => {
                let found = self.number(self.each.search(kind, part));
                self.known[place] = (kind, part, found);
                found
            }
        };
        self.union(before, found)
    }

    /// The conditions that a row of a kind can satisfy in an event in whose records this was found; none if there is none.
    pub(super) fn fits(&mut self, row: Kind, found: Found) -> Option<&[u64]> {
        let (each, sets) = (self.each, &self.sets);
        let fits = self.fits[found.0][row as usize].get_or_insert_with(|| each.fits(row, &sets[found.0]));
        fits.as_deref()
    }

    fn number(&mut self, set: BitSet) -> Found {
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        let number = Found(self.sets.len());
        self.sets.push(set.clone());
        self.fits.push(Default::default());
        self.numbers.insert(set, number);
        number
    }

    fn union(&mut self, one: Found, other: Found) -> Found {
        if other == Found::default() || one == other {
            return one;
        }
        if let Some(number) = self.unions.get(&(one, other)) {
            return *number;
        }
        let both = self.sets[one.0].iter().zip(&self.sets[other.0]).map(|(one, other)| one | other).collect();
        let number = self.number(both);
        self.unions.insert((one, other), number);
        number
    }
}

/// The kinds that a choice of types names; none if one of them is no name that is told apart.
fn kinds_of(choice: &Clause) -> Option<Vec<Kind>> {
    let kind = |predicate: &Predicate| match predicate {
        Predicate::Field { pattern, .. } => pattern.as_literal().and_then(kind_named),
        _ => None,
    };
    choice.predicates.iter().map(kind).collect()
}

#[derive(Default)]
struct Building {
    /// By the patterns of each home.
    known: HashMap<Vec<Pattern>, usize>,
    patterns: Vec<(Pattern, usize)>,
}

/// What to look for in records of a kind: in all forms, and in those without encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Pattern {
    home: Kind,
    all: String,
    plain: String,
}

impl Building {
    /// The number of the needle that a choice is for rows of these kinds; none if it says nothing about the bytes.
    fn needle(&mut self, choice: &Clause, rows: &[Kind]) -> Option<usize> {
        let mut patterns: Vec<Pattern> = Vec::new();
        for predicate in &choice.predicates {
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
        let next = self.known.len();
        if let Some(number) = self.known.get(&patterns) {
            return Some(*number);
        }
        self.known.insert(patterns.clone(), next);
        self.patterns.extend(patterns.into_iter().map(|pattern| (pattern, next)));
        Some(next)
    }

    fn finish(self, conditions: usize, mut arms: Vec<Alternative>) -> Each {
        let mut sets = Vec::new();
        for home in Kind::ALL {
            let own = self.patterns.iter().filter(|(pattern, _)| pattern.home == home);
            let (patterns, needles): (Vec<&Pattern>, Vec<usize>) =
                own.map(|(pattern, needle)| (pattern, *needle)).unzip();
            let all = set(patterns.iter().map(|pattern| &pattern.all));
            let plain = set(patterns.iter().map(|pattern| &pattern.plain));
            match (all, plain) {
                _ if patterns.is_empty() => sets.push(None),
                (Some(all), Some(plain)) => sets.push(Some(Expressions { all, plain, needles })),
                // What cannot be looked for is taken to be there.
                _ => {
                    arms.iter_mut().for_each(|arm| arm.needles.retain(|needle| !needles.contains(needle)));
                    sets.push(None);
                }
            }
        }
        let finder = |text: &'static str| Finder::new(text.as_bytes());
        let (comm, exe, name) = (finder("comm="), finder("exe="), finder("name="));
        let (saddr, path) = (finder("saddr="), finder("path="));
        Each { conditions, arms, needles: self.known.len(), sets, comm, exe, name, saddr, path }
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
