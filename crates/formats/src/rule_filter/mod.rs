//! Several conditions, here called rules, tested at once on bytes: for each row, the rules whose condition it can satisfy.
//!
//! A condition is brought into its normal form: it holds where one of its conjunctions does. A format turns each
//! conjunction into what it [`Needs`]: *atoms*, facts that the format finds quickly in a part of a row (a literal in a record
//! of auditd, the value of an early field of an audit event), and *searches* of the row's text, which are made only for
//! conjunctions whose atoms are there. The same programs, users and requests come again and again, so what was found in a
//! part is remembered, and what follows from a set of atoms too ([`Matcher`]).
//!
//! A format implements [`AtomBuilder`] and [`AtomSource`]. One that does not lets every row through for all rules. Everything
//! here only weakens: a row that satisfies a rule's condition is always one of its candidates.

mod bitset;
mod matcher;

use std::sync::{Arc, Mutex};

use dogwatch_predicate::{Condition, Conjunction};

pub(crate) use bitset::BitSet;
pub(crate) use matcher::{Found, Matcher};

use crate::format::Prefilter;
use matcher::Memory;

/// A part of a row that a format looks at: its number, which the format chooses.
pub(crate) type Place = usize;

/// What stands in a part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part<'t> {
    /// It cannot be told.
    Unknown,
    /// The row has no such part.
    Absent,
    /// This.
    Text(&'t [u8]),
}

/// What must be found where a conjunction holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// These atoms.
    pub(crate) atoms: Vec<usize>,
    /// And these where the text is one row and no more ([`AtomSource::is_one_row`]).
    pub(crate) atoms_of_one_row: Vec<usize>,
    /// And all of these searches find something.
    pub(crate) searches: Vec<Search>,
}

/// A search of a row's text.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// Its number, which the format chooses.
    pub(crate) number: usize,
    /// An atom that makes it needless.
    pub(crate) unless: Option<usize>,
}

/// Turns conjunctions into atoms and searches.
pub(crate) trait AtomBuilder {
    /// What must be found where a conjunction holds. What the format cannot look for is left out.
    fn needs(&mut self, conjunction: &Conjunction) -> Needs;

    /// What finds all that [`AtomBuilder::needs`] gave a number.
    fn finish(self) -> Box<dyn AtomSource>;
}

/// Finds atoms and makes searches.
pub(crate) trait AtomSource: Send + Sync + std::fmt::Debug {
    /// How many atoms there are.
    fn atoms(&self) -> usize;

    /// How many searches there are.
    fn searches(&self) -> usize {
        0
    }

    /// How many kinds of rows are told apart.
    fn kinds_of_rows(&self) -> usize {
        1
    }

    /// The atoms that hold for every row of a kind, whatever its text.
    fn atoms_of_kind(&self, _kind: usize) -> BitSet {
        BitSet::with_room(self.atoms())
    }

    /// Hands the parts of a text that decide about atoms to `see`. `place` says which text it is: the kind of a record, where
    /// a row's atoms are found in several.
    fn parts(&self, place: Place, text: &[u8], see: &mut dyn FnMut(Place, Part<'_>));

    /// The atoms that can hold by what stands in a part. Called once for each part that comes again.
    fn atoms_in(&self, place: Place, part: Part<'_>) -> BitSet;

    /// Whether a text is one row and no more, for which atoms in it are all the row's own. `found` are these atoms.
    fn is_one_row(&self, _text: &[u8], _found: &BitSet) -> bool {
        false
    }

    /// Whether a search finds something in a row's text. (Anything, if the format has none.)
    fn search(&self, _search: usize, _text: &[u8]) -> bool {
        true
    }
}

/// Several conditions in the form in which a format tests them at once.
#[derive(Debug)]
pub struct RuleFilter {
    rules: usize,
    alternatives: Vec<Alternative>,
    source: Box<dyn AtomSource>,
    /// What matchers remember from piece to piece of a log.
    idle: Mutex<Vec<Memory>>,
}

/// One conjunction of a rule's condition.
#[derive(Debug)]
struct Alternative {
    rule: usize,
    needs: Needs,
}

/// The filter for several conditions, by their places in the list.
pub(crate) fn compile_rules(conditions: &[Condition], mut builder: impl AtomBuilder) -> Prefilter {
    let mut alternatives = Vec::new();
    for (rule, condition) in conditions.iter().enumerate() {
        let needs = condition.normal_form().into_iter().map(|conjunction| builder.needs(&conjunction));
        alternatives.extend(needs.map(|needs| Alternative { rule, needs }));
    }
    let nothing = alternatives.is_empty();
    let filter = RuleFilter { rules: conditions.len(), alternatives, source: builder.finish(), idle: Mutex::default() };
    Prefilter { nothing, rules: Some(Arc::new(filter)), ..Prefilter::default() }
}

impl RuleFilter {
    /// What tests the rows of a piece of a log.
    pub(crate) fn matcher(&self) -> Matcher<'_> {
        Matcher::new(self)
    }
}
