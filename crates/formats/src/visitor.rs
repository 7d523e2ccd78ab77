//! How a format hands out what it finds: rows of fields, pushed into a [`RowVisitor`] that may decline a field.
//!
//! A format decodes a value only after the visitor has said that it wants it. Nothing here knows Arrow, async
//! or files.

use std::ops::Range;

/// A field that the visitor wants, by a number of the visitor's choosing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(pub usize);

/// What every row has, whatever its format.
#[derive(Clone, Copy, Debug)]
pub struct RowMeta<'a> {
    /// The text of the row as it stands in the log: an auditd line without its line end, one Kubernetes audit
    /// event, one JSON value. Not necessarily UTF-8.
    pub raw: &'a [u8],
    /// Where `raw` starts in the (decompressed) file, bytes from 0. Distinct for distinct rows of a file.
    pub offset: u64,
    /// The row's time, microseconds since 1970 UTC, if it has one.
    pub time: Option<i64>,
    /// The host that the row itself names (auditd `node=`), if it does.
    pub host: Option<&'a str>,
    /// The event's own id: auditd `1795401382.124:2250`, Kubernetes `auditID`. Empty where there is none.
    pub event_id: &'a str,
}

/// Receives rows. The order of calls for a row is `start`, any number of `wants`/`value`, `end`. By default a
/// visitor wants no field.
pub trait RowVisitor {
    /// The rules whose condition the next row can satisfy, a bit each from the lowest of the first word on; no words if
    /// nothing is known. Called before `start`, only where a [`crate::RuleFilter`] is in use.
    fn candidates(&mut self, _rules: &[u64]) {}
    /// A line of the log begins, `offset` bytes into the (decompressed) file. Called only where a [`crate::RuleFilter`]
    /// is in use, for each line that begins in the chunk.
    fn line(&mut self, _offset: u64) {}
    /// A row begins.
    fn start(&mut self, row: &RowMeta<'_>);
    /// Whether a field is wanted, and under which number. Called before a value is decoded.
    fn wants(&mut self, _name: &str) -> Option<Slot> {
        None
    }
    /// Whether any field that starts with this prefix (`objectRef.`, `sourceIPs{}`) can be wanted, so that a
    /// format can leave out whole subtrees. `true` is always right.
    fn wants_below(&mut self, _prefix: &str) -> bool {
        false
    }
    /// A value of a wanted field. Called several times for a field with several values, in order.
    fn value(&mut self, _slot: Slot, _value: &str) {}
    /// The row is complete.
    fn end(&mut self) {}
    /// Something in the input is no row.
    fn malformed(&mut self, malformed: &Malformed<'_>);
}

/// A stretch of input that could not be read as a row.
#[derive(Clone, Copy, Debug)]
pub struct Malformed<'a> {
    /// Why.
    pub reason: Reason,
    /// Where it starts in the (decompressed) file.
    pub offset: u64,
    /// Its text, or the beginning of it.
    pub sample: &'a [u8],
}

/// Why a stretch of input gave no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// auditd: no `type=` and no `audit(…)` stamp where a record has them.
    NotARecord,
    /// auditd: a stamp that is cut or has no readable time (`audit(XXXXXXXXXX.428:235)` is read, without time).
    BadStamp,
    /// JSON that breaks a rule of its grammar.
    BadJson,
    /// The input ends in the middle of a row.
    Truncated,
    /// JSON, but no object: a lone string or number has no fields.
    NotAnObject,
    /// Text or JSON, but no event of the file's format.
    NotAnEvent,
    /// A klog line between JSON lines. Counted, but no fault.
    KlogLine,
    /// A row longer than the limit.
    TooLong,
}

impl Reason {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotARecord => "not an audit record",
            Self::BadStamp => "unreadable audit(time:serial) stamp",
            Self::BadJson => "broken JSON",
            Self::Truncated => "cut in the middle",
            Self::NotAnObject => "JSON, but not an object",
            Self::NotAnEvent => "no event of this format",
            Self::KlogLine => "klog line",
            Self::TooLong => "too long",
        }
    }

    /// Whether it is a fault of the log. klog lines between audit events are expected.
    pub fn is_fault(self) -> bool {
        self != Self::KlogLine
    }
}

/// A piece of a (decompressed) file.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    /// The bytes at hand. They start and end at line starts, except at the end of the file.
    pub bytes: &'a [u8],
    /// Where `bytes` starts in the file.
    pub offset: u64,
    /// The part of `bytes` whose rows are wanted: rows that start in it. What stands outside is context (records
    /// of the same auditd event).
    pub own: Range<usize>,
    /// Whether the file ends where `bytes` ends.
    pub last: bool,
}
