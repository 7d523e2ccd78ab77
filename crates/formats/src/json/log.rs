//! A log whose rows are JSON objects, described by data: what is the same for all such formats stands here.

use std::borrow::Cow;

use dogwatch_predicate::Condition;

use super::early_fields::EarlyFields;
use super::envelope::Reader;
use super::events::Events;
use super::rows::{self, RowReader, Sample};
use super::{atoms, needles};
use crate::documents;
use crate::format::{About, Format, Framing, Prefilter};
use crate::visitor::{Chunk, RowVisitor};

/// One JSON log format.
#[derive(Debug)]
pub(crate) struct JsonLog {
    /// See [`Format::about`].
    pub(crate) about: About,
    /// The fields that decide early for most rules, if there are any.
    pub(crate) early_fields: Option<&'static dyn EarlyFields>,
    /// What its rows are.
    pub(crate) rows: RowKind,
}

/// What the rows of a format are.
#[derive(Debug)]
pub(crate) enum RowKind {
    /// All objects, whatever is in them.
    Objects(ReaderOf),
    /// The objects that are events of the format, wherever they stand.
    Events(&'static Events),
}

/// Makes what reads values into rows.
pub(crate) type ReaderOf = for<'v> fn(&'v mut dyn RowVisitor) -> Box<dyn RowReader + 'v>;

impl JsonLog {
    fn reader<'v>(&self, visitor: &'v mut dyn RowVisitor) -> Box<dyn RowReader + 'v> {
        match self.rows {
            RowKind::Objects(reader) => reader(visitor),
            RowKind::Events(events) => Box::new(Reader::new(events, visitor)),
        }
    }

    /// What of a condition can be looked for in the text.
    fn in_text<'c>(&self, condition: &'c Condition) -> Cow<'c, Condition> {
        match self.rows {
            RowKind::Objects(_) => Cow::Borrowed(condition),
            RowKind::Events(events) => Cow::Owned(events.in_text(condition)),
        }
    }
}

/// How well the beginning of a file fits. Whatever is of some format is also objects, so that these count less.
fn confidence(rows: &RowKind, seen: &Sample, head: &[u8]) -> u8 {
    let share = |most: usize| (most * seen.rows / (seen.rows + seen.faults)).min(most) as u8;
    match (rows, seen.rows) {
        (RowKind::Objects(_), 0) => 30 * u8::from(seen.is_cut()),
        (RowKind::Objects(_), _) => 20 + share(30),
        (RowKind::Events(events), 0) => 80 * u8::from(seen.is_cut() && events.has_mark(head)),
        (RowKind::Events(events), rows) if !events.claims_minority && rows <= seen.faults => 0,
        (RowKind::Events(_), _) => 60 + share(39),
    }
}

impl Format for JsonLog {
    fn about(&self) -> &About {
        &self.about
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        confidence(&self.rows, &rows::sample(head, self), head)
    }

    fn framing(&self, head: &[u8]) -> Framing {
        documents::framing(head)
    }

    fn settled_framing(&self, head: &[u8]) -> Option<Framing> {
        documents::settled_framing(head)
    }

    fn is_multivalue(&self, field: &str) -> bool {
        field.contains("{}")
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::lines(chunk, filter, &mut *self.reader(visitor));
    }

    fn read_documents(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::documents(chunk, filter, &mut *self.reader(visitor));
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        needles::prefilter(&self.in_text(condition))
    }

    fn compile_rules(&self, conditions: &[Condition]) -> Prefilter {
        let in_text: Vec<Condition> = conditions.iter().map(|condition| self.in_text(condition).into_owned()).collect();
        atoms::rules(&in_text, self.early_fields)
    }
}
