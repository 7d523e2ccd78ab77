//! Cuts a file of JSON documents that span lines: pretty-printed ones one after the other, or the elements of one
//! large array.
//!
//! The scan reads such a file from its start to its end into a buffer, asks the [`Splitter`] after every block how
//! much of the buffer is complete, has that read by [`crate::Format::read_documents`], and drops it. The splitter looks at every
//! byte once, however the blocks fall. It counts brackets and minds strings; it checks no grammar beyond what is
//! needed to find the next document after a broken one.

use crate::format::Framing;
use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Nesting};

/// What the beginning of the buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// Nothing in it is complete. More is needed; at the end of the file, nothing is left.
    More,
    /// This number of bytes are complete documents, and text between them: to be read, then dropped.
    Rows(usize),
    /// A number of bytes that belong to a document that is longer than the limit: to be dropped. The `first` of such pieces is
    /// to be reported as [`crate::Reason::TooLong`]; the others continue it.
    TooLong {
        /// How many bytes.
        bytes: usize,
        /// Whether the document starts here.
        first: bool,
    },
}

/// Finds where documents end, block by block.
#[derive(Clone, Debug)]
pub struct Splitter {
    limit: usize,
    /// How much of the buffer has been looked at.
    seen: usize,
    state: State,
    open: Nesting,
    /// The last byte outside of strings that was no white space.
    previous: u8,
    /// Whether only a line end stands before the byte at hand.
    line_start: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a document: white space, commas and the brackets of an array around the documents.
    Between,
    /// In a line that is no JSON.
    Text,
    Document,
    String,
    /// Behind a backslash in a string.
    Escape,
    /// In a document that is broken: it lasts until a line that starts with `{`.
    Broken,
    /// The same, of a document that is too long.
    TooLong,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::with_limit(Self::LIMIT)
    }
}

impl Splitter {
    /// The longest document that is kept whole, in bytes: 64 MiB.
    pub const LIMIT: usize = 64 * 1024 * 1024;

    /// A splitter at the start of a file that gives up on documents of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self { limit, seen: 0, state: State::Between, open: Nesting::default(), previous: 0, line_start: true }
    }

    /// What the beginning of the buffer is. The buffer holds everything since the last piece that was dropped; with
    /// `at_end` the file ends where it ends. To be called until it says [`Stretch::More`].
    pub fn next(&mut self, buffer: &[u8], at_end: bool) -> Stretch {
        if self.state == State::TooLong {
            return self.skip(buffer, at_end);
        }
        let mut done = self.scan(buffer, false);
        if done == 0 && buffer.len() > self.limit && self.state != State::Between {
            self.state = State::TooLong;
            self.seen = 0;
            return Stretch::TooLong { bytes: buffer.len(), first: true };
        }
        if at_end {
            done = buffer.len();
            self.state = State::Between;
            self.seen = done;
        }
        self.seen -= done;
        match done {
            0 => Stretch::More,
            _ => Stretch::Rows(done),
        }
    }

    /// The length of the first document in `text`, which starts with it; 0 if it does not end there.
    pub(crate) fn first(&mut self, text: &[u8]) -> usize {
        self.scan(text, true)
    }

    fn skip(&mut self, buffer: &[u8], at_end: bool) -> Stretch {
        let found = next_document(buffer, 0);
        let bytes = match found {
            Ok(start) => start,
            Err(_) if at_end => buffer.len(),
            // A line end at the end of the buffer stays: what follows it decides.
            Err(kept) => kept,
        };
        if found.is_ok() {
            self.state = State::Between;
        }
        match (bytes, found) {
            (0, Ok(_)) => self.next(buffer, at_end),
            (0, Err(_)) => Stretch::More,
            _ => Stretch::TooLong { bytes, first: false },
        }
    }

    /// Looks at what is new in the buffer. Returns the end of the last complete stretch (of the first, if told so).
    fn scan(&mut self, buffer: &[u8], only_first: bool) -> usize {
        let mut done = 0;
        let mut at = self.seen;
        while let Some(&byte) = buffer.get(at) {
            let before = done;
            match self.state {
                State::Between => {
                    if byte == b'{' {
                        self.start();
                        at += 1;
                        continue;
                    }
                    if matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | 0xef | 0xbb | 0xbf) {
                        at += 1;
                        done = at;
                    } else {
                        self.state = State::Text;
                    }
                    continue;
                }
                State::Text => match memchr::memchr(b'\n', &buffer[at..]) {
                    Some(newline) => {
                        at += newline + 1;
                        done = at;
                        self.state = State::Between;
                    }
                    None => at = buffer.len(),
                },
                State::Document => (at, done) = self.document(byte, at, done),
                State::String => at = self.string(buffer, at),
                State::Escape => {
                    self.state = State::String;
                    at += usize::from(byte != b'\n');
                }
                State::Broken | State::TooLong => match next_document(buffer, at) {
                    Ok(start) => {
                        at = start;
                        done = at;
                        self.state = State::Between;
                    }
                    Err(kept) => {
                        at = kept;
                        break;
                    }
                },
            }
            if only_first && done != before {
                break;
            }
        }
        self.seen = at;
        done
    }

    fn start(&mut self) {
        self.state = State::Document;
        self.open.clear();
        self.open.open(true);
        self.previous = b'{';
        self.line_start = false;
    }

    /// Looks at one byte of a document outside of its strings. Returns the place of the next byte and the end of the
    /// last complete stretch.
    fn document(&mut self, byte: u8, at: usize, done: usize) -> (usize, usize) {
        match byte {
            b'\n' => {
                self.line_start = true;
                return (at + 1, done);
            }
            b' ' | b'\t' | b'\r' => {
                self.line_start = false;
                return (at + 1, done);
            }
            b'"' => self.state = State::String,
            b'{' | b'[' => {
                let fits = match self.open.in_object() {
                    true => self.previous == b':',
                    false => matches!(self.previous, b'[' | b','),
                };
                if byte == b'{' && self.line_start && !fits {
                    // No document goes on like this: it was cut, and another one starts.
                    self.state = State::Between;
                    return (at, at);
                }
                self.open.open(byte == b'{');
            }
            b'}' | b']' => {
                self.open.close();
                if self.open.depth() == 0 {
                    self.state = State::Between;
                    return (at + 1, at + 1);
                }
            }
            _ => {}
        }
        self.previous = byte;
        self.line_start = false;
        (at + 1, done)
    }

    /// Goes through a string. Returns the place of the next byte to look at.
    fn string(&mut self, buffer: &[u8], at: usize) -> usize {
        let at = scan::plain(buffer, at);
        match buffer.get(at) {
            Some(b'"') => {
                self.state = State::Document;
                at + 1
            }
            Some(b'\\') => {
                self.state = State::Escape;
                at + 1
            }
            // Strings have no line ends: the document was cut in this one.
            Some(b'\n') => {
                self.state = State::Broken;
                at
            }
            Some(_) => at + 1,
            None => at,
        }
    }
}

