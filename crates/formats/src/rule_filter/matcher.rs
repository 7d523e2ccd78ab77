//! Which rules the rows of a piece of a log can satisfy, and what is remembered from row to row.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::PoisonError;

use foldhash::fast::RandomState;

use super::bitset::BitSet;
use super::{Alternative, Part, Place, RuleFilter};

/// Parts that are remembered, each in the slot that its hash gives.
const PARTS: usize = 8192;
/// Longer parts are not remembered, bytes.
const LONGEST_PART: usize = 1024;
/// Unions that are remembered, each in the slot that its hash gives.
const UNIONS: usize = 4096;
/// What has more sets of atoms than this is not kept for the next piece of the log.
const MOST_SETS: usize = 8192;

/// A set of atoms that was found, by its number in [`Memory`]. The first is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Found(u32);

/// What is remembered of a log, from piece to piece.
#[derive(Debug)]
pub(super) struct Memory {
    hasher: RandomState,
    parts: Vec<KnownPart>,
    unions: Vec<(Found, Found, Found)>,
    /// The sets that there are, and their numbers.
    sets: Vec<BitSet>,
    numbers: HashMap<BitSet, Found, RandomState>,
    /// By set and kind of row, what follows, once it has been asked for.
    admitted: Vec<Option<Admitted>>,
    /// Whether a search finds something in the row at hand, once it has been made.
    searched: Vec<Option<bool>>,
    candidates: BitSet,
}

/// A part and what was found in it.
#[derive(Clone, Debug, Default)]
struct KnownPart {
    place: Place,
    /// Nothing for an empty slot; for [`Part::Absent`] and the like no text.
    state: Option<State>,
    text: Vec<u8>,
    found: Found,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Unknown,
    Absent,
    Text,
}

/// What follows from a set of atoms.
#[derive(Clone, Debug)]
struct Admitted {
    any: Rules,
    /// For a text that is one row and no more, if it makes a difference.
    one_row: Option<Rules>,
}

/// Rules that a row can satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rules {
    /// Whatever else stands in it.
    certain: BitSet,
    /// The numbers of the alternatives of further rules, whose searches decide.
    open: Vec<usize>,
}

/// Tests rows for the rules of a filter.
pub(crate) struct Matcher<'f> {
    filter: &'f RuleFilter,
    memory: Memory,
}

impl<'f> Matcher<'f> {
    pub(super) fn new(filter: &'f RuleFilter) -> Self {
        let idle = filter.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { filter, memory: idle.unwrap_or_else(|| Memory::new(filter)) }
    }

    /// The atoms in a text, and those found before.
    pub(crate) fn observe(&mut self, place: Place, text: &[u8], before: Found) -> Found {
        let (filter, memory) = (self.filter, &mut self.memory);
        let mut found = before;
        filter.source.parts(place, text, &mut |place, part| {
            let more = memory.found_in(filter, place, part);
            found = memory.union(filter, found, more);
        });
        found
    }

    /// The rules that a row of a kind can satisfy where these atoms were found; none if there is none. `text` is what
    /// searches look at.
    pub(crate) fn candidates(&mut self, found: Found, kind: usize, text: &[u8]) -> Option<&[u64]> {
        let Self { filter, memory } = self;
        let at = found.0 as usize * filter.source.kinds_of_rows() + kind;
        let set = &memory.sets[found.0 as usize];
        let admitted = memory.admitted[at].get_or_insert_with(|| filter.admitted(set, kind));
        let rules = match &admitted.one_row {
            Some(rules) if filter.source.is_one_row(text, set) => rules,
            _ => &admitted.any,
        };
        if rules.open.is_empty() {
            return (!rules.certain.is_empty()).then(|| rules.certain.words());
        }
        memory.candidates.clone_from(&rules.certain);
        memory.searched.clear();
        memory.searched.resize(filter.source.searches(), None);
        for alternative in rules.open.iter().map(|number| &filter.alternatives[*number]) {
            let finds =
                |search: usize| *memory.searched[search].get_or_insert_with(|| filter.source.search(search, text));
            if !memory.candidates.contains(alternative.rule) && alternative.searches(set).all(finds) {
                memory.candidates.insert(alternative.rule);
            }
        }
        (!memory.candidates.is_empty()).then(|| memory.candidates.words())
    }
}

