//! What a log format is: its names, how it is recognised, how its bytes become rows, and how a condition on a
//! field shows in its bytes.

use std::sync::Arc;

use dogwatch_predicate::Condition;

use crate::decoder::{Decoder, Framed};
use crate::rule_filter::RuleFilter;
use crate::secrets::Secrets;
use crate::visitor::{Chunk, RowVisitor};

/// A log format. One per folder of this crate; the registry is [`crate::FORMATS`].
pub trait Format: Sync + std::fmt::Debug {
    /// What others have to know of it.
    fn about(&self) -> &About;

    /// How well the beginning of a (decompressed) file fits, 0 (not at all) to 100 (surely). `head` is at most
    /// 64 KiB and may end anywhere.
    fn sniff(&self, head: &[u8]) -> u8;

    /// How a file that begins with `head` is cut into chunks.
    fn framing(&self, head: &[u8]) -> Framing;

    /// How a log that begins with `head` is cut, if more of it cannot change that.
    fn settled_framing(&self, head: &[u8]) -> Option<Framing> {
        Some(self.framing(head))
    }

    /// What reads a log of this format as it grows. A format whose rows need others around them brings its own; else lines and
    /// documents are read as they become whole.
    fn decoder(&'static self) -> Box<dyn Decoder> {
        Box::new(Framed::new(self))
    }

    /// Whether a field can have several values in one row. Such a field becomes a list column.
    fn is_multivalue(&self, _field: &str) -> bool {
        false
    }

    /// Reads the rows that start in `chunk.own`. With a filter, rows that surely cannot satisfy it may be left
    /// out; when in doubt a row is handed out. Malformed input that starts in `chunk.own` is always reported for
    /// what is read, filter or not, except where the filter lets whole stretches go unread.
    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor);

    /// Reads the documents that a [`crate::documents::Splitter`] found in `chunk.own`, where the file is cut as
    /// [`Framing::Documents`]. Otherwise as [`Format::read`].
    fn read_documents(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        self.read(chunk, filter, visitor);
    }

    /// How a condition shows in the bytes of this format. A format that says nothing has every row read.
    fn prefilter(&self, _condition: &Condition) -> Prefilter {
        Prefilter::default()
    }

    /// How several conditions, the rules, show in the bytes of this format. A reader given this tells the visitor of each
    /// row which of them it can satisfy ([`RowVisitor::candidates`]). A format that says nothing has every row tested for
    /// all rules.
    fn compile_rules(&self, _conditions: &[Condition]) -> Prefilter {
        Prefilter::default()
    }

    /// See [`About::name`].
    fn name(&self) -> &'static str {
        self.about().name
    }

    /// See [`About::sourcetype`].
    fn sourcetype(&self) -> &'static str {
        self.about().sourcetype
    }

    /// See [`About::index`].
    fn index(&self) -> &'static str {
        self.about().index
    }
}

/// What others have to know of a format, as data.
#[derive(Debug)]
pub struct About {
    /// Its name: `auditd`, `kube_audit`, `json_lines`.
    pub name: &'static str,
    /// The `sourcetype` that its rows have unless another is configured.
    pub sourcetype: &'static str,
    /// The `index` that its rows have unless another is configured.
    pub index: &'static str,
    /// Other names that searches use for this sourcetype (`linux:audit`, `auditd`).
    pub sourcetype_aliases: &'static [&'static str],
    /// Other names that searches use for this index.
    pub index_aliases: &'static [&'static str],
    /// Whether its rows may name their own host, source, sourcetype and index in fields of these names. Where they do, a
    /// condition on them says nothing about a file.
    pub names_itself: bool,
    /// The fields that it always has, for suggestions and reference: name and meaning.
    pub fields: &'static [(&'static str, &'static str)],
    /// The fields whose values say what a log records, so that they tell whether a detection can fire on it.
    pub telemetry: &'static [TelemetryField],
    /// Where such a log comes from, for those who lack it.
    pub origin: &'static str,
    /// What is secret in its rows.
    pub secrets: Secrets,
}

impl About {
    /// What a format says that has nothing to say; its names are its own.
    pub const BASE: Self = Self {
        name: "",
        sourcetype: "",
        index: "",
        sourcetype_aliases: &[],
        index_aliases: &[],
        names_itself: false,
        fields: &[],
        telemetry: &[],
        origin: "",
        secrets: Secrets { keys: &[], public_keys: &[], objects: &[] },
    };
}

/// A field whose values say what a log records: auditd's record types, the levels of a Kubernetes audit policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelemetryField {
    /// Its name.
    pub name: &'static str,
    /// The rows that have it, by a field and its value, if not all have.
    pub rows: Option<(&'static str, &'static str)>,
    /// Whether a log without a value that a detection asks for lacks something. Values that a site chooses (the keys of
    /// audit rules) are only shown.
    pub decides: bool,
}

impl TelemetryField {
    /// A field that all rows have, and whose values decide.
    pub const fn of_all_rows(name: &'static str) -> Self {
        Self { name, rows: None, decides: true }
    }
}

/// How a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// At any line end. Each chunk needs `context` bytes before and after it (rounded out to line ends).
    Lines {
        /// Bytes of context on each side.
        context: usize,
    },
    /// Rows span lines (a JSON document, pretty-printed or one large array): read from the start to the end by
    /// the format's [`crate::documents::Splitter`].
    Documents,
}

/// A byte-level test: a row (for auditd: an event) can only be wanted if its bytes match all of `all`.
#[derive(Clone, Debug, Default)]
pub struct Prefilter {
    /// Every one must be found somewhere in the row's (for auditd: the event's) bytes. Empty: nothing is known, every
    /// row is read. Ordered: the one that is likely to be rarest first.
    pub all: Vec<Needle>,
    /// No row can be wanted.
    pub nothing: bool,
    /// Several conditions at once, instead of `all`.
    pub rules: Option<Arc<RuleFilter>>,
}

/// An expression that must be found.
#[derive(Clone, Debug)]
pub struct Needle {
    /// The expression.
    pub expression: regex::bytes::Regex,
    /// Whether it must be found in the row's own bytes, not only in those of its event.
    pub in_row: bool,
}
