//! Errors of planning: the user's mistakes, with their position in the search, and internal ones.

use datafusion_common::DataFusionError;
use dogwatch_syntax::{Code, Diagnostic, Span};

/// Why a command could not be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A mistake in the search.
    #[error("{}", .0.message)]
    Search(Box<Diagnostic>),
    /// DataFusion refused a plan, or a subsearch failed while running.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
    /// The catalog could not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// An inconsistency in the planner.
    #[error("{0}")]
    Internal(String),
}

/// Why a catalog could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A part of the search has to run before the rest can be planned, but cannot run yet: its rows are read later, in a
    /// pass shared with other searches.
    #[error("a part of this search has to run first")]
    Deferred,
    /// DataFusion could not run a part of the search, or make a table.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
}

impl From<Diagnostic> for PlanError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Search(Box::new(diagnostic))
    }
}

impl PlanError {
    /// A fault of the search.
    pub fn search(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic::error(code, span, message).into()
    }
}

/// The result of planning.
pub type Result<T> = std::result::Result<T, PlanError>;