/// The first line start at or after `at` with a `{`, or how much of the buffer holds none for sure.
fn next_document(buffer: &[u8], at: usize) -> Result<usize, usize> {
    let rest = buffer.get(at..).unwrap_or_default();
    for newline in memchr::memchr_iter(b'\n', rest) {
        match rest.get(newline + 1) {
            Some(b'{') => return Ok(at + newline + 1),
            Some(_) => {}
            None => return Err(at + newline),
        }
    }
    Err(buffer.len())
}

/// How a JSON file that begins with `head` is cut: at any line end if its first value ends on the line on which it
/// starts, else as documents. Lines of other text (klog's, or the end of a row that log rotation cut) say nothing.
pub(crate) fn framing(head: &[u8]) -> Framing {
    decide(head).unwrap_or_else(|undecided| undecided)
}

/// The same, if the rest of the file cannot change it.
pub(crate) fn settled_framing(head: &[u8]) -> Option<Framing> {
    decide(head).ok()
}

/// How a file is cut; as an error what is taken for it if it has no more than this.
fn decide(head: &[u8]) -> Result<Framing, Framing> {
    let lines = Framing::Lines { context: 0 };
    let mut at = 3 * usize::from(head.starts_with(&[0xef, 0xbb, 0xbf]));
    // Only whole lines decide. One line longer than the head is a line: pretty-printed ones are short.
    while let Some(newline) = memchr::memchr(b'\n', head.get(at..).unwrap_or_default()) {
        let start = scan::space(head, at);
        let mut end = at + newline;
        if start < end && matches!(head.get(start), Some(b'{' | b'[')) {
            end = match goes_on(head, start, end) {
                GoesOn::Never => return Ok(lines),
                GoesOn::ToItsEnd => return Ok(Framing::Documents),
                GoesOn::SoFar => return Err(Framing::Documents),
                GoesOn::Breaks(offset) => {
                    let before = head.get(..offset).unwrap_or_default();
                    memchr::memrchr(b'\n', before).map_or(end, |newline| newline.max(end))
                }
            };
        }
        at = end + 1;
    }
    Err(lines)
}

/// Whether a value goes on behind the line on which it starts.
enum GoesOn {
    Never,
    ToItsEnd,
    /// The head ends before it.
    SoFar,
    /// It breaks here.
    Breaks(usize),
}

/// How the value that starts at `start` goes on behind the line end at `end`.
fn goes_on(head: &[u8], start: usize, end: usize) -> GoesOn {
    let mut open = Nesting::default();
    match scan::value(&head[..end], start, &mut open) {
        Ok(_) => return GoesOn::Never,
        Err(JsonError { cut: true, .. }) => {}
        Err(error) => return GoesOn::Breaks(error.offset),
    }
    // A line that was cut does not go on in the next one, a pretty-printed value does.
    match scan::value(head, start, &mut open) {
        Ok(_) => GoesOn::ToItsEnd,
        Err(JsonError { cut: true, .. }) => GoesOn::SoFar,
        Err(error) => GoesOn::Breaks(error.offset),
    }
}
