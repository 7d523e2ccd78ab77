//! Several conditions at once: which of them the records of an event can satisfy.
//!
//! A record that a condition is about (EXECVE, PATH, SOCKADDR) is tested in its own bytes, once, for the literals of all
//! conditions; what a row takes from another record of its event (`exe` from SYSCALL) is tested in that record. All
//! other records are passed over. The forms that a literal can have in the log are those of [`super::prefilter`].

use std::collections::HashMap;

use memchr::memmem;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::names::{CWD, INHERITED};
use super::prefilter;
use crate::arms::{Choice, Set, Term, arms, contains, empty_set, insert};
use crate::format::Condition;

/// How large the automaton over all literals may grow, bytes.
const AUTOMATON: usize = 64 << 20;

/// So many literals are looked for with vector instructions.
const FEW: usize = 16;

/// The kinds of records that conditions tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Home {
    Execve,
    Path,
    Sockaddr,
    Syscall,
    Cwd,
    /// Any other.
    Other,
}

const HOMES: [Home; 6] = [Home::Execve, Home::Path, Home::Sockaddr, Home::Syscall, Home::Cwd, Home::Other];

impl Home {
    /// The kind of a record by its type as it stands in the log.
    pub(super) fn of(kind: &[u8]) -> Self {
        match kind {
            b"EXECVE" | b"1309" | b"UNKNOWN[1309]" => Self::Execve,
            b"PATH" | b"1302" | b"UNKNOWN[1302]" => Self::Path,
            b"SOCKADDR" | b"1306" | b"UNKNOWN[1306]" => Self::Sockaddr,
            b"SYSCALL" | b"1300" | b"UNKNOWN[1300]" => Self::Syscall,
            b"CWD" | b"1307" | b"UNKNOWN[1307]" => Self::Cwd,
            _ => Self::Other,
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "EXECVE" => Some(Self::Execve),
            "PATH" => Some(Self::Path),
            "SOCKADDR" => Some(Self::Sockaddr),
            "SYSCALL" => Some(Self::Syscall),
            "CWD" => Some(Self::Cwd),
            _ => None,
        }
    }

    /// The record in which a field of a row of one of these types stands, if that is known.
    fn of_field(name: &str) -> Option<Self> {
        let argument = name.strip_prefix('a').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        match name {
            "process" | "argc" => Some(Self::Execve),
            _ if argument => Some(Self::Execve),
            "name" => Some(Self::Path),
            "saddr" | "path" => Some(Self::Sockaddr),
            _ if name == INHERITED[CWD] => Some(Self::Cwd),
            "exe" | "comm" => Some(Self::Syscall),
            _ => None,
        }
    }
}

/// Conditions, and what to look for.
#[derive(Debug)]
pub struct Each {
    conditions: usize,
    arms: Vec<Alternative>,
    needles: usize,
    /// For each of [`HOMES`], the expressions to look for in its records and the needles that they belong to.
    sets: Vec<Option<(RegexSet, Vec<usize>)>>,
    /// The kinds of records that are looked at.
    wanted: Vec<Home>,
}

/// One alternative of a condition.
#[derive(Debug)]
struct Alternative {
    condition: usize,
    /// The kind of the row; none for any.
    home: Option<Home>,
    needles: Vec<usize>,
}

impl Alternative {
    fn holds(&self, found: &Found) -> bool {
        self.needles.iter().all(|needle| contains(&found.needles, *needle))
    }
}

/// What was found in the records of one event.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    needles: Set,
}

impl Found {
    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.needles.iter().all(|word| *word == 0)
    }

    /// Adds what was found in other records of the event.
    pub(super) fn merge(&mut self, other: &Self) {
        if self.needles.len() < other.needles.len() {
            self.needles.resize(other.needles.len(), 0);
        }
        self.needles.iter_mut().zip(&other.needles).for_each(|(word, more)| *word |= more);
    }
}

impl Each {
    /// For these conditions.
    pub(crate) fn new(conditions: &[Condition]) -> Self {
        let mut building = Building::default();
        let mut each = Vec::new();
        for (condition, of) in conditions.iter().enumerate() {
            for arm in arms(of) {
                let (homes, others): (Vec<_>, Vec<_>) =
                    arm.choices.iter().partition(|choice| choice.field() == Some("type"));
                let homes: Option<Vec<Home>> = homes.first().and_then(|choice| homes_of(choice));
                // Without a type that is known, a field may stand in any record.
                let needles: Vec<usize> = match &homes {
                    Some(homes) => others.iter().filter_map(|choice| building.needle(choice, homes)).collect(),
                    None => vec![],
                };
                match homes {
                    Some(homes) => each.extend(homes.into_iter().map(|home| Alternative {
                        condition,
                        home: Some(home),
                        needles: needles.clone(),
                    })),
                    None => each.push(Alternative { condition, home: None, needles }),
                }
            }
        }
        building.finish(conditions.len(), each)
    }

    /// Whether no row can satisfy any.
    pub(crate) fn nothing(&self) -> bool {
        self.arms.is_empty()
    }

    /// Whether records of a kind have to be looked at.
    pub(super) fn looks_at(&self, home: Home) -> bool {
        self.wanted.contains(&home)
    }

    /// Looks at a record; `body` is what stands behind its stamp.
    pub(super) fn look(&self, home: Home, body: &[u8], found: &mut Found) {
        if found.needles.is_empty() {
            found.needles = empty_set(self.needles);
        }
        let body = match home {
            Home::Syscall => program(body),
            Home::Path => file(body),
            _ => body,
        };
        if let Some((set, needles)) = &self.sets[home as usize] {
            for hit in &set.matches(body) {
                if let Some(needle) = needles.get(hit) {
                    insert(&mut found.needles, *needle);
                }
            }
        }
    }

