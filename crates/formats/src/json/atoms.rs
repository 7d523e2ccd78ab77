//! The atoms and searches of the JSON formats' rule filter.
//!
//! The early fields of a format ([`EarlyFields`]) decide first. Of the rules that they leave open the literals are looked for
//! in the whole text, as [`super::needles`] does for one condition. Rules without an early field are left out together, where
//! the text has none of their literals.

use std::collections::HashMap;

use dogwatch_predicate::{Clause, Condition, Conjunction, Matcher, Predicate};
use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::early_fields::{EarlyFields, MOST};
use super::events::Object;
use super::needles;
use crate::format::Prefilter;
use crate::rule_filter::{AtomBuilder, AtomSource, BitSet, Needs, Part, Place, Search, compile_rules};
use dogwatch_json::scan::{self, Nesting};

/// The filter for several conditions, for a format with these early fields.
pub(crate) fn rules(conditions: &[Condition], early: Option<&'static dyn EarlyFields>) -> Prefilter {
    let names = early.map_or(0, |early| early.names().len()).min(MOST);
    compile_rules(conditions, Builder { early, names, atoms: 2 * names + 1, ..Builder::default() })
}

/// The atoms, and how they are found. The first two of each early field say that it can be told from the text, and that it
/// stands there; then follows one that says that the text has a literal of the rules without an early field, then those of
/// the clauses about early fields.
#[derive(Debug)]
struct TextAtoms {
    early: Option<&'static dyn EarlyFields>,
    names: usize,
    atoms: usize,
    clauses: Vec<EarlyClause>,
    searches: Vec<Regex>,
    /// Found in every text that a rule without an early field wants, if no escape hides it. Nothing if such a rule has no
    /// literal, so that it wants every text.
    others: Option<Regex>,
    escape: Finder<'static>,
}

/// A clause about an early field.
#[derive(Debug)]
struct EarlyClause {
    atom: usize,
    field: Place,
    /// Whether the field may be absent.
    absent: bool,
    /// What a value of it may match.
    values: Vec<Matcher>,
}

impl EarlyClause {
    fn admits(&self, part: Part<'_>) -> bool {
        match part {
            Part::Unknown => true,
            Part::Absent => self.absent,
            // What is no text is read as other text.
            Part::Text(value) => {
                std::str::from_utf8(value).map_or(true, |value| self.values.iter().any(|wanted| wanted.matches(value)))
            }
        }
    }
}

/// What a text writes as `\u` and four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Escapes {
    /// Nothing, or what Go escapes: `&`, `<`, `>` and two kinds of line ends. They stand in most of what kubelets and
    /// controllers ask for.
    Markup,
    /// Characters of which no key is made.
    Others,
    /// Letters: any key could be any other.
    Letters,
}

fn known(field: Place) -> usize {
    2 * field
}

fn present(field: Place) -> usize {
    2 * field + 1
}

impl AtomSource for TextAtoms {
    fn atoms(&self) -> usize {
        self.atoms
    }

    fn searches(&self) -> usize {
        self.searches.len()
    }

    fn parts(&self, _: Place, text: &[u8], see: &mut dyn FnMut(Place, Part<'_>)) {
        let escapes = self.escapes(text);
        let mut parts = [Part::Unknown; MOST];
        if let Some(early) = self.early
            && escapes != Escapes::Letters
        {
            early.read(text, &mut parts[..self.names]);
        }
        parts[..self.names].iter().enumerate().for_each(|(field, part)| see(field, *part));
        let others = self.others.as_ref().is_none_or(|others| escapes != Escapes::Markup || others.is_match(text));
        see(self.names, if others { Part::Unknown } else { Part::Absent });
    }

    fn atoms_in(&self, place: Place, part: Part<'_>) -> BitSet {
        if place == self.names {
            return BitSet::of(self.atoms, (part == Part::Unknown).then_some(2 * self.names));
        }
        let own = self.clauses.iter().filter(|clause| clause.field == place && clause.admits(part));
        let known = (part != Part::Unknown).then_some(known(place));
        let present = matches!(part, Part::Text(_)).then_some(present(place));
        BitSet::of(self.atoms, own.map(|clause| clause.atom).chain(known).chain(present))
    }

    /// Whether a text is one row and no more, and the early fields that stand in it are its own.
    fn is_one_row(&self, text: &[u8], found: &BitSet) -> bool {
        let Some(early) = self.early else { return false };
        let start = scan::space(text, 0);
        if text.get(start) != Some(&b'{') {
            return false;
        }
        let mut members = Vec::new();
        let end = scan::members(text, start, &mut Nesting::default(), &mut members);
        let own = |name: &str| {
            let key = name.split('.').next().unwrap_or(name).as_bytes();
            members.iter().any(|member| text.get(member.key.clone()) == Some(key))
        };
        let mut standing = early.names().iter().enumerate().filter(|(field, _)| found.contains(present(*field)));
        end.is_ok_and(|end| scan::space(text, end) == text.len())
            && early.is_row(&Object { text, members: &members })
            && standing.all(|(_, name)| own(name))
    }

    fn search(&self, search: usize, text: &[u8]) -> bool {
        self.searches[search].is_match(text)
    }
}

impl TextAtoms {
    fn escapes(&self, text: &[u8]) -> Escapes {
        let digits = self.escape.find_iter(text).map(|at| &text[at + self.escape.needle().len()..]);
        digits.map(escaped).max().unwrap_or(Escapes::Markup)
    }
}

/// Numbers the atoms and searches of the rules' conditions.
#[derive(Default)]
struct Builder {
    early: Option<&'static dyn EarlyFields>,
    names: usize,
    atoms: usize,
    clauses: Vec<EarlyClause>,
    known: HashMap<String, usize>,
    searches: Vec<Regex>,
    /// Of each alternative without an early field the rarest expression, if it has one.
    others: Vec<Option<String>>,
}

impl AtomBuilder for Builder {
    fn needs(&mut self, conjunction: &Conjunction) -> Needs {
        let mut needs = Needs::default();
        let mut rarest: Option<(String, usize)> = None;
        let mut early = false;
        for clause in &conjunction.clauses {
            let searches = self.searches(clause);
            if let Some((atom, field, absent)) = self.early_clause(clause) {
                early = true;
                // A text can hold further rows, without the field.
                if absent { &mut needs.atoms_of_one_row } else { &mut needs.atoms }.push(atom);
                let unless = Some(known(field));
                needs.searches.extend(searches.into_iter().map(|number| Search { number, unless }));
                continue;
            }
            needs.searches.extend(searches.into_iter().map(|number| Search { number, unless: None }));
            let quick = quick(clause);
            if quick.as_ref().map(|(_, rarity)| *rarity) > rarest.as_ref().map(|(_, rarity)| *rarity) {
                rarest = quick;
            }
        }
        if !early {
            needs.atoms.push(2 * self.names);
            self.others.push(rarest.map(|(text, _)| text));
        }
        needs
    }

