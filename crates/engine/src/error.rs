//! Errors of a session: in the user's search, in the user's files, or in Dogwatch.

use dogwatch_plan::{CatalogError, PlanError};
use dogwatch_syntax::{Diagnostic, Sources};

/// A search that cannot run, with everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The diagnostics in the order of the text, including notes.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they refer to.
    pub sources: Sources,
}

/// An error of a session.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The search is wrong.
    #[error("the search cannot run")]
    Search(Box<Failure>),
    /// A file of the session's own (names, macros) cannot be used.
    #[error("{0}")]
    Setup(String),
    /// The run exceeded a resource limit.
    #[error("{0}")]
    Resources(String),
    /// The run was cancelled by its caller.
    #[error("cancelled")]
    Cancelled,
    /// An internal error: no search should cause it.
    #[error("{0}")]
    Internal(String),
}

impl From<datafusion::error::DataFusionError> for EngineError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::arrow::error::ArrowError;
        use datafusion::error::DataFusionError;
        match error.find_root() {
            DataFusionError::ResourcesExhausted(why) => Self::Resources(format!(
                "the search needs more memory than it may use: {why}; group by fewer values, or narrow the search"
            )),
            DataFusionError::IoError(why) => Self::temporary(why),
            DataFusionError::ArrowError(arrow, _) if matches!(&**arrow, ArrowError::IoError(..)) => {
                Self::temporary(arrow)
            }
            _ => Self::Internal(error.strip_backtrace()),
        }
    }
}

impl EngineError {
    /// The scan of a plan reports unreadable logs by itself; the only remaining I/O error in a plan is that of a
    /// temporary file.
    pub(crate) fn temporary(why: &dyn std::fmt::Display) -> Self {
        let folder = std::env::temp_dir();
        Self::Resources(format!(
            "a temporary file in {} cannot be used: {why}; set TMPDIR to a directory with room",
            folder.display()
        ))
    }

    /// The error in one line, for a report of many.
    pub fn complaint(&self) -> String {
        match self {
            Self::Search(failure) => {
                let errors = failure.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
                errors.map(|diagnostic| diagnostic.message.as_str()).collect::<Vec<_>>().join("; ")
            }
            other => other.to_string(),
        }
    }

    /// Converts a planning error, given the text that it refers to.
    pub(crate) fn from_plan(error: PlanError, sources: &Sources) -> Self {
        match error {
            PlanError::Search(diagnostic) => {
                Self::Search(Box::new(Failure { diagnostics: vec![*diagnostic], sources: sources.clone() }))
            }
            PlanError::DataFusion(error) | PlanError::Catalog(CatalogError::DataFusion(error)) => error.into(),
            PlanError::Catalog(error @ CatalogError::Deferred) => Self::Internal(error.to_string()),
            PlanError::Internal(why) => Self::Internal(why),
        }
    }
}
