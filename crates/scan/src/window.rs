//! A window that slides over the bytes of a file and cuts chunks at line ends.
//!
//! The same cuts serve a range of a large file, which is read from the middle, and a compressed one, which is read from
//! its start. The window holds a chunk and the context around it, never the file.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use dogwatch_formats::Framing;
use memchr::{memchr, memrchr};

/// Longest line to which context is extended, bytes. Longer lines are excluded from the context.
const CONTEXT_LINE: usize = 1024 * 1024;
/// Minimum number of bytes read at a time when looking for the end of a line.
const STEP: usize = 64 * 1024;
/// Default chunk size, bytes.
const CHUNK: usize = 8 * 1024 * 1024;

/// Sizes of the pieces in which a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSizes {
    /// Bytes that a worker reads at once; `None`: 8 MiB, or four times the context if that is more, so that the context
    /// read in addition is at most half a chunk.
    pub chunk: Option<usize>,
    /// Maximum length of a line or document, bytes; longer ones are malformed.
    pub longest: usize,
    /// Bytes of context on each side, for formats that need context; `None`: the format's own choice.
    pub context: Option<usize>,
}

impl Default for ChunkSizes {
    fn default() -> Self {
        Self { chunk: None, longest: 64 * 1024 * 1024, context: None }
    }
}

impl ChunkSizes {
    /// The sizes for a file with this framing.
    pub(crate) fn of(self, framing: Framing) -> Sizes {
        let context = match framing {
            Framing::Lines { context } => self.context.map_or(context, |given| given.min(context)),
            Framing::Documents => 0,
        };
        let longest = self.longest.max(1);
        // A chunk that is no longer than the longest line has at most one line that is too long: its last.
        let chunk = self.chunk.unwrap_or(CHUNK.max(4 * context)).clamp(1, longest);
        Sizes { chunk, longest, context }
    }
}

/// The sizes that one file is read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) chunk: usize,
    pub(crate) longest: usize,
    pub(crate) context: usize,
}

/// Memory of a window, reused for the next one.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    /// Releases memory if a long line has made it grow past a few chunks.
    pub(crate) fn shrink(&mut self, sizes: Sizes) {
        if self.0.len() > (2 * sizes.chunk).max(CHUNK) + 2 * sizes.context {
            self.0 = Vec::new();
        }
    }
}

/// The bytes of a file between two offsets.
pub(crate) struct Window<'a, R> {
    reader: R,
    buffer: &'a mut Vec<u8>,
    /// Number of bytes in the buffer.
    filled: usize,
    /// Offset of the window in the file.
    offset: u64,
    ended: bool,
    /// Why reading broke off.
    failure: Option<io::Error>,
}

/// A chunk in a window: positions in [`Window::bytes`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The lines whose rows are wanted.
    pub(crate) own: Range<usize>,
    /// End of the context after them.
    pub(crate) end: usize,
    /// Whether the file ends there.
    pub(crate) last: bool,
    /// Whether the line that starts at `own.end` is too long.
    pub(crate) too_long: bool,
}

