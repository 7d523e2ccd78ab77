//! Finds the JSON values in a chunk of a file and gives them to a format, one by one.
//!
//! Two ways, as the file is framed: line by line, where a broken line never touches its neighbours, or as documents
//! that span lines. Which values are rows, and what a line of other text means, is the format's to say.

use std::ops::Range;

use crate::documents::{Splitter, Stretch};
use crate::format::{Format, Framing, Prefilter};
use crate::lines::{self, LineReader, candidates, line_end};
use crate::rule_filter::RuleFilter;
use crate::visitor::{Chunk, Malformed, Reason, RowMeta, RowVisitor};

use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Nesting};

/// What a format does with what stands in a file.
pub(crate) trait RowReader {
    /// Reads the value that starts at `at` (with `{` or `[`) and returns where it ends. `offset` is where `text`
    /// starts in the file. On an error nothing has been handed out.
    fn value(&mut self, text: &[u8], at: usize, offset: u64) -> Result<usize, JsonError>;

    /// Reads a line that does not begin as a JSON object or array. It has no line end and is not empty.
    fn other(&mut self, line: &[u8], offset: u64);

    /// Whoever receives the rows.
    fn visitor(&mut self) -> &mut dyn RowVisitor;
}

/// Reads the lines that start in `chunk.own`, or those of them that the filter lets through. Lines that it stops are
/// not looked at in any way, but for the last one of the log: what the filter looks for may stand in a part that is cut.
pub(crate) fn lines(chunk: &Chunk<'_>, filter: Option<&Prefilter>, rows: &mut dyn RowReader) {
    lines::read(chunk, filter, &mut Lines(rows));
}

/// Reads values on lines.
struct Lines<'r>(&'r mut dyn RowReader);

impl LineReader for Lines<'_> {
    fn line(&mut self, chunk: &Chunk<'_>, at: Range<usize>) {
        line(chunk, at.start, at.end, self.0);
    }

    fn stopped(&mut self, chunk: &Chunk<'_>, at: Range<usize>) {
        report_cut(chunk, at.start, at.end, self.0);
    }

    fn visitor(&mut self) -> &mut dyn RowVisitor {
        self.0.visitor()
    }
}

/// Reports a line that the filter has stopped if it is the last one of the log and was cut.
fn report_cut(chunk: &Chunk<'_>, start: usize, end: usize, rows: &mut dyn RowReader) {
    if !chunk.last || end != chunk.bytes.len() {
        return;
    }
    let mut at = blank(chunk.bytes, start);
    let mut open = Nesting::default();
    while let Some(b'{' | b'[') = chunk.bytes.get(at) {
        match scan::value(chunk.bytes, at, &mut open) {
            Ok(after) => at = scan::space(chunk.bytes, after),
            Err(error) => {
                let (reason, sample) = (reason(&error, true), &chunk.bytes[at..]);
                rows.visitor().malformed(&Malformed { reason, offset: chunk.offset + at as u64, sample });
                return;
            }
        }
    }
}

/// The first byte at or after `at` that is no white space and no byte order mark.
fn blank(text: &[u8], at: usize) -> usize {
    let at = scan::space(text, at);
    match text.get(at..) {
        Some([0xef, 0xbb, 0xbf, ..]) => scan::space(text, at + 3),
        _ => at,
    }
}

/// Reads one line: values with white space or commas between them (a line of a JSON array ends in a comma).
fn line(chunk: &Chunk<'_>, start: usize, end: usize, rows: &mut dyn RowReader) {
    let text = &chunk.bytes[..end];
    let mut at = blank(text, start);
    let mut first = true;
    while let Some(byte) = text.get(at) {
        let fault = match byte {
            b'{' | b'[' => match rows.value(text, at, chunk.offset) {
                Ok(after) => {
                    at = scan::space(text, after);
                    while text.get(at) == Some(&b',') {
                        at = scan::space(text, at + 1);
                    }
                    first = false;
                    continue;
                }
                Err(error) => reason(&error, chunk.last && end == chunk.bytes.len()),
            },
            _ if first => {
                let line = text[at..].trim_ascii_end();
                return rows.other(line, chunk.offset + at as u64);
            }
            _ => Reason::BadJson,
        };
        return rows.visitor().malformed(&Malformed {
            reason: fault,
            offset: chunk.offset + at as u64,
            sample: &text[at..],
        });
    }
}