impl Drop for Matcher<'_> {
    fn drop(&mut self) {
        if self.memory.sets.len() > MOST_SETS {
            return;
        }
        let memory = std::mem::replace(&mut self.memory, Memory::empty());
        self.filter.idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

impl RuleFilter {
    fn admitted(&self, found: &BitSet, kind: usize) -> Admitted {
        let mut atoms = found.clone();
        atoms.union_with(&self.source.atoms_of_kind(kind));
        let (any, one_row) = (self.rules(&atoms, false), self.rules(&atoms, true));
        Admitted { one_row: (one_row != any).then_some(one_row), any }
    }

    fn rules(&self, atoms: &BitSet, one_row: bool) -> Rules {
        let mut rules = Rules { certain: BitSet::with_room(self.rules), open: Vec::new() };
        for (number, alternative) in self.alternatives.iter().enumerate() {
            let needs = &alternative.needs;
            let more = if one_row { needs.atoms_of_one_row.as_slice() } else { &[] };
            if !needs.atoms.iter().chain(more).all(|atom| atoms.contains(*atom)) {
                continue;
            }
            if alternative.searches(atoms).next().is_none() {
                rules.certain.insert(alternative.rule);
            } else {
                rules.open.push(number);
            }
        }
        rules.open.retain(|number| !rules.certain.contains(self.alternatives[*number].rule));
        rules
    }
}

impl Alternative {
    /// The searches that decide where these atoms were found.
    fn searches<'a>(&'a self, atoms: &'a BitSet) -> impl Iterator<Item = usize> + 'a {
        let needed = self.needs.searches.iter().filter(|search| search.unless.is_none_or(|atom| !atoms.contains(atom)));
        needed.map(|search| search.number)
    }
}

impl Memory {
    fn new(filter: &RuleFilter) -> Self {
        let mut memory = Self { parts: vec![KnownPart::default(); PARTS], ..Self::empty() };
        memory.unions = vec![Default::default(); UNIONS];
        memory.number(filter, BitSet::with_room(filter.source.atoms()));
        memory
    }

    /// Of no use but to stand for what has been taken away.
    fn empty() -> Self {
        Self {
            hasher: RandomState::default(),
            parts: Vec::new(),
            unions: Vec::new(),
            sets: Vec::new(),
            numbers: HashMap::default(),
            admitted: Vec::new(),
            searched: Vec::new(),
            candidates: BitSet::default(),
        }
    }

    /// The atoms in a part.
    fn found_in(&mut self, filter: &RuleFilter, place: Place, part: Part<'_>) -> Found {
        let (state, text) = match part {
            Part::Unknown => (State::Unknown, &[][..]),
            Part::Absent => (State::Absent, &[][..]),
            Part::Text(text) => (State::Text, text),
        };
        if text.len() > LONGEST_PART {
            return self.number(filter, filter.source.atoms_in(place, part));
        }
        #[expect(clippy::cast_possible_truncation, reason = "any part of a hash is a hash")]
        let slot = self.hasher.hash_one((place, state, text)) as usize % PARTS;
        let known = &self.parts[slot];
        if known.state == Some(state) && known.place == place && known.text == text {
            return known.found;
        }
        let found = self.number(filter, filter.source.atoms_in(place, part));
        let known = &mut self.parts[slot];
        (known.place, known.state, known.found) = (place, Some(state), found);
        known.text.clear();
        known.text.extend_from_slice(text);
        found
    }

    fn number(&mut self, filter: &RuleFilter, set: BitSet) -> Found {
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        // There are fewer sets than bytes in a piece of a log.
        let number = Found(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        self.sets.push(set.clone());
        self.admitted.resize(self.sets.len() * filter.source.kinds_of_rows(), None);
        self.numbers.insert(set, number);
        number
    }

    fn union(&mut self, filter: &RuleFilter, one: Found, other: Found) -> Found {
        if other == Found::default() || one == other {
            return one;
        }
        if one == Found::default() {
            return other;
        }
        let slot = (one.0.wrapping_mul(0x9e37_79b1) ^ other.0) as usize % UNIONS;
        let (of, with, known) = self.unions[slot];
        if (of, with) == (one, other) {
            return known;
        }
        let mut both = self.sets[one.0 as usize].clone();
        both.union_with(&self.sets[other.0 as usize]);
        let number = self.number(filter, both);
        self.unions[slot] = (one, other, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use dogwatch_predicate::{Condition, Conjunction};

    use super::*;
    use crate::rule_filter::{AtomBuilder, AtomSource, Needs, Search, compile_rules};

    /// A field `a` to `d` is an atom that holds where its letter stands in the text, any other field a search for its name. A
    /// letter in upper case says that the text is one row.
    #[derive(Debug, Default)]
    struct Letters(Vec<String>);

    impl AtomBuilder for Letters {
        fn needs(&mut self, conjunction: &Conjunction) -> Needs {
            let mut needs = Needs::default();
            for name in conjunction.clauses.iter().filter_map(|clause| clause.field()) {
                match name.as_bytes() {
                    [b'd'] => needs.atoms_of_one_row.push(3),
                    [letter @ b'a'..b'd'] => needs.atoms.push(usize::from(letter - b'a')),
                    _ => {
                        needs.searches.push(Search { number: self.0.len(), unless: Some(2) });
                        self.0.push(name.to_owned());
                    }
                }
            }
            needs
        }

        fn finish(self) -> Box<dyn AtomSource> {
            Box::new(self)
        }
    }

    impl AtomSource for Letters {
        fn atoms(&self) -> usize {
            4
        }

        fn searches(&self) -> usize {
            self.0.len()
        }

        fn parts(&self, _: Place, text: &[u8], see: &mut dyn FnMut(Place, Part<'_>)) {
            text.iter().enumerate().for_each(|(at, _)| see(0, Part::Text(&text[at..=at])));
        }

        fn atoms_in(&self, _: Place, part: Part<'_>) -> BitSet {
            let Part::Text(text) = part else { return BitSet::with_room(4) };
            BitSet::of(4, text.first().filter(|byte| (b'a'..=b'd').contains(byte)).map(|byte| usize::from(byte - b'a')))
        }

        fn is_one_row(&self, text: &[u8], _: &BitSet) -> bool {
            text.iter().any(u8::is_ascii_uppercase)
        }

        fn search(&self, search: usize, text: &[u8]) -> bool {
            String::from_utf8_lossy(text).contains(&self.0[search])
        }
    }

    #[test]
    fn rules_are_candidates_where_an_alternative_has_all_that_it_needs() {
        let field = |name: &str| Condition::equals(name, "");
        let rules = [
            Condition::All(vec![field("a"), field("b")]),
            Condition::Any(vec![field("b"), field("xy")]),
            field("d"),
            Condition::Nothing,
        ];
        let filter = compile_rules(&rules, Letters::default());
        let filter = filter.rules.expect("rules were given");
        // Again and again: what is remembered changes nothing.
        for _ in 0..3 {
            let mut matcher = filter.matcher();
            let mut candidates = |text: &str| {
                let found = matcher.observe(0, text.as_bytes(), Found::default());
                matcher.candidates(found, 0, text.as_bytes()).map(|words| words[0])
            };
            assert_eq!(candidates("ab"), Some(0b111));
            assert_eq!(candidates("b"), Some(0b110));
            assert_eq!(candidates("xy"), Some(0b110), "a search decides");
            assert_eq!(candidates("y"), Some(0b100), "a row can stand beside it that has what is missing");
            assert_eq!(candidates("yN"), None, "it is one row and has no d");
            assert_eq!(candidates("ydN"), Some(0b100));
            assert_eq!(candidates("cN"), Some(0b010), "the search is needless");
            let long = "z".repeat(LONGEST_PART + 1) + "N";
            assert_eq!(candidates(&long), None);
        }
    }
}
