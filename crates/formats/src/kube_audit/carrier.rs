//! Finds the audit events in what carries them: lists, and the envelopes of the ways by which logs travel.

use crate::json::flatten::Walker;
use crate::json::rows::Rows;
use crate::json::timestamp;
use crate::visitor::{Malformed, Reason, RowMeta, RowVisitor};
use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Member, Nesting};
use dogwatch_json::text::{decode, unquoted};

use super::event::{Shape, member};
use super::fields::ALIASES;
use super::klog::is_klog;

/// Where an envelope keeps what it carries: an object, an array of them, or a string with their JSON in it. The first
/// that is there counts.
///
/// `items`: EventList. `records`, `properties`, `log`: Azure (AKS diagnostic settings, by storage or event hub); `log`
/// also: Docker's json-file driver and Fluentd. `logEvents`, `message`: CloudWatch subscription filters; `events`,
/// `@message`: CloudWatch's own exports. `event`: Splunk's HTTP event collector. `result`, `_raw`: Splunk's export.
const CARRIERS: &[&[u8]] = &[
    b"items",
    b"records",
    b"logEvents",
    b"events",
    b"event",
    b"properties",
    b"log",
    b"message",
    b"@message",
    b"result",
    b"_raw",
];

/// Where an envelope keeps its time. It is the row's only if the event has none.
const TIMES: &[&[u8]] = &[b"time", b"timestamp", b"@timestamp", b"_time"];

/// Envelopes in envelopes: records, properties, a string, a list, its items. More is no log.
const DEEPEST: usize = 8;

/// How much of a line is searched for the JSON that stands behind a time and a stream name.
const LONGEST_PREFIX: usize = 1024;

/// Reads values into rows.
pub(super) struct Reader<'v> {
    visitor: &'v mut dyn RowVisitor,
    walker: Walker,
    open: Nesting,
    /// Lists of members for the objects at hand, an envelope's and its contents', to be used again.
    spare: Vec<Vec<Member>>,
    buffer: String,
}

/// What is known about a text from what it was found in.
#[derive(Clone, Copy, Debug, Default)]
struct Origin<'a> {
    /// Where the text starts in the file.
    offset: u64,
    /// The envelope's time.
    time: Option<i64>,
    /// The host that the envelope names.
    host: Option<&'a str>,
    /// Whether it stands in a list that says that its items are audit events.
    listed: bool,
    /// How many envelopes are around it.
    depth: usize,
}

impl<'v> Reader<'v> {
    pub(super) fn new(visitor: &'v mut dyn RowVisitor) -> Self {
        Self { visitor, walker: Walker::default(), open: Nesting::default(), spare: Vec::new(), buffer: String::new() }
    }

    /// Reads the object or array at `at`. All of it is checked before anything is handed out.
    fn read(&mut self, text: &[u8], at: usize, origin: Origin<'_>) -> Result<usize, JsonError> {
        if text.get(at) == Some(&b'{') {
            let mut members = self.spare.pop().unwrap_or_default();
            let end = scan::members(text, at, &mut self.open, &mut members);
            if let Ok(end) = end {
                self.object(text, at..end, &members, origin);
            }
            self.spare.push(members);
            return end;
        }
        let end = scan::value(text, at, &mut self.open)?;
        self.carried(text, at..end, origin);
        Ok(end)
    }

    fn object(&mut self, text: &[u8], whole: std::ops::Range<usize>, members: &[Member], origin: Origin<'_>) {
        let shape = Shape::of(text, members);
        if shape.is_event() || origin.listed {
            return self.event(text, whole, members, &shape, origin);
        }
        let carrier = CARRIERS.iter().find_map(|&key| {
            let value = member(text, members, key)?;
            let fits = match text.get(value.start) {
                Some(b'{' | b'[') => key != b"items" || shape.is_list(),
                Some(b'"') => true,
                _ => false,
            };
            fits.then_some((key, value))
        });
        let Some((key, value)) = carrier.filter(|_| origin.depth < DEEPEST) else {
            return self.fault(Reason::NotAnAuditEvent, text, whole, origin);
        };
        let text_of = |key: &[u8]| text.get(member(text, members, key)?);
        let mut host = String::new();
        let time = TIMES.iter().find_map(|key| {
            let value = unquoted(text_of(key)?);
            let value = decode(value, &mut host);
            timestamp::iso(value).or_else(|| timestamp::epoch(value))
        });
        let host = match text_of(b"host") {
            Some(value @ [b'"', ..]) if key == b"event" => Some(decode(unquoted(value), &mut host)),
            _ => origin.host,
        };
        let inside = Origin {
            time: time.or(origin.time),
            host,
            listed: key == b"items" && shape.is_of_audit_group(),
            depth: origin.depth + 1,
            ..origin
        };
        self.carried(text, value, inside);
    }

    /// Reads what an envelope or an array holds.
    fn carried(&mut self, text: &[u8], value: std::ops::Range<usize>, origin: Origin<'_>) {
        match text.get(value.start) {
            // Checked with its envelope, so that it cannot fail.
            Some(b'{') => drop(self.read(text, value.start, origin)),
            Some(b'[') if origin.depth <= DEEPEST => self.elements(text, value.start, origin),
            Some(b'"') => self.string(text, value, origin),
            _ => self.fault(Reason::NotAnAuditEvent, text, value, origin),
        }
    }

    fn elements(&mut self, text: &[u8], at: usize, origin: Origin<'_>) {
        let inside = Origin { depth: origin.depth + 1, ..origin };
        let mut at = scan::space(text, at + 1);
        while text.get(at).is_some_and(|&byte| byte != b']') {
            let end = match text.get(at) {
                Some(b'{') => self.read(text, at, inside),
                _ => scan::value(text, at, &mut self.open).inspect(|&end| {
                    self.carried(text, at..end, inside);
                }),
            };
            let Ok(end) = end else { return };
            at = scan::space(text, end);
            if text.get(at) == Some(&b',') {
                at = scan::space(text, at + 1);
            }
        }
    }

