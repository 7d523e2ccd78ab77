//! Errors of inputs. Every message names the input and says what to do; none of these errors keeps the other inputs from
//! being searched.

use std::io;
use std::path::PathBuf;

/// An input that is not searched, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// No such file or directory.
    #[error("{path}: no such file or directory; check the path")]
    NotFound {
        /// The path as given.
        path: String,
    },
    /// An invalid glob.
    #[error("{pattern}: not a valid glob: {reason}; quote the special characters as [*], [?] and [[]")]
    BadGlob {
        /// The glob as given.
        pattern: String,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// A glob that matches no file.
    #[error("{pattern}: no file matches; check the pattern, or quote it if the shell should not expand it")]
    NoMatch {
        /// The glob as given.
        pattern: String,
    },
    /// A file or directory that cannot be opened or read.
    #[error("{path}: cannot be read: {error}; check its permissions, or leave it out")]
    Unreadable {
        /// The path, as given or found.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A file that no format recognises.
    #[error(
        "{path}: not a log that Dogwatch knows (known are {known}); name its format with --sourcetype, or leave it out"
    )]
    NotALog {
        /// The path as given.
        path: String,
        /// The formats, by name.
        known: String,
    },
    /// A file with an unsupported compression.
    #[error("{path}: compressed with {method}, which Dogwatch does not read; unpack it first, or use gzip or zstd")]
    UnknownCompression {
        /// The path, as given or found.
        path: String,
        /// The name of the compression.
        method: &'static str,
    },
    /// A gzip or zstd file whose beginning is damaged.
    #[error("{path}: damaged {method} data: {error}; fetch the file again, or unpack what can be saved of it")]
    Damaged {
        /// The path, as given or found.
        path: String,
        /// The name of the compression.
        method: &'static str,
        /// What the decoder said.
        error: io::Error,
    },
    /// Standard input or a pipe that could not be copied to a temporary file.
    #[error(
        "{path}: cannot be copied to a temporary file in {directory}: {error}; set TMPDIR to a directory with room"
    )]
    Spool {
        /// The input as given.
        path: String,
        /// Where the temporary file should be.
        directory: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A table of names that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {error}; check the path and its permissions")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The text is not valid TOML, or has an unknown key.
    #[error("{path}: {error}")]
    Toml {
        /// The path as given.
        path: PathBuf,
        /// Position and error, as reported by the TOML parser.
        error: Box<toml::de::Error>,
    },
    /// A section for a format that does not exist.
    #[error("{path}: [{format}] is no log format; the formats are {known}")]
    UnknownFormat {
        /// The path as given.
        path: PathBuf,
        /// The section's name.
        format: String,
        /// The formats, by name.
        known: String,
    },
    /// A name without a character.
    #[error("{path}: [{format}] has an empty {key}; give it a name, or leave the line out")]
    EmptyName {
        /// The path as given.
        path: PathBuf,
        /// The section's name.
        format: String,
        /// The key that has the empty name.
        key: &'static str,
    },
}
