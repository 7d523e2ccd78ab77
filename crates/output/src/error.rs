//! Errors of formatting and writing results. Errors in the rows themselves are reported elsewhere.

use std::io;
use std::path::PathBuf;

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Writing failed.
    #[error("cannot write the result: {0}")]
    Write(#[from] io::Error),
    /// A file for the result could not be created or moved into place.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The requested file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The format `raw` was requested for a result without `_raw`.
    #[error("the result has no field `_raw`, so it cannot be printed raw")]
    NoRaw,
    /// A column whose type has no text form.
    #[error("the field `{column}` holds values of the type {data_type}, which no format can print")]
    Type {
        /// The column.
        column: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// The stream of findings ended with an error.
    #[error("cannot read the findings: {0}")]
    Findings(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Risk per entity was requested in a format that does not support it.
    #[error("the format `{format}` describes single findings and has no form for entities")]
    NoEntities {
        /// The format.
        format: &'static str,
    },
}

impl OutputError {
    /// Whether the reader of the result has closed the pipe (`| head`), which is not an error.
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Write(source) | Self::File { source, .. } => source.kind() == io::ErrorKind::BrokenPipe,
            Self::NoRaw | Self::Type { .. } | Self::Findings(_) | Self::NoEntities { .. } => false,
        }
    }

    /// A hint for the user, if there is a useful one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoRaw => Some(
                "events have `_raw` until a command such as `table` or `stats` drops it: keep `_raw` in the result, or choose another format",
            ),
            Self::NoEntities { .. } => Some(
                "leave out `--by entity`, or choose `table`, `csv`, `json` or `jsonl`, which show entities as well",
            ),
            Self::Write(_) | Self::File { .. } | Self::Type { .. } | Self::Findings(_) => None,
        }
    }
}

impl From<csv::Error> for OutputError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Write(error),
            other => Self::Write(io::Error::other(format!("{other:?}"))),
        }
    }
}
