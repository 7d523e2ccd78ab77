//! A complaint about a file of content, with the text that it points into.

use std::path::PathBuf;
use std::sync::Arc;

use dogwatch_syntax::{Code, Diagnostic, Severity};

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The file, as it was opened; for bundled content its path below `content/`.
    pub path: PathBuf,
    /// The file's text, which the complaint's span counts in; empty where it could not be read.
    pub text: Arc<str>,
    /// The complaint.
    pub diagnostic: Diagnostic,
}

impl Problem {
    /// Whether contentctl would refuse the content, or the file cannot be used here.
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    /// The kind of complaint.
    pub fn code(&self) -> Code {
        self.diagnostic.code
    }

    /// The line of the file on which the complaint begins, from 1.
    pub fn line(&self) -> usize {
        let before = self.text.as_bytes().get(..self.diagnostic.span.start).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}