    fn finish(mut self) -> Box<dyn AtomSource> {
        self.others.sort_unstable();
        self.others.dedup();
        let others: Option<Vec<&str>> = self.others.iter().map(Option::as_deref).collect();
        Box::new(TextAtoms {
            others: others.and_then(|others| Regex::new(&others.join("|")).ok()),
            early: self.early,
            names: self.names,
            atoms: self.atoms,
            clauses: self.clauses,
            searches: self.searches,
            escape: Finder::new("\\u"),
        })
    }
}

impl Builder {
    /// The atom of a clause about an early field, the field, and whether the clause allows for none.
    fn early_clause(&mut self, clause: &Clause) -> Option<(usize, Place, bool)> {
        let name = clause.field()?;
        let field = self.early?.names().iter().take(self.names).position(|early| *early == name)?;
        let mut own = EarlyClause { atom: self.atoms, field, absent: false, values: Vec::new() };
        for predicate in &clause.predicates {
            match predicate {
                Predicate::Field { pattern, .. } => own.values.push(pattern.matcher()),
                Predicate::Absent(_) => own.absent = true,
                Predicate::Raw(_) => return None,
            }
        }
        self.atoms += 1;
        let known = (own.atom, field, own.absent);
        self.clauses.push(own);
        Some(known)
    }

    fn searches(&mut self, clause: &Clause) -> Vec<usize> {
        let found = needles::patterns(&clause.condition());
        found.into_iter().map(|(regex, _)| self.search(regex)).collect()
    }

    fn search(&mut self, regex: Regex) -> usize {
        let next = self.searches.len();
        let number = *self.known.entry(regex.as_str().to_owned()).or_insert(next);
        if number == next {
            self.searches.push(regex);
        }
        number
    }
}

/// An expression that is found wherever one of the options is, if no escape hides it, and how rare it is. Names begin alike
/// (`system:`), and an engine that looks for their beginnings stops everywhere: of each only what begins with the last
/// colon is looked for.
fn quick(clause: &Clause) -> Option<(String, usize)> {
    let text = |predicate: &Predicate| -> Option<String> {
        let (Predicate::Field { pattern, .. } | Predicate::Raw(pattern)) = predicate else { return None };
        let text = pattern.literals().max_by_key(|literal| literal.len())?;
        // What Go escapes stands in no text as it is.
        let text = text.split(['&', '<', '>']).max_by_key(|part| part.len())?;
        let behind = text.rfind(':').map(|colon| &text[colon..]).filter(|behind| behind.len() >= DISTINCT);
        Some(behind.unwrap_or(text).to_owned())
    };
    let options =
        clause.predicates.iter().map(|predicate| text(predicate).map(Condition::raw)).collect::<Option<Vec<_>>>()?;
    needles::plain_pattern(&Condition::Any(options))
}

/// A part of a name that is at least so long stands for the whole.
const DISTINCT: usize = 5;

/// What an escape with these four hexadecimal digits stands for.
fn escaped(digits: &[u8]) -> Escapes {
    match digits {
        [b'0', b'0', b'2', b'6', ..]
        | [b'0', b'0', b'3', b'c' | b'C' | b'e' | b'E', ..]
        | [b'2', b'0', b'2', b'8' | b'9', ..] => Escapes::Markup,
        // A quotation mark: JSON that stands as text has its keys between them.
        [b'0', b'0', b'2', b'2', ..] => Escapes::Letters,
        [b'0', b'0', b'0'..=b'3', ..]
        | [b'0', b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]
        | [b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => Escapes::Others,
        _ => Escapes::Letters,
    }
}
