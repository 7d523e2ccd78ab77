//! Literals that must be found in the bytes of a row, and how a condition becomes a few of them: what text formats share.
//!
//! A format says for each predicate which literals a row has that satisfies it; here they are joined as the condition joins its
//! predicates. Of alternatives the rarest literal of each is looked for, by one expression for all. Everything only weakens: a row
//! that satisfies the condition has all that is looked for.

use dogwatch_predicate::{Condition, Conjunction, Predicate};
use regex::bytes::Regex;

use crate::format::{Needle, Prefilter};
use crate::rule_filter::{AtomBuilder, AtomSource, BitSet, Needs, Part, Place, Search};

/// Shorter literals are found everywhere.
pub(crate) const SHORTEST: usize = 3;

/// Expressions of more alternatives than this are not worth a search.
const LONGEST_EXPRESSION: usize = 64 << 10;

/// One expression that must be found.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) pattern: String,
    /// The larger, the rarer, by guess: the length of the literal.
    pub(crate) rarity: usize,
    /// Whether it must be found in the row's own record, not only in its event.
    pub(crate) own: bool,
}

impl Literal {
    /// A text that stands in the row as it is, in any letter case.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let literal = searchable(text, false)?;
        Some(Self { pattern: ignoring_case(literal), rarity: literal.len(), own: true })
    }

    /// None if the expression is too large, so that it is not looked for.
    fn needle(&self) -> Option<Needle> {
        Some(Needle { expression: Regex::new(&self.pattern).ok()?, in_row: self.own })
    }
}

/// Which literals a row has that satisfies a predicate; none if nothing is known.
pub(crate) type LiteralsOf<'a> = dyn Fn(&Predicate) -> Vec<Literal> + 'a;

/// How a condition shows in the bytes of a row.
pub(crate) fn prefilter(condition: &Condition, of: &LiteralsOf<'_>) -> Prefilter {
    let Some(mut literals) = known(condition, of) else {
        return Prefilter { nothing: true, ..Prefilter::default() };
    };
    literals.sort_by_key(|literal| std::cmp::Reverse(literal.rarity));
    literals.dedup_by(|one, other| one.pattern == other.pattern);
    Prefilter { all: literals.iter().filter_map(Literal::needle).collect(), ..Prefilter::default() }
}

/// All of these are found in a wanted row; none if there is no such row.
fn known(condition: &Condition, of: &LiteralsOf<'_>) -> Option<Vec<Literal>> {
    match condition {
        Condition::Anything => Some(Vec::new()),
        Condition::Nothing => None,
        Condition::All(conditions) => {
            let mut all = Vec::new();
            for condition in conditions {
                all.extend(known(condition, of)?);
            }
            Some(all)
        }
        Condition::Any(conditions) => any(conditions, of),
        Condition::Test(predicate) => Some(of(predicate)),
    }
}

/// One expression for all branches, if each has one.
fn any(conditions: &[Condition], of: &LiteralsOf<'_>) -> Option<Vec<Literal>> {
    let mut patterns = Vec::new();
    let mut rarity = usize::MAX;
    let mut own = true;
    for condition in conditions {
        let Some(literals) = known(condition, of) else {
            continue;
        };
        let Some(rarest) = literals.into_iter().max_by_key(|literal| literal.rarity) else {
            return Some(Vec::new());
        };
        rarity = rarity.min(rarest.rarity);
        own &= rarest.own;
        if !patterns.contains(&rarest.pattern) {
            patterns.push(rarest.pattern);
        }
    }
    if patterns.is_empty() {
        return None;
    }
    let pattern = patterns.join("|");
    Some((pattern.len() <= LONGEST_EXPRESSION).then_some(Literal { pattern, rarity, own }).into_iter().collect())
}

/// The longest part of a literal that stands in the log in one piece, as ASCII: between white space if `spaced`.
pub(crate) fn searchable(literal: &str, spaced: bool) -> Option<&str> {
    literal
        .split(|c: char| !c.is_ascii() || (spaced && c.is_ascii_whitespace()))
        // U+0130 is `i` and a combining dot in lower case: at the end of a literal `i` may be the half of a character.
        .map(|part| part.trim_end_matches(['i', 'I']))
        .max_by_key(|part| part.len())
        .filter(|part| part.len() >= SHORTEST)
}

/// An expression for a literal in any letter case.
pub(crate) fn ignoring_case(literal: &str) -> String {
    format!("(?i:{})", regex::escape(literal))
}

/// Makes searches of the conditions of rules. There are no atoms: all that a rule needs is looked for in each row.
pub(crate) struct LiteralSearches<'a> {
    of: &'a LiteralsOf<'a>,
    searches: Vec<Regex>,
}

impl<'a> LiteralSearches<'a> {
    pub(crate) fn new(of: &'a LiteralsOf<'a>) -> Self {
        Self { of, searches: Vec::new() }
    }

    fn search(&mut self, expression: Regex) -> Search {
        let known = self.searches.iter().position(|known| known.as_str() == expression.as_str());
        let number = known.unwrap_or(self.searches.len());
        if number == self.searches.len() {
            self.searches.push(expression);
        }
        Search { number, unless: None }
    }
}

impl AtomBuilder for LiteralSearches<'_> {
    fn needs(&mut self, conjunction: &Conjunction) -> Needs {
        let mut needs = Needs::default();
        for clause in &conjunction.clauses {
            let literals = known(&clause.condition(), self.of).unwrap_or_default();
            let needles: Vec<Needle> = literals.iter().filter_map(Literal::needle).collect();
            needs.searches.extend(needles.into_iter().map(|needle| self.search(needle.expression)));
        }
        needs
    }

    fn finish(self) -> Box<dyn AtomSource> {
        Box::new(Searches(self.searches))
    }
}

/// Searches without atoms.
#[derive(Debug)]
struct Searches(Vec<Regex>);

impl AtomSource for Searches {
    fn atoms(&self) -> usize {
        0
    }

    fn searches(&self) -> usize {
        self.0.len()
    }

    fn parts(&self, _: Place, _: &[u8], _: &mut dyn FnMut(Place, Part<'_>)) {}

    fn atoms_in(&self, _: Place, _: Part<'_>) -> BitSet {
        BitSet::with_room(0)
    }

    fn search(&self, search: usize, text: &[u8]) -> bool {
        self.0[search].is_match(text)
    }
}