impl<'a, R: Read> Window<'a, R> {
    /// A window at `offset`, from where `reader` reads.
    pub(crate) fn new(reader: R, offset: u64, buffer: &'a mut Buffer) -> Self {
        Self { reader, buffer: &mut buffer.0, filled: 0, offset, ended: false, failure: None }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether nothing follows the window. Only known after an attempt to read on.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Why the window ended before the file did.
    pub(crate) fn into_failure(self) -> Option<io::Error> {
        self.failure
    }

    /// Reads until the window has `length` bytes, or the input ends. An error ends the window like the end of the file
    /// does: the bytes read before it are searched.
    pub(crate) fn fill(&mut self, length: usize) {
        if self.buffer.len() < length {
            // Grows by half, so that a line of many megabytes is not copied for every block.
            let grown = length.max(self.buffer.len() + self.buffer.len() / 2);
            self.buffer.reserve_exact(grown - self.buffer.len());
            self.buffer.resize(grown, 0);
        }
        while self.filled < length && !self.ended {
            match self.reader.read(&mut self.buffer[self.filled..length]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error);
                }
            }
        }
    }

    /// Discards the first `count` bytes.
    pub(crate) fn drop_front(&mut self, count: usize) {
        let count = count.min(self.filled);
        self.buffer.copy_within(count..self.filled, 0);
        self.filled -= count;
        self.offset += count as u64;
    }

    /// The first line end at or after `from` and before `until`, reading on as needed.
    pub(crate) fn line_end(&mut self, from: usize, until: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let seen = self.filled.min(until);
            if let Some(unseen) = self.buffer.get(from..seen) {
                if let Some(at) = memchr(b'\n', unseen) {
                    return Some(from + at);
                }
                from = seen;
            }
            if self.filled >= until || self.ended {
                return None;
            }
            let more = self.filled.max(from) + STEP.max(self.filled / 4);
            self.fill(more.min(until));
        }
    }

    /// Discards everything up to the next line start at or after `from`. Needs no more than a block of memory.
    pub(crate) fn skip_line(&mut self, from: usize) {
        let mut from = from;
        loop {
            if let Some(at) = memchr(b'\n', &self.bytes()[from.min(self.filled)..]) {
                self.drop_front(from + at + 1);
                return;
            }
            self.drop_front(self.filled);
            from = 0;
            if self.ended {
                return;
            }
            self.fill(STEP);
        }
    }

    /// Cuts a chunk: the lines that start at or after `from` (a line start) and before `target`, and `context` bytes
    /// after them, rounded out to a line end.
    pub(crate) fn cut(&mut self, from: usize, target: usize, context: usize, longest: usize) -> Cut {
        self.fill(target.saturating_add(context));
        let before = target.min(self.filled).saturating_sub(1).max(from);
        // The start of the last line that starts before the target.
        let last_line = match self.buffer.get(from..before).and_then(|lines| memrchr(b'\n', lines)) {
            Some(at) => from + at + 1,
            None => from,
        };
        let limit = last_line.saturating_add(longest).saturating_add(1);
        let own_end = match self.line_end(before.max(last_line), limit) {
            Some(at) => at + 1,
            None if self.ended && self.filled - last_line.min(self.filled) <= longest => self.filled,
            None => {
                return Cut { own: from..last_line, end: last_line, last: false, too_long: true };
            }
        };
        let end = self.context_end(own_end, context);
        if end == self.filled && !self.ended {
            self.fill(end + 1);
        }
        Cut { own: from..own_end, end, last: self.ended && end == self.filled, too_long: false }
    }

    fn context_end(&mut self, own_end: usize, context: usize) -> usize {
        if context == 0 {
            return own_end;
        }
        let wanted = own_end.saturating_add(context);
        self.fill(wanted);
        match self.line_end(wanted - 1, wanted.saturating_add(CONTEXT_LINE)) {
            Some(at) => at + 1,
            None if self.ended => self.filled,
            None => match memrchr(b'\n', &self.bytes()[own_end..]) {
                Some(at) => own_end + at + 1,
                None => own_end,
            },
        }
    }

    /// The line start that is at least `context` bytes before `own`, but not before `start`.
    pub(crate) fn context_start(&self, start: usize, own: usize, context: usize) -> usize {
        let wanted = own.saturating_sub(context);
        if context == 0 {
            return own;
        }
        if wanted <= start {
            return start;
        }
        let lowest = start.max(wanted.saturating_sub(CONTEXT_LINE));
        match memrchr(b'\n', &self.bytes()[lowest..wanted]) {
            Some(at) => lowest + at + 1,
            None if lowest == start => start,
            None => match memchr(b'\n', &self.bytes()[wanted..own]) {
                Some(at) => wanted + at + 1,
                None => own,
            },
        }
    }
}

