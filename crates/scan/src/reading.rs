//! Reads one piece of a file, a range of lines or the whole file from its start, chunk by chunk into a visitor.
//!
//! A row belongs to the range in which its line starts, so every row is read once, however a file is split.

use std::fs::File;
use std::io::{self, Read};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use dogwatch_formats::documents::{Splitter, Stretch};
use dogwatch_formats::{Chunk, Framing, Malformed, Prefilter, Reason, RowVisitor};
use memchr::memchr;

use crate::compression;
use crate::inputs::InputFile;
use crate::range_reader::RangeReader;
use crate::window::{Buffer, Cut, Sizes, Window, line_start_before};

/// Bytes of an overlong line that are kept as a sample.
const SAMPLE: usize = 400;

/// Consumer of the rows of a file.
pub(crate) trait Sink: RowVisitor {
    /// Called when the rows of a chunk are complete. Returns whether to continue.
    fn chunk_done(&mut self) -> ControlFlow<()>;
}

/// A piece of a file to be read, and how.
pub(crate) struct RangeRead<'a> {
    pub(crate) file: &'a InputFile,
    pub(crate) handle: Arc<File>,
    pub(crate) filter: Option<&'a Prefilter>,
    pub(crate) sizes: Sizes,
    /// Counts the bytes read of the file on disk when it is read from its start.
    pub(crate) progress: &'a AtomicU64,
}

impl RangeRead<'_> {
    /// Reads the rows whose lines start in `range`, in an uncompressed file.
    ///
    /// # Errors
    /// If the file cannot be read, or has been truncated. The sink has received the rows read before the error.
    pub(crate) fn range(&self, range: Range<u64>, buffer: &mut Buffer, sink: &mut dyn Sink) -> io::Result<()> {
        let context = self.sizes.context;
        // The byte before the range says whether a line starts with it.
        let before = range.start.saturating_sub((context as u64).max(1));
        let (begin, at_line_start) = match context {
            0 => (before, false),
            _ => line_start_before(before, |start, end, block| {
                RangeReader::new(Arc::clone(&self.handle), start, end).read_to_end(block).map(drop)
            })?,
        };
        let reader = RangeReader::new(Arc::clone(&self.handle), begin, self.file.size);
        let mut window = Window::new(reader, begin, buffer);
        let place = |offset: u64| usize::try_from(offset - begin).unwrap_or(usize::MAX);
        let target = place(range.end);
        window.fill(target);
        let from = match range.start {
            0 => Some(0),
            start => window.line_end(place(start) - 1, target - 1).map(|at| at + 1),
        };
        let Some(from) = from else {
            return window.into_failure().map_or(Ok(()), Err);
        };
        let cut = window.cut(from, target, context, self.sizes.longest);
        let start = match (context, at_line_start) {
            (0, _) => from,
            (_, true) => 0,
            (_, false) => memchr(b'\n', &window.bytes()[..from]).map_or(from, |at| at + 1),
        };
        // The caller checks again for cancellation before the next range.
        let _ = self.chunk(&window, start, &cut, sink);
        window.into_failure().map_or(Ok(()), Err)
    }

    /// Reads all rows of a file, decompressing it if need be.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged. The sink has received the rows read before the error.
    pub(crate) fn whole(&self, buffer: &mut Buffer, sink: &mut dyn Sink) -> io::Result<()> {
        let reader = RangeReader::new(Arc::clone(&self.handle), 0, self.file.size).with_progress(self.progress);
        let reader = compression::decompress(reader, self.file.compression)?;
        let mut window = Window::new(reader, 0, buffer);
        match self.file.framing {
            Framing::Lines { .. } => self.lines(&mut window, sink),
            Framing::Documents => self.documents(&mut window, sink),
        }
        window.into_failure().map_or(Ok(()), Err)
    }

    fn lines<R: Read>(&self, window: &mut Window<'_, R>, sink: &mut dyn Sink) {
        let context = self.sizes.context;
        let (mut start, mut from) = (0, 0);
        loop {
            let cut = window.cut(from, from + self.sizes.chunk, context, self.sizes.longest);
            let nothing = cut.own.is_empty() && !cut.too_long;
            if nothing || self.chunk(window, start, &cut, sink).is_break() {
                return;
            }
            if cut.too_long {
                window.skip_line(cut.own.end);
                (start, from) = (0, 0);
            } else {
                let kept = window.context_start(start, cut.own.end, context);
                window.drop_front(kept);
                (start, from) = (0, cut.own.end - kept);
            }
        }
    }

    /// Hands a chunk to the format.
    fn chunk<R: Read>(&self, window: &Window<'_, R>, start: usize, cut: &Cut, sink: &mut dyn Sink) -> ControlFlow<()> {
        let offset = window.offset();
        if !cut.own.is_empty() {
            let chunk = Chunk {
                bytes: &window.bytes()[start..cut.end],
                offset: offset + start as u64,
                own: cut.own.start - start..cut.own.end - start,
                last: cut.last,
            };
            self.file.format.read(&chunk, self.filter, sink);
        }
        if cut.too_long {
            self.too_long(&window.bytes()[cut.own.end..], offset + cut.own.end as u64, sink);
        }
        sink.chunk_done()
    }

    fn documents<R: Read>(&self, window: &mut Window<'_, R>, sink: &mut dyn Sink) {
        let mut splitter = Splitter::with_limit(self.sizes.longest);
        let mut length = 0;
        loop {
            length = self.sizes.chunk.max(length + 1);
            window.fill(length);
            loop {
                let ended = window.ended();
                let bytes = window.bytes();
                let done = match splitter.next(bytes, ended) {
                    Stretch::More => break,
                    Stretch::Rows(done) => {
                        let done = done.min(bytes.len());
                        let chunk = Chunk {
                            bytes: &bytes[..done],
                            offset: window.offset(),
                            own: 0..done,
                            last: ended && done == bytes.len(),
                        };
                        self.file.format.read_documents(&chunk, self.filter, sink);
                        done
                    }
                    Stretch::TooLong { bytes: done, first } => {
                        if first {
                            self.too_long(bytes, window.offset(), sink);
                        }
                        done
                    }
                };
                window.drop_front(done);
                if done == 0 || sink.chunk_done().is_break() {
                    return;
                }
            }
            if window.ended() {
                return;
            }
            // More of the document at the start: half as much again.
            length = window.bytes().len() + window.bytes().len() / 2;
        }
    }

    fn too_long(&self, bytes: &[u8], offset: u64, sink: &mut dyn Sink) {
        // The number of buffered bytes beyond the limit depends on how the file is split.
        let sample = bytes.get(..SAMPLE.min(self.sizes.longest)).unwrap_or(bytes);
        sink.line(offset);
        sink.malformed(&Malformed { reason: Reason::TooLong, offset, sample });
    }
}
