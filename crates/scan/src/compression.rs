//! Compression of files: recognised by content, never by name, and decompressed as a stream.

use std::io::{self, BufReader, Read};

use crate::range_reader::RangeReader;

/// Bytes of a compressed file that are read at once.
const BLOCK: usize = 256 * 1024;

/// The compression of a file.
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
    /// Recognises the compression from the first bytes of a file.
    ///
    /// # Errors
    /// The name of an unsupported compression.
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
}
