//! Plain JSON: every object is a row, whatever is in it.
//!
//! One object a line, several, an array of them, or documents that span lines. Fields are named as Splunk names them
//! (see [`crate::json`]). Keys are taken as they come, also `host`, `source`, `sourcetype` and `index`; only `_time`
//! becomes the row's time instead of a field, and `_raw`, which is the row's own text, is left out.

use crate::format::About;
use crate::json::flatten::Walker;
use crate::json::log::{JsonLog, RowKind};
use crate::json::rows::RowReader;
use crate::json::timestamp;
use crate::visitor::{Malformed, Reason, RowMeta, RowVisitor};
use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Member, Nesting};
use dogwatch_json::text::{decode, unquoted};

/// Where a row's time is looked for: the first of these keys whose value is a time. `_time` is Splunk's own and may be
/// any number of seconds; the others are names that loggers use, and their numbers must be of after 1973
/// (a `"time": 12` is a duration).
const TIMES: &[&[u8]] =
    &[b"_time", b"time", b"timestamp", b"@timestamp", b"ts", b"eventTime", b"event_time", b"datetime"];

/// The first time that a number under a logger's name is taken for: 1e8 seconds, 1973-03-03.
const FIRST_TIME: i64 = 100_000_000_000_000;

/// The plain JSON format. `json_no_timestamp` is the other JSON sourcetype that Splunk comes with. It names no fields, since
/// another file has others.
pub(crate) static FORMAT: JsonLog = JsonLog {
    about: About {
        name: "json_lines",
        sourcetype: "_json",
        index: "main",
        sourcetype_aliases: &["json", "json_lines", "json_no_timestamp", "jsonl", "ndjson"],
        index_aliases: &["json"],
        // Any object can be a row, also one that another Splunk has exported.
        names_itself: true,
        origin: "a file of JSON objects",
        ..About::BASE
    },
    early_fields: None,
    rows: RowKind::Objects(|visitor| Box::new(Reader::new(visitor))),
};

/// Reads values into rows.
struct Reader<'v> {
    visitor: &'v mut dyn RowVisitor,
    walker: Walker,
    open: Nesting,
    members: Vec<Member>,
    buffer: String,
}

impl<'v> Reader<'v> {
    fn new(visitor: &'v mut dyn RowVisitor) -> Self {
        Self {
            visitor,
            walker: Walker::default(),
            open: Nesting::default(),
            members: Vec::new(),
            buffer: String::new(),
        }
    }

    /// Reads the object at `at`. All of it is checked before anything is handed out.
    fn object(&mut self, text: &[u8], at: usize, offset: u64) -> Result<usize, JsonError> {
        let end = scan::members(text, at, &mut self.open, &mut self.members)?;
        let time = TIMES.iter().find_map(|&key| self.time(text, key));
        self.visitor.start(&RowMeta {
            raw: text.get(at..end).unwrap_or_default(),
            offset: offset + at as u64,
            time,
            host: None,
            event_id: "",
        });
        for Member { key, value } in &self.members {
            let name = text.get(key.clone());
            if name != Some(b"_time") && name != Some(b"_raw") {
                self.walker.member(text, key.clone(), value.clone(), self.visitor);
            }
        }
        self.visitor.end();
        Ok(end)
    }

    fn time(&mut self, text: &[u8], key: &[u8]) -> Option<i64> {
        let named = |member: &&Member| text.get(member.key.clone()) == Some(key);
        let member = self.members.iter().find(named)?;
        let value = text.get(member.value.clone())?;
        let value = decode(unquoted(value), &mut self.buffer);
        timestamp::iso(value)
            .or_else(|| timestamp::epoch(value.trim()).filter(|&time| key == b"_time" || time >= FIRST_TIME))
    }

    fn no_object(&mut self, sample: &[u8], offset: u64) {
        self.visitor.malformed(&Malformed { reason: Reason::NotAnObject, offset, sample });
    }
}

impl RowReader for Reader<'_> {
    fn value(&mut self, text: &[u8], at: usize, offset: u64) -> Result<usize, JsonError> {
        if text.get(at) == Some(&b'{') {
            return self.object(text, at, offset);
        }
        let end = scan::value(text, at, &mut self.open)?;
        // An array, perhaps of arrays: its objects are rows, at whatever depth of arrays they stand.
        let mut at = at;
        while at < end {
            at = match text.get(at) {
                Some(b'{') => self.object(text, at, offset)?,
                Some(b'[' | b']' | b',') => at + 1,
                Some(b' ' | b'\n' | b'\r' | b'\t') => at + 1,
                _ => {
                    let end = scan::scalar(text, at)?;
                    self.no_object(text.get(at..end).unwrap_or_default(), offset + at as u64);
                    end
                }
            };
        }
        Ok(end)
    }

    fn other(&mut self, line: &[u8], offset: u64) {
        if scan::scalar(line, 0).is_ok_and(|end| end == line.len()) {
            return self.no_object(line, offset);
        }
        self.visitor.malformed(&Malformed { reason: Reason::BadJson, offset, sample: line });
    }

    fn visitor(&mut self) -> &mut dyn RowVisitor {
        self.visitor
    }
}