    /// Reads the JSON in a string. Rows in it have their decoded text as `_raw`; their places in the file are
    /// counted from the start of the string, in decoded bytes, so that they are distinct and inside it.
    fn string(&mut self, text: &[u8], value: std::ops::Range<usize>, origin: Origin<'_>) {
        let mut buffer = String::new();
        let encoded = unquoted(text.get(value.clone()).unwrap_or_default());
        let decoded = decode(encoded, &mut buffer).as_bytes();
        let inside = Origin { offset: origin.offset + value.start as u64 + 1, ..origin };
        let start = scan::space(decoded, 0);
        if inside.depth > DEEPEST || !matches!(decoded.get(start), Some(b'{' | b'[')) {
            return self.line(decoded.trim_ascii(), inside);
        }
        match self.read(decoded, start, inside) {
            Ok(end) if scan::space(decoded, end) == decoded.len() => {}
            Ok(end) => self.fault(Reason::BadJson, decoded, end..decoded.len(), inside),
            Err(_) => self.fault(Reason::BadJson, text, value, origin),
        }
    }

    /// Reads text that does not begin as JSON: klog's, or a time and a stream name before the JSON.
    fn line(&mut self, line: &[u8], origin: Origin<'_>) {
        let whole = 0..line.len();
        if is_klog(line) {
            return self.fault(Reason::KlogLine, line, whole, origin);
        }
        let head = &line[..line.len().min(LONGEST_PREFIX)];
        let Some(start) = memchr::memchr(b'{', head) else {
            return self.fault(Reason::NotAnAuditEvent, line, whole, origin);
        };
        match self.read(line, start, origin) {
            Ok(end) if scan::space(line, end) == line.len() => {}
            Ok(end) => self.fault(Reason::BadJson, line, end..line.len(), origin),
            Err(_) => self.fault(Reason::BadJson, line, whole, origin),
        }
    }

    /// Hands out one row.
    fn event(
        &mut self,
        text: &[u8],
        whole: std::ops::Range<usize>,
        members: &[Member],
        shape: &Shape<'_>,
        origin: Origin<'_>,
    ) {
        let created = || {
            let metadata = member(text, members, b"metadata")?;
            let created = inner(text, metadata.start, b"creationTimestamp")?;
            Some(unquoted(text.get(created)?))
        };
        let meta = RowMeta {
            raw: text.get(whole.clone()).unwrap_or_default(),
            offset: origin.offset + whole.start as u64,
            time: shape.time(created).or(origin.time),
            host: origin.host,
            event_id: shape.id(&mut self.buffer),
        };
        self.visitor.start(&meta);
        for Member { key, value } in members {
            self.walker.member(text, key.clone(), value.clone(), self.visitor);
        }
        self.aliases(text, members);
        self.visitor.end();
    }

    fn aliases(&mut self, text: &[u8], members: &[Member]) {
        for (alias, outer, key) in ALIASES {
            let own = member(text, members, alias.as_bytes());
            let is_value = |byte: &u8| !matches!(byte, b'{' | b'[' | b'n');
            if own.is_some_and(|own| text.get(own.start).is_some_and(is_value)) {
                continue;
            }
            let Some(slot) = self.visitor.wants(alias) else {
                continue;
            };
            let Some(outer) = member(text, members, outer.as_bytes()) else {
                continue;
            };
            let value = match *key {
                "" => Some(outer),
                "{}" => first(text, outer.start),
                key => inner(text, outer.start, key.as_bytes()),
            };
            let value = value.and_then(|value| text.get(value)).unwrap_or_default();
            if value.first().is_some_and(is_value) {
                let value = decode(unquoted(value), &mut self.buffer);
                self.visitor.value(slot, value);
            }
        }
    }

    fn fault(&mut self, reason: Reason, text: &[u8], place: std::ops::Range<usize>, origin: Origin<'_>) {
        self.visitor.malformed(&Malformed {
            reason,
            offset: origin.offset + place.start as u64,
            sample: text.get(place).unwrap_or_default(),
        });
    }
}

/// The value of `key` in the object at `at`.
fn inner(text: &[u8], at: usize, key: &[u8]) -> Option<std::ops::Range<usize>> {
    if text.get(at) != Some(&b'{') {
        return None;
    }
    let mut open = Nesting::default();
    let mut at = scan::space(text, at + 1);
    loop {
        let (name, start) = scan::key(text, at, "a key").ok()?;
        let end = scan::value(text, start, &mut open).ok()?;
        if text.get(name) == Some(key) {
            return Some(start..end);
        }
        at = scan::space(text, end);
        if text.get(at) != Some(&b',') {
            return None;
        }
        at = scan::space(text, at + 1);
    }
}

/// The first element of the array at `at`.
fn first(text: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    if text.get(at) != Some(&b'[') {
        return None;
    }
    let start = scan::space(text, at + 1);
    let end = scan::value(text, start, &mut Nesting::default()).ok()?;
    Some(start..end)
}

impl Rows for Reader<'_> {
    fn value(&mut self, text: &[u8], at: usize, offset: u64) -> Result<usize, JsonError> {
        let origin = Origin { offset, ..Origin::default() };
        self.read(text, at, origin)
    }

    fn other(&mut self, line: &[u8], offset: u64) {
        let origin = Origin { offset, ..Origin::default() };
        self.line(line, origin);
    }

    fn visitor(&mut self) -> &mut dyn RowVisitor {
        self.visitor
    }
}