fn reason(error: &JsonError, at_end_of_file: bool) -> Reason {
    match error.cut && at_end_of_file {
        true => Reason::Truncated,
        false => Reason::BadJson,
    }
}

/// Reads the documents in `chunk.own`, which a [`Splitter`] has found: values one after the other, also as the
/// elements of one array.
pub(crate) fn documents(chunk: &Chunk<'_>, filter: Option<&Prefilter>, rows: &mut dyn RowReader) {
    if filter.is_some_and(|filter| filter.nothing) {
        return;
    }
    let end = chunk.own.end.min(chunk.bytes.len());
    let text = &chunk.bytes[..end];
    let tests = filter.map_or(&[][..], |filter| &filter.all);
    let mut matcher = filter.and_then(|filter| filter.rules.as_deref()).map(RuleFilter::matcher);
    let mut open = Nesting::default();
    let mut at = chunk.own.start;
    loop {
        at = scan::space(text, at);
        match text.get(at) {
            None => return,
            // The bytes of a byte order mark one by one, as the splitter takes them: it may have cut between them.
            Some(b'[' | b']' | b',' | 0xef | 0xbb | 0xbf) => at += 1,
            Some(b'{') => {
                if !tests.is_empty()
                    && let Ok(after) = scan::value(text, at, &mut open)
                    && !tests.iter().all(|test| test.expression.is_match(&text[at..after]))
                {
                    at = after;
                    continue;
                }
                if let Some(matcher) = &mut matcher
                    && let Ok(after) = scan::value(text, at, &mut open)
                {
                    let Some(rules) = candidates(matcher, &text[at..after]) else {
                        at = after;
                        continue;
                    };
                    rows.visitor().candidates(rules);
                }
                at = document(chunk, text, at, rows);
            }
            Some(_) => {
                let end = line_end(text, at);
                if matcher.is_some() {
                    // Nothing is known of what it carries.
                    rows.visitor().candidates(&[]);
                }
                rows.other(text[at..end].trim_ascii_end(), chunk.offset + at as u64);
                at = end;
            }
        }
    }
}

/// Reads the document at `at`. Returns where the search for the next one begins.
fn document(chunk: &Chunk<'_>, text: &[u8], at: usize, rows: &mut dyn RowReader) -> usize {
    match rows.value(text, at, chunk.offset) {
        Ok(after) => after,
        Err(error) => {
            let stretch = &text[at..];
            let after = match Splitter::default().first(stretch) {
                0 => stretch.len(),
                length => length,
            };
            let at_end = chunk.last && at + after == chunk.bytes.len();
            rows.visitor().malformed(&Malformed {
                reason: reason(&error, at_end),
                offset: chunk.offset + at as u64,
                sample: &stretch[..after],
            });
            at + after
        }
    }
}

/// What the beginning of a file holds.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// Rows.
    pub(crate) rows: usize,
    /// Stretches that are no rows, apart from klog lines.
    pub(crate) faults: usize,
    /// Whether it begins with a value that does not end in it.
    cut: bool,
}

impl Sample {
    /// Whether nothing is known but that it begins with a value that does not end in it.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut && self.faults == 0
    }
}

/// Reads the beginning of a file, which may end anywhere, as far as it is complete.
pub(crate) fn sample(head: &[u8], format: &dyn Format) -> Sample {
    let mut sample = Sample::default();
    let documents = format.framing(head) == Framing::Documents;
    let complete = match documents {
        true => match Splitter::default().next(head, false) {
            Stretch::Rows(length) => length,
            _ => 0,
        },
        false => memchr::memrchr(b'\n', head).map_or(0, |newline| newline + 1),
    };
    let read = |length: usize, sample: &mut Sample| {
        let chunk = Chunk { bytes: &head[..length], offset: 0, own: 0..length, last: true };
        match documents {
            true => format.read_documents(&chunk, None, sample),
            false => format.read(&chunk, None, sample),
        }
    };
    read(complete, &mut sample);
    if sample.rows == 0 && sample.faults == 0 {
        // One line without an end: all of a small file, or the beginning of a large row.
        read(head.len(), &mut sample);
    }
    sample
}

impl RowVisitor for Sample {
    fn start(&mut self, _: &RowMeta<'_>) {
        self.rows += 1;
    }

    fn malformed(&mut self, malformed: &Malformed<'_>) {
        match malformed.reason {
            Reason::Truncated => self.cut = true,
            reason => self.faults += usize::from(reason.is_fault()),
        }
    }
}
