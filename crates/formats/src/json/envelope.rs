//! Finds the events of a format in what carries them: lists, strings with JSON in them, and the envelopes of the ways by which
//! logs travel.

use std::ops::Range;

use super::events::{Carries, Envelope, Events, Object};
use super::flatten::Walker;
use super::rows::RowReader;
use super::timestamp;
use crate::visitor::{Malformed, Reason, RowMeta, RowVisitor};
use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Member, Nesting};
use dogwatch_json::text::{decode, unquoted};

/// Azure's diagnostic settings, by storage or event hub.
pub(crate) const AZURE: [Envelope; 3] = [Envelope::of("records"), Envelope::of("properties"), Envelope::of("log")];

/// CloudWatch's subscription filters and its own exports.
pub(crate) const CLOUDWATCH: [Envelope; 4] =
    [Envelope::of("logEvents"), Envelope::of("events"), Envelope::of("message"), Envelope::of("@message")];

/// Splunk's HTTP event collector and its export of results.
pub(crate) const SPLUNK: [Envelope; 3] =
    [Envelope { host: Some("host"), ..Envelope::of("event") }, Envelope::of("result"), Envelope::of("_raw")];

/// Where an envelope keeps its time. It is the row's only if the event has none.
const TIMES: &[&str] = &["time", "timestamp", "@timestamp", "_time"];

/// Envelopes in envelopes: records, properties, a string, a list, its items. More is no log.
const DEEPEST: usize = 8;

/// How much of a value is searched for the mark of an event, bytes: what an event begins with, in envelopes in envelopes.
const MARKED: usize = 64 * 1024;

/// How much of a line is searched for the JSON that stands behind a time and a stream name.
const LONGEST_PREFIX: usize = 1024;

/// Reads values into rows.
pub(crate) struct Reader<'v> {
    events: &'static Events,
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
    /// Whether it stands in a list that says that its items are events.
    listed: bool,
    /// How many envelopes are around it.
    depth: usize,
}