/// The line start at or before `at`, looked for backwards but not further than context is rounded out. `false`:
/// none was found, and the place returned is in the middle of a line.
pub(crate) fn line_start_before<E>(
    at: u64,
    mut read: impl FnMut(u64, u64, &mut Vec<u8>) -> Result<(), E>,
) -> Result<(u64, bool), E> {
    let mut end = at;
    let mut block = Vec::new();
    while end > 0 && at - end < CONTEXT_LINE as u64 {
        let start = end.saturating_sub(STEP as u64);
        block.clear();
        read(start, end, &mut block)?;
        if let Some(found) = memrchr(b'\n', &block) {
            return Ok((start + found as u64 + 1, true));
        }
        end = start;
    }
    Ok(if end == 0 { (0, true) } else { (at, false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, from: usize, target: usize, context: usize, longest: usize) -> Cut {
        let mut buffer = Buffer::default();
        Window::new(text.as_bytes(), 0, &mut buffer).cut(from, target, context, longest)
    }

    #[test]
    fn a_chunk_ends_where_the_line_ends_that_starts_in_it() {
        let text = "one\ntwo\nthree\nfour\n";
        assert_eq!(cut(text, 0, 4, 0, 99), Cut { own: 0..4, end: 4, last: false, too_long: false });
        assert_eq!(cut(text, 0, 5, 0, 99), Cut { own: 0..8, end: 8, last: false, too_long: false });
        assert_eq!(cut(text, 4, 5, 1, 99), Cut { own: 4..8, end: 14, last: false, too_long: false });
        assert_eq!(cut(text, 4, 15, 0, 99), Cut { own: 4..19, end: 19, last: true, too_long: false });
        assert_eq!(cut("a\nbc", 0, 100, 0, 99), Cut { own: 0..4, end: 4, last: true, too_long: false });
        assert_eq!(cut("", 0, 100, 0, 99), Cut { own: 0..0, end: 0, last: true, too_long: false });
    }

    #[test]
    fn a_line_of_the_limit_is_whole_and_one_more_byte_is_too_long() {
        for tail in ["", "\n", "\nrest\n"] {
            let fits = cut(&format!("ab\n{}{tail}", "x".repeat(10)), 0, 4, 0, 10);
            assert_eq!(fits.own, 0..13 + usize::from(!tail.is_empty()), "{tail:?}");
            let over = cut(&format!("ab\n{}{tail}", "x".repeat(11)), 0, 4, 0, 10);
            assert_eq!(over, Cut { own: 0..3, end: 3, last: false, too_long: true });
        }
    }

    #[test]
    fn the_line_start_before_a_place_is_found_or_said_to_be_far() {
        let mut text = b"one\n".to_vec();
        text.extend(vec![b'x'; 3 * STEP]);
        text.extend(b"\ntwo\n");
        let long = vec![b'x'; CONTEXT_LINE + 2 * STEP];
        let find = |text: &[u8], at: u64| {
            line_start_before(at, |start, end, block| {
                block.extend_from_slice(&text[start as usize..end as usize]);
                Ok::<(), ()>(())
            })
            .unwrap()
        };
        assert_eq!(find(&text, 0), (0, true));
        assert_eq!(find(&text, 3), (0, true));
        assert_eq!(find(&text, 4), (4, true));
        assert_eq!(find(&text, 3 * STEP as u64), (4, true));
        assert_eq!(find(&long, long.len() as u64), (long.len() as u64, false));
    }

    #[test]
    fn a_long_line_is_skipped_in_little_memory() {
        let text = [vec![b'x'; 10_000_000], b"\nnext\n".to_vec()].concat();
        let mut buffer = Buffer::default();
        let mut window = Window::new(&text[..], 0, &mut buffer);
        window.fill(10);
        window.skip_line(0);
        assert_eq!(window.offset(), 10_000_001);
        window.fill(100);
        assert_eq!(window.bytes(), b"next\n");
        assert!(buffer.0.len() <= 2 * STEP);
    }
}
