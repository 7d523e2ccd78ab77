//! Formats for the tests of this crate: small, and strict about the chunks that they are given.

use dogwatch_formats::documents::Splitter;
use dogwatch_formats::{About, Chunk, Format, Framing, Malformed, Needle, Prefilter, Reason, RowMeta, RowVisitor};
use dogwatch_predicate::{Condition, Predicate};

use crate::compression::Compression;
use crate::inputs::InputFile;
use crate::range_reader::Place;

/// Lines of `key=value` pairs. A line `t=5 …` has the time 5 µs; a line without `=` is malformed. A row's field
/// `around` holds the lines before and after it, to show that the context is there.
#[derive(Debug)]
pub(crate) struct Pairs;

pub(crate) static PAIRS: Pairs = Pairs;

/// The same under another name, and rows may name themselves.
#[derive(Debug)]
pub(crate) struct JsonLike;

pub(crate) static JSON_LIKE: JsonLike = JsonLike;

/// How far the lines around a row reach, bytes.
pub(crate) const CONTEXT: usize = 16;

/// A file of a format that is nowhere.
pub(crate) fn file(format: &'static dyn Format, path: &str) -> InputFile {
    InputFile {
        path: path.into(),
        source: path.into(),
        format,
        compression: Compression::None,
        size: 0,
        host: "unknown".into(),
        sourcetype: format.sourcetype().into(),
        index: format.index().into(),
        framing: Framing::Lines { context: 0 },
        place: Place::Path(path.into()),
    }
}

impl Format for Pairs {
    fn about(&self) -> &About {
        static ABOUT: About = About {
            name: "pairs",
            sourcetype: "pairs",
            index: "main",
            sourcetype_aliases: &["pairs:old"],
            index_aliases: &["os"],
            ..About::BASE
        };
        &ABOUT
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        if head.contains(&0) || !head.contains(&b'=') { 0 } else { 50 }
    }

    fn framing(&self, head: &[u8]) -> Framing {
        if head.starts_with(b"{") { Framing::Documents } else { Framing::Lines { context: CONTEXT } }
    }

    fn is_multivalue(&self, field: &str) -> bool {
        field.ends_with("{}")
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        let bytes = chunk.bytes;
        assert!(chunk.own.start == 0 || bytes[chunk.own.start - 1] == b'\n');
        assert!(chunk.last || bytes.is_empty() || bytes.ends_with(b"\n"), "a chunk ends at a line end");
        let mut at = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if chunk.own.contains(&at) {
                let around = (at.saturating_sub(CONTEXT), (at + line.len() + CONTEXT).min(bytes.len()));
                let around = String::from_utf8_lossy(&bytes[around.0..around.1]).into_owned();
                row(line, chunk.offset + at as u64, &around, filter, visitor);
            }
            at += line.len();
        }
    }

    fn read_documents(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        let (mut at, mut splitter) = (0, Splitter::default());
        assert!(!matches!(splitter.next(chunk.bytes, true), dogwatch_formats::documents::Stretch::More));
        for document in chunk.bytes.split_inclusive(|&byte| byte == b'}') {
            let text = document.trim_ascii().trim_ascii_start();
            if text.starts_with(b"{") {
                let inner = &text[1..text.len() - 1];
                row(inner, chunk.offset + at as u64, "", filter, visitor);
            }
            at += document.len();
        }
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        match condition {
            Condition::Test(Predicate::Raw(pattern)) => {
                let text = regex::escape(pattern.as_literal().unwrap());
                let expression = regex::bytes::Regex::new(&text).unwrap();
                Prefilter { all: vec![Needle { expression, in_row: true }], ..Prefilter::default() }
            }
            Condition::Nothing => Prefilter { nothing: true, ..Prefilter::default() },
            _ => Prefilter::default(),
        }
    }
}

fn row(line: &[u8], offset: u64, around: &str, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    if line.is_empty() {
        return;
    }
    if !line.contains(&b'=') {
        visitor.malformed(&Malformed { reason: Reason::NotARecord, offset, sample: line });
        return;
    }
    if filter.is_some_and(|filter| filter.nothing || !filter.all.iter().all(|needle| needle.expression.is_match(line)))
    {
        return;
    }
    let text = String::from_utf8_lossy(line);
    let pairs: Vec<_> = text.split_ascii_whitespace().filter_map(|pair| pair.split_once('=')).collect();
    let find = |key: &str| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    visitor.start(&RowMeta {
        raw: line,
        offset,
        time: find("t").and_then(|time| time.parse().ok()),
        host: find("node"),
        event_id: find("id").unwrap_or_default(),
    });
    for (name, value) in pairs.iter().chain([&("around", around)]) {
        if let Some(slot) = visitor.wants(name) {
            visitor.value(slot, value);
        }
    }
    visitor.end();
}

impl Format for JsonLike {
    fn about(&self) -> &About {
        static ABOUT: About = About {
            name: "json_lines",
            sourcetype: "_json",
            index: "json",
            sourcetype_aliases: &["json:old"],
            names_itself: true,
            ..About::BASE
        };
        &ABOUT
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        if head.starts_with(b"j=") { 90 } else { 0 }
    }

    fn framing(&self, _: &[u8]) -> Framing {
        Framing::Lines { context: 0 }
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        PAIRS.read(chunk, filter, visitor);
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        PAIRS.prefilter(condition)
    }
}
