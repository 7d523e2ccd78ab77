//! What is wrong with a JSON text, and where.

use std::fmt;

/// A break of JSON's grammar (RFC 8259).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Where, in bytes from the start of the text that was given.
    pub offset: usize,
    /// What should stand there instead.
    pub expected: &'static str,
    /// Whether the text ended before the value did: more text could have made it right.
    pub cut: bool,
}

impl JsonError {
    /// The complaint about the byte at `offset`, which is beyond the end where the text was cut.
    #[cold]
    pub fn new(text: &[u8], offset: usize, expected: &'static str) -> Self {
        Self { offset, expected, cut: offset >= text.len() }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for JsonError {}