    /// Whether an alternative is without a literal, so that every event is worth to be looked at.
    pub(super) fn takes_all(&self) -> bool {
        self.arms.iter().any(|arm| arm.needles.is_empty())
    }

    /// Whether a row of an event can satisfy a condition.
    pub(super) fn any(&self, found: &Found) -> bool {
        self.arms.iter().any(|arm| arm.holds(found))
    }

    /// The conditions that a row of this kind of record can satisfy in an event; nothing if there is none.
    pub(super) fn fits(&self, home: Home, found: &Found, fits: &mut Set) -> bool {
        fits.clear();
        fits.resize(self.conditions.div_ceil(64), 0);
        let mut any = false;
        for arm in self.arms.iter().filter(|arm| arm.home.is_none_or(|wanted| wanted == home)) {
            if arm.holds(found) {
                insert(fits, arm.condition);
                any = true;
            }
        }
        any
    }
}

/// The part of a SYSCALL record from its first `comm=` or `exe=` on; nothing else of it is looked at.
fn program(body: &[u8]) -> &[u8] {
    let comm = memmem::find(body, b"comm=").unwrap_or(body.len());
    let exe = memmem::find(&body[..comm], b"exe=").unwrap_or(comm);
    &body[if exe == body.len() { 0 } else { exe }..]
}

/// The value of a PATH record's one `name=`; nothing else of it is looked at. All of a record that has several.
fn file(body: &[u8]) -> &[u8] {
    let Some(at) = memmem::find(body, b"name=") else { return body };
    let value = &body[at + b"name=".len()..];
    if memmem::find(value, b"name=").is_some() {
        return body;
    }
    let end = match value.first() {
        Some(b'"') => memchr::memchr(b'"', &value[1..]).map(|end| end + 2),
        _ => memchr::memchr(b' ', value),
    };
    &body[at..at + b"name=".len() + end.unwrap_or(value.len())]
}

/// The kinds that a choice of types names; none if one of them is no name that is told apart.
fn homes_of(choice: &Choice) -> Option<Vec<Home>> {
    let home = |term: &Term| match term {
        Term::Field { literals, whole: true, .. } => literals.first().and_then(|name| Home::named(name)),
        _ => None,
    };
    choice.options.iter().map(home).collect()
}

#[derive(Default)]
struct Building {
    /// By the patterns of each home.
    known: HashMap<Vec<(Home, String)>, usize>,
    patterns: Vec<(Home, String, usize)>,
}

impl Building {
    /// The number of the needle that a choice is for rows of these kinds; none if it says nothing about the bytes.
    fn needle(&mut self, choice: &Choice, rows: &[Home]) -> Option<usize> {
        let mut patterns: Vec<(Home, String)> = Vec::new();
        for term in &choice.options {
            let Term::Field { name, literals, whole } = term else { return None };
            let home = Home::of_field(name)?;
            // `a1` of a SYSCALL row is a register of its own.
            if !INHERITED.contains(&name.as_str()) && rows.iter().any(|row| *row != home) {
                return None;
            }
            let pattern = prefilter::field_pattern(name, literals, *whole)?;
            match patterns.iter_mut().find(|(known, _)| *known == home) {
                Some((_, known)) => *known = format!("{known}|{pattern}"),
                None => patterns.push((home, pattern)),
            }
        }
        patterns.sort();
        let next = self.known.len();
        if let Some(number) = self.known.get(&patterns) {
            return Some(*number);
        }
        self.known.insert(patterns.clone(), next);
        self.patterns.extend(patterns.into_iter().map(|(home, pattern)| (home, pattern, next)));
        Some(next)
    }

    fn finish(self, conditions: usize, mut arms: Vec<Alternative>) -> Each {
        let mut sets = Vec::new();
        for home in HOMES {
            let own = self.patterns.iter().filter(|(of, _, _)| *of == home);
            let (texts, needles): (Vec<&String>, Vec<usize>) = own.map(|(_, text, needle)| (text, *needle)).unzip();
            // For many literals the engine would look for their beginnings first, with an automaton that is slower than
            // its own; an expression that may begin with anything keeps it from that. (It is the last, so that the numbers
            // of the others stay.)
            let many = texts.iter().map(|text| text.matches('|').count() + 1).sum::<usize>() > FEW;
            let anything = String::from(r"(?-u:[\x80-\xff]{2})");
            let texts: Vec<&String> = texts.into_iter().chain(many.then_some(&anything)).collect();
            let set = RegexSetBuilder::new(&texts).size_limit(AUTOMATON).dfa_size_limit(AUTOMATON).build();
            match set {
                Ok(set) if !texts.is_empty() => sets.push(Some((set, needles))),
                Ok(_) => sets.push(None),
                // What cannot be looked for is taken to be there.
                Err(_) => {
                    arms.iter_mut().for_each(|arm| arm.needles.retain(|needle| !needles.contains(needle)));
                    sets.push(None);
                }
            }
        }
        let mut wanted: Vec<Home> = HOMES.into_iter().filter(|home| sets[*home as usize].is_some()).collect();
        for arm in &arms {
            match arm.home {
                Some(home) => wanted.push(home),
                None => wanted.extend(HOMES),
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        Each { conditions, arms, needles: self.known.len(), sets, wanted }
    }
}
