//! A log whose rows are JSON objects, described by data: what is the same for all such formats stands here.

use dogwatch_predicate::Condition;

use super::early_fields::EarlyFields;
use super::rows::{self, Rows, Sample};
use super::{atoms, needles};
use crate::documents;
use crate::format::{Format, Framing, Prefilter, TelemetryField};
use crate::secrets::Secrets;
use crate::visitor::{Chunk, RowVisitor};

/// One JSON log format.
#[derive(Debug)]
pub(crate) struct JsonLog {
    /// See [`Format::name`].
    pub(crate) name: &'static str,
    /// See [`Format::sourcetype`].
    pub(crate) sourcetype: &'static str,
    /// See [`Format::index`].
    pub(crate) index: &'static str,
    /// See [`Format::sourcetype_aliases`].
    pub(crate) sourcetype_aliases: &'static [&'static str],
    /// See [`Format::index_aliases`].
    pub(crate) index_aliases: &'static [&'static str],
    /// See [`Format::names_itself`].
    pub(crate) names_itself: bool,
    /// See [`Format::fields`].
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// See [`Format::telemetry`].
    pub(crate) telemetry: &'static [TelemetryField],
    /// See [`Format::origin`].
    pub(crate) origin: &'static str,
    /// See [`Format::secrets`].
    pub(crate) secrets: Secrets,
    /// The fields that decide early for most rules, if there are any.
    pub(crate) early_fields: Option<&'static dyn EarlyFields>,
    /// How well the beginning of a file fits, 0 to 100, by what is read from it: see [`Format::sniff`].
    pub(crate) confidence: fn(&Sample, head: &[u8]) -> u8,
    /// What reads values into rows.
    pub(crate) reader: for<'v> fn(&'v mut dyn RowVisitor) -> Box<dyn Rows + 'v>,
}

impl Format for JsonLog {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sourcetype(&self) -> &'static str {
        self.sourcetype
    }

    fn index(&self) -> &'static str {
        self.index
    }

    fn sourcetype_aliases(&self) -> &'static [&'static str] {
        self.sourcetype_aliases
    }

    fn index_aliases(&self) -> &'static [&'static str] {
        self.index_aliases
    }

    fn names_itself(&self) -> bool {
        self.names_itself
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        (self.confidence)(&rows::sample(head, self), head)
    }

    fn framing(&self, head: &[u8]) -> Framing {
        documents::framing(head)
    }

    fn is_multivalue(&self, field: &str) -> bool {
        field.contains("{}")
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::lines(chunk, filter, &mut *(self.reader)(visitor));
    }

    fn read_documents(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::documents(chunk, filter, &mut *(self.reader)(visitor));
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        needles::prefilter(condition)
    }

    fn compile_rules(&self, conditions: &[Condition]) -> Prefilter {
        atoms::rules(conditions, self.early_fields)
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        self.fields
    }

    fn telemetry(&self) -> &'static [TelemetryField] {
        self.telemetry
    }

    fn origin(&self) -> &'static str {
        self.origin
    }

    fn secrets(&self) -> Secrets {
        self.secrets
    }
}
