//! Reading a log as it grows: bytes are pushed as they come, and rows are handed out once they are complete. Reading in batches
//! ([`crate::Format::read`]) is for files; what gives the same rows from a stream is here.

use crate::documents::{Splitter, Stretch};
use crate::format::{Format, Framing};
use crate::visitor::{Chunk, Malformed, Reason, RowVisitor};

/// Reads one log as it grows.
///
/// However the log is cut, the rows are those that [`Format::read`] gives of the whole, in the same order.
pub trait Decoder: Send {
    /// Takes the next bytes of the log and hands out the rows that are complete with them.
    fn push(&mut self, bytes: &[u8], visitor: &mut dyn RowVisitor);

    /// Hands out what is left: the log ends here.
    fn finish(&mut self, visitor: &mut dyn RowVisitor);
}

/// How much of the beginning of a log decides how it is cut, as for files.
const HEAD: usize = 64 * 1024;

/// How much of a malformed stretch is shown.
const SAMPLE: usize = 512;

/// The bytes of a log that are still needed.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    /// Where they begin in the log.
    offset: u64,
    /// The line ends before this place are known.
    searched: usize,
    /// Whether they begin in a line that is too long and is skipped.
    skips: bool,
}

impl Tail {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Adds bytes. Those of a line that is skipped are dropped.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.skips {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            self.skips = rest.get(end.max(1) - 1) != Some(&b'\n');
            self.offset += end as u64;
            rest = &rest[end..];
        }
        self.bytes.extend_from_slice(rest);
    }

    /// Where the last of the lines ends that have become whole since this was last asked; 0 if none has.
    pub(crate) fn whole_lines(&mut self) -> usize {
        let new = std::mem::replace(&mut self.searched, self.bytes.len());
        memchr::memrchr(b'\n', &self.bytes[new..]).map_or(0, |newline| new + newline + 1)
    }

    /// Drops the first bytes.
    pub(crate) fn discard(&mut self, length: usize) {
        self.bytes.drain(..length);
        self.searched = self.searched.saturating_sub(length);
        self.offset += length as u64;
    }

    /// Drops all bytes, which end in a line of which `start` is the first, if that is longer than a line can be; what comes
    /// behind it, up to a line end, is skipped.
    pub(crate) fn discard_long_line(&mut self, start: usize, limit: usize, visitor: &mut dyn RowVisitor) -> bool {
        if self.bytes.len() - start <= limit {
            return false;
        }
        report_too_long(&self.bytes[start..], self.offset + start as u64, visitor);
        self.discard(self.bytes.len());
        self.skips = true;
        true
    }
}

fn report_too_long(text: &[u8], offset: u64, visitor: &mut dyn RowVisitor) {
    let sample = &text[..text.len().min(SAMPLE)];
    visitor.malformed(&Malformed { reason: Reason::TooLong, offset, sample });
}

/// Reads a log whose rows stand on lines or in documents of their own.
pub(crate) struct Framed<F: Format + ?Sized + 'static> {
    format: &'static F,
    tail: Tail,
    state: State,
    limit: usize,
}

enum State {
    /// It is not known yet how the log is cut.
    Undecided,
    Lines,
    Documents(Box<Splitter>),
}

impl<F: Format + ?Sized> Framed<F> {
    pub(crate) fn new(format: &'static F) -> Self {
        Self { format, tail: Tail::default(), state: State::Undecided, limit: Splitter::LIMIT }
    }

    fn read(&mut self, at_end: bool, visitor: &mut dyn RowVisitor) {
        if matches!(self.state, State::Undecided) {
            let head = &self.tail.bytes[..self.tail.bytes.len().min(HEAD)];
            let framing = match self.format.settled_framing(head) {
                None if at_end || head.len() == HEAD => self.format.framing(head),
                None => return,
                Some(framing) => framing,
            };
            self.state = match framing {
                Framing::Lines { .. } => State::Lines,
                Framing::Documents => State::Documents(Box::new(Splitter::with_limit(self.limit))),
            };
        }
        match self.state {
            State::Documents(_) => self.documents(at_end, visitor),
            _ => self.lines(at_end, visitor),
        }
    }

