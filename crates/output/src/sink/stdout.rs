//! Standard output, buffered. Text written before an error has already been read, so nothing is rolled back.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;

use super::{Sink, SinkEntry};
use crate::error::OutputError;

pub(super) const ENTRY: SinkEntry = SinkEntry {
    name: "stdout",
    summary: "Standard output, named `-`.",
    accepts: |target| target == Path::new("-"),
    open: |_| Ok(Box::new(StandardOutput(BufWriter::with_capacity(64 << 10, io::stdout())))),
};

struct StandardOutput(BufWriter<Stdout>);

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for StandardOutput {
    fn commit(mut self: Box<Self>) -> Result<(), OutputError> {
        Ok(self.0.flush()?)
    }

    fn writer(&mut self) -> &mut dyn Write {
        self
    }
}
