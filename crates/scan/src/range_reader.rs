//! The location of an input's bytes, and reading a range of them.
//!
//! A file is never read past the size that it had when it was listed, so that a growing file gives the same rows in every
//! pass.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The location of an input's bytes.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a file.
    Path(PathBuf),
    /// In a temporary file without a name that holds a copy of a pipe.
    Spooled(Arc<File>),
}

impl Place {
    pub(crate) fn open(&self) -> io::Result<Arc<File>> {
        match self {
            Self::Path(path) => File::open(path).map(Arc::new),
            Self::Spooled(file) => Ok(Arc::clone(file)),
        }
    }
}

/// Reads a range of a file without moving the file's own position, so that several readers can share it.
#[derive(Debug)]
pub(crate) struct RangeReader<'a> {
    file: Arc<File>,
    at: u64,
    end: u64,
    /// Counts the bytes that were read.
    progress: Option<&'a AtomicU64>,
}

impl<'a> RangeReader<'a> {
    pub(crate) fn new(file: Arc<File>, at: u64, end: u64) -> Self {
        Self { file, at, end, progress: None }
    }

    pub(crate) fn with_progress(mut self, progress: &'a AtomicU64) -> Self {
        self.progress = Some(progress);
        self
    }
}

impl Read for RangeReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let count = read_at(&self.file, &mut buffer[..wanted], self.at)?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
        self.at += count as u64;
        if let Some(progress) = self.progress {
            progress.fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Copies a pipe to an unnamed temporary file, which is deleted with its last handle.
pub(crate) fn spool(reader: &mut dyn Read) -> io::Result<(Place, u64)> {
    let mut file = tempfile::tempfile()?;
    let size = io::copy(reader, &mut file)?;
    Ok((Place::Spooled(Arc::new(file)), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_became_shorter_is_an_error() {
        let (place, size) = spool(&mut &b"0123456789"[..]).unwrap();
        let mut text = String::new();
        RangeReader::new(place.open().unwrap(), 4, size).read_to_string(&mut text).unwrap();
        assert_eq!(text, "456789");
        let error = RangeReader::new(place.open().unwrap(), 4, size + 1).read_to_string(&mut text).unwrap_err();
        assert!(error.to_string().contains("shorter"), "{error}");
    }
}