    fn lines(&mut self, at_end: bool, visitor: &mut dyn RowVisitor) {
        let whole = self.tail.whole_lines();
        let bytes = &self.tail.bytes;
        let length = if at_end { bytes.len() } else { whole };
        if length > 0 {
            let chunk = Chunk { bytes: &bytes[..length], offset: self.tail.offset, own: 0..length, last: at_end };
            self.format.read(&chunk, None, visitor);
            self.tail.discard(length);
        }
        self.tail.discard_long_line(0, self.limit, visitor);
    }

    fn documents(&mut self, at_end: bool, visitor: &mut dyn RowVisitor) {
        let State::Documents(splitter) = &mut self.state else { return };
        loop {
            let bytes = &self.tail.bytes;
            let length = match splitter.next(bytes, at_end) {
                Stretch::More => return,
                Stretch::Rows(length) => {
                    let chunk = Chunk { bytes, offset: self.tail.offset, own: 0..length, last: at_end };
                    self.format.read_documents(&chunk, None, visitor);
                    length
                }
                Stretch::TooLong { bytes: length, first } => {
                    if first {
                        report_too_long(&bytes[..length], self.tail.offset, visitor);
                    }
                    length
                }
            };
            self.tail.discard(length);
        }
    }
}

impl<F: Format + ?Sized> Decoder for Framed<F> {
    fn push(&mut self, bytes: &[u8], visitor: &mut dyn RowVisitor) {
        self.tail.push(bytes);
        // Nothing but a line end decides how the log is cut, or that it has been long enough.
        let decides = memchr::memchr(b'\n', bytes).is_some() || self.tail.bytes.len() >= HEAD;
        if decides || !matches!(self.state, State::Undecided) {
            self.read(false, visitor);
        }
    }

    fn finish(&mut self, visitor: &mut dyn RowVisitor) {
        self.read(true, visitor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::visitor::RowMeta;

    #[derive(Default)]
    struct Seen(Vec<(u64, String)>);

    impl RowVisitor for Seen {
        fn start(&mut self, row: &RowMeta<'_>) {
            self.0.push((row.offset, String::from_utf8_lossy(row.raw).into_owned()));
        }
        fn malformed(&mut self, malformed: &Malformed<'_>) {
            self.0.push((malformed.offset, malformed.reason.as_str().to_owned()));
        }
    }

    #[test]
    fn rows_come_as_soon_as_they_are_complete_and_long_lines_are_dropped() {
        let mut decoder = Framed { limit: 20, ..Framed::new(&crate::json_lines::FORMAT) };
        let mut seen = Seen::default();
        let mut push = |bytes: &str| {
            decoder.push(bytes.as_bytes(), &mut seen);
            std::mem::take(&mut seen.0)
        };
        let row = |offset: u64, text: &str| (offset, text.to_owned());
        assert_eq!(push("{\"a\":1}\n{\"a\""), [row(0, "{\"a\":1}")]);
        assert_eq!(push(":2}\n{\"b\":\"0123456789abcdefg"), [row(8, "{\"a\":2}"), row(16, "too long")]);
        assert_eq!(push("hijk"), []);
        assert_eq!(push("lm\"}\n{\"a\":3}"), []);
        assert_eq!(push("\n"), [row(48, "{\"a\":3}")]);
        assert_eq!(push("{\"a\":4}"), []);
        decoder.finish(&mut seen);
        assert_eq!(seen.0, [row(56, "{\"a\":4}")]);
    }

    #[test]
    fn a_document_that_spans_lines_waits_for_its_end() {
        let mut decoder = crate::json_lines::FORMAT.decoder();
        let mut seen = Seen::default();
        decoder.push(b"{\n\"a\": 1", &mut seen);
        assert!(seen.0.is_empty());
        decoder.push(b"\n}\n{\n", &mut seen);
        assert_eq!(seen.0.len(), 1);
        decoder.push(b"}", &mut seen);
        assert_eq!(seen.0.len(), 2);
    }
}
