//! The bytes of an input: where they are, how they are compressed, and reading them.
//!
//! A file is never read past the size that it had when it was listed: one that grows meanwhile gives the same rows
//! in every pass. Compression is recognised by content, never by name.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much is read of a compressed file at once, bytes.
const BLOCK: usize = 256 * 1024;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// zstd (RFC 8878), any number of frames.
    Zstd,
}

impl Compression {
    /// What the first bytes of a file say.
    ///
    /// # Errors
    /// The name of a compression that is not read.
    pub(crate) fn of(head: &[u8]) -> Result<Self, &'static str> {
        match head {
            [0x1f, 0x8b, 8, ..] => Ok(Self::Gzip),
            // A frame, or a skippable frame before it (as pzstd writes).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Err("xz"),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => Err("bzip2"),
            [0x04, 0x22, 0x4d, 0x18, ..] => Err("lz4"),
            [b'P', b'K', 3, 4, ..] => Err("zip"),
            [0x1f, 0x9d, ..] => Err("compress (.Z)"),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Err("7-Zip"),
            _ => Ok(Self::None),
        }
    }

    /// Its name, for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Where the bytes of an input are.
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

/// Reads a range of a file without moving the file's own position, so that many can read it at once.
#[derive(Debug)]
pub(crate) struct RangeReader<'a> {
    file: Arc<File>,
    at: u64,
    end: u64,
    /// Told how many bytes were read.
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

/// The decompressed bytes of a file from its start.
pub(crate) fn decompress<'a>(reader: RangeReader<'a>, compression: Compression) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression {
        Compression::None => Box::new(reader),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BLOCK, reader))),
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(BLOCK, reader))?),
    })
}

/// The first `length` bytes, or all if there are fewer, and the error that ended them.
pub(crate) fn head(reader: &mut dyn Read, length: usize) -> (Vec<u8>, io::Result<()>) {
    let mut head = Vec::new();
    let read = reader.take(length as u64).read_to_end(&mut head).map(drop);
    (head, read)
}

/// Copies a pipe to a temporary file without a name, which goes away with the last handle to it.
pub(crate) fn spool(reader: &mut dyn Read) -> io::Result<(Place, u64)> {
    let mut file = tempfile::tempfile()?;
    let size = io::copy(reader, &mut file)?;
    Ok((Place::Spooled(Arc::new(file)), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_shows_in_the_first_bytes() {
        assert_eq!(Compression::of(b"type=SYSCALL"), Ok(Compression::None));
        assert_eq!(Compression::of(b""), Ok(Compression::None));
        assert_eq!(Compression::of(&zstd::encode_all(&b"x"[..], 1).unwrap()), Ok(Compression::Zstd));
        assert_eq!(Compression::of(b"\xfd7zXZ\0..."), Err("xz"));
        assert_eq!(Compression::of(b"BZh91AY&SY..."), Err("bzip2"));
        assert_eq!(Compression::of(b"BZh is how the line starts"), Ok(Compression::None));
    }

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
