//! Goes over the lines of a chunk and hands a format those that a filter lets through: what all formats share whose rows stand on
//! a line of their own.

use std::ops::Range;

use crate::format::Prefilter;
use crate::rule_filter::{Found, Matcher};
use crate::visitor::{Chunk, RowVisitor};

/// What a format does with lines. Lines are places in the chunk's bytes, without their line ends.
pub(crate) trait LineReader {
    /// Reads a line.
    fn line(&mut self, chunk: &Chunk<'_>, line: Range<usize>);

    /// Reports a line that the filter has stopped, if it is the last one of the log and was cut: what the filter looks for may
    /// stand in the part that is missing.
    fn stopped(&mut self, _chunk: &Chunk<'_>, _line: Range<usize>) {}

    /// Whoever receives the rows.
    fn visitor(&mut self) -> &mut dyn RowVisitor;
}

/// Reads the lines that start in `chunk.own`, or those of them that the filter lets through.
pub(crate) fn read(chunk: &Chunk<'_>, filter: Option<&Prefilter>, reader: &mut dyn LineReader) {
    if filter.is_some_and(|filter| filter.nothing) || chunk.own.is_empty() {
        return;
    }
    let own = owned_lines(chunk);
    if let Some(rules) = filter.and_then(|filter| filter.rules.as_deref()) {
        return read_for_rules(chunk, own, &mut rules.matcher(), reader);
    }
    let tests = filter.map_or(&[][..], |filter| &filter.all);
    let Some((first, others)) = tests.split_first() else {
        let mut at = own.start;
        while at < own.end {
            let end = line_end(&chunk.bytes[..own.end], at);
            reader.line(chunk, at..end);
            at = end + 1;
        }
        return;
    };
    let searched = &chunk.bytes[..own.end];
    let mut at = own.start;
    while let Some(found) = first.expression.shortest_match_at(searched, at) {
        // No pattern matches a line end, so that the end of the match is in the line that matches.
        let last = found.max(1) - 1;
        let before = searched.get(at..last).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(at, |newline| at + newline + 1);
        let end = line_end(searched, last);
        let text = &searched[start..end];
        if others.iter().all(|test| test.expression.is_match(text)) {
            reader.line(chunk, start..end);
        } else {
            reader.stopped(chunk, start..end);
        }
        at = end + 1;
        if at > searched.len() {
            return;
        }
    }
    let last = memchr::memrchr(b'\n', &searched[at..]).map_or(at, |newline| at + newline + 1);
    reader.stopped(chunk, last..searched.len());
}

fn read_for_rules(chunk: &Chunk<'_>, own: Range<usize>, matcher: &mut Matcher<'_>, reader: &mut dyn LineReader) {
    let mut at = own.start;
    while at < own.end {
        let end = line_end(&chunk.bytes[..own.end], at);
        reader.visitor().line(chunk.offset + at as u64);
        if let Some(rules) = candidates(matcher, &chunk.bytes[at..end]) {
            reader.visitor().candidates(rules);
            reader.line(chunk, at..end);
        } else {
            reader.stopped(chunk, at..end);
        }
        at = end + 1;
    }
    // An empty line that ends the chunk, of which there is only its end.
    let starts = at == 0 || chunk.bytes.get(at - 1) == Some(&b'\n');
    if at == own.end && starts && chunk.own.contains(&at) && chunk.bytes.get(at) == Some(&b'\n') {
        reader.visitor().line(chunk.offset + at as u64);
    }
}

/// The rules that a row in a text can satisfy; none if there is none.
pub(crate) fn candidates<'m>(matcher: &'m mut Matcher<'_>, text: &[u8]) -> Option<&'m [u64]> {
    let found = matcher.observe(0, text, Found::default());
    matcher.candidates(found, 0, text)
}

/// From the first line that starts in `chunk.own` to the end of the last one.
fn owned_lines(chunk: &Chunk<'_>) -> Range<usize> {
    let start = match chunk.own.start {
        0 => 0,
        start => line_end(chunk.bytes, start - 1) + 1,
    };
    let end = line_end(chunk.bytes, chunk.own.end.max(1) - 1);
    start.min(end)..end
}

/// The line end at or after `at`, or the end of the text.
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |newline| at + newline)
}
