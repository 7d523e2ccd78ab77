//! What can go wrong while a search is planned: the user's fault, placed in the search, or ours.

use datafusion_common::DataFusionError;
use dogwatch_syntax::{Code, Diagnostic, Span};

/// Why a command could not be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The search is wrong, here and so.
    #[error("{}", .0.message)]
    Search(Box<Diagnostic>),
    /// DataFusion refused a plan that we made, or a subsearch failed in its run.
    #[error(transparent)]
    DataFusion(#[from] DataFusionError),
    /// The catalog could not answer.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The planner contradicts itself.
    #[error("{0}")]
    Internal(String),
}

/// Why a catalog could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A part of the search has to run before the rest can be planned, and cannot run here yet: the rows that it needs
    /// are read later, together with those of others.
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