impl<'v> Reader<'v> {
    pub(crate) fn new(events: &'static Events, visitor: &'v mut dyn RowVisitor) -> Self {
        let (walker, open) = Default::default();
        Self { events, visitor, walker, open, spare: Vec::new(), buffer: String::new() }
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

    fn object(&mut self, text: &[u8], whole: Range<usize>, members: &[Member], origin: Origin<'_>) {
        let object = Object { text, members };
        if (self.events.is_event)(&object) || origin.listed {
            return self.event(&object, whole, origin);
        }
        let carried = self.carrier(&object);
        let Some((envelope, carries, value)) = carried.filter(|_| origin.depth < DEEPEST) else {
            return self.fault(Reason::NotAnEvent, text, whole, origin);
        };
        let mut host = String::new();
        let time = TIMES.iter().find_map(|key| {
            let value = decode(unquoted(object.value(key)?), &mut host);
            timestamp::iso(value).or_else(|| timestamp::epoch(value))
        });
        let host = match envelope.and_then(|envelope| envelope.host).and_then(|key| object.value(key)) {
            Some(value @ [b'"', ..]) => Some(decode(unquoted(value), &mut host)),
            _ => origin.host,
        };
        let inside = Origin {
            time: time.or(origin.time),
            host,
            listed: carries == Carries::Events,
            depth: origin.depth + 1,
            ..origin
        };
        self.carried(text, value, inside);
    }

    /// The member in which an object carries events: of the known envelopes, the first that has a mark of an event in it; else
    /// any member with one, whatever its key; else the first of the known.
    fn carrier(&self, object: &Object<'_>) -> Option<(Option<&'static Envelope>, Carries, Range<usize>)> {
        let mut known = self.events.envelopes.iter().filter_map(|envelope| {
            let value = object.place(envelope.key)?;
            let carries = (envelope.carries)(object);
            let fits = match object.text.get(value.start) {
                Some(b'{' | b'[') => carries != Carries::Nothing,
                Some(b'"') => true,
                _ => false,
            };
            fits.then_some((Some(envelope), carries, value))
        });
        let first = known.next();
        let is_marked = |value: &Range<usize>| {
            object.text.get(value.clone()).is_some_and(|text| self.events.has_mark(&text[..text.len().min(MARKED)]))
        };
        let marked = first
            .iter()
            .cloned()
            .chain(known)
            .find(|(_, carries, value)| *carries == Carries::Events || is_marked(value));
        let unknown = || {
            let carries = |value: &Range<usize>| matches!(object.text.get(value.start), Some(b'{' | b'[' | b'"'));
            let mut values = object.members.iter().map(|member| member.value.clone());
            let has_object =
                |value: &Range<usize>| object.text.get(value.clone()).is_some_and(|text| text.contains(&b'{'));
            let value = values.find(|value| carries(value) && is_marked(value) && has_object(value))?;
            Some((None, Carries::Anything, value))
        };
        marked.or_else(unknown).or(first)
    }

    /// Reads what an envelope or an array holds.
    fn carried(&mut self, text: &[u8], value: Range<usize>, origin: Origin<'_>) {
        match text.get(value.start) {
            // Checked with its envelope, so that it cannot fail.
            Some(b'{') => drop(self.read(text, value.start, origin)),
            Some(b'[') if origin.depth <= DEEPEST => self.elements(text, value.start, origin),
            Some(b'"') => self.string(text, value, origin),
            _ => self.fault(Reason::NotAnEvent, text, value, origin),
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
    fn string(&mut self, text: &[u8], value: Range<usize>, origin: Origin<'_>) {
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

    /// Reads text that does not begin as JSON: another program's, or a time and a stream name before the JSON.
    fn line(&mut self, line: &[u8], origin: Origin<'_>) {
        let whole = 0..line.len();
        if (self.events.is_other_text)(line) {
            return self.fault(Reason::KlogLine, line, whole, origin);
        }
        let head = &line[..line.len().min(LONGEST_PREFIX)];
        let Some(start) = memchr::memchr(b'{', head) else {
            return self.fault(Reason::NotAnEvent, line, whole, origin);
        };
        match self.read(line, start, origin) {
            Ok(end) if scan::space(line, end) == line.len() => {}
            Ok(end) => self.fault(Reason::BadJson, line, end..line.len(), origin),
            Err(_) => self.fault(Reason::BadJson, line, whole, origin),
        }
    }

    /// Hands out one row.
    fn event(&mut self, object: &Object<'_>, whole: Range<usize>, origin: Origin<'_>) {
        let text = object.text;
        let own = self.events.times.iter().find_map(|path| {
            let value = match path.contains('.') {
                true => object.at(path).map(unquoted),
                false => object.last_string(path),
            };
            timestamp::iso(decode(value?, &mut self.buffer))
        });
        let meta = RowMeta {
            raw: text.get(whole.clone()).unwrap_or_default(),
            offset: origin.offset + whole.start as u64,
            time: own.or(origin.time),
            host: origin.host,
            event_id: decode(object.last_string(self.events.id).unwrap_or_default(), &mut self.buffer),
        };
        self.visitor.start(&meta);
        for Member { key, value } in object.members {
            self.walker.member(text, key.clone(), value.clone(), self.visitor);
        }
        self.aliases(object);
        self.visitor.end();
    }

    fn aliases(&mut self, object: &Object<'_>) {
        for alias in self.events.aliases {
            let is_value = |value: &&[u8]| value.first().is_some_and(|byte| !matches!(byte, b'{' | b'[' | b'n'));
            if object.value(alias.name).is_some_and(|own| is_value(&own)) {
                continue;
            }
            let Some(slot) = self.visitor.wants(alias.name) else {
                continue;
            };
            match alias.paths.iter().find_map(|path| object.at(path).filter(is_value)) {
                Some(value) => {
                    let value = decode(unquoted(value), &mut self.buffer);
                    self.visitor.value(slot, alias.value.map_or(value, |rename| rename(value)));
                }
                None => alias.absent.into_iter().for_each(|value| self.visitor.value(slot, value)),
            }
        }
    }

    fn fault(&mut self, reason: Reason, text: &[u8], place: Range<usize>, origin: Origin<'_>) {
        self.visitor.malformed(&Malformed {
            reason,
            offset: origin.offset + place.start as u64,
            sample: text.get(place).unwrap_or_default(),
        });
    }
}

impl RowReader for Reader<'_> {
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
