//! SPL text to a syntax tree.
//!
//! [`parse`] takes a search, expands its macros and gives back what it understood together with all
//! complaints, never just the first. The tree is generic ([`ast`]); what commands exist and how their
//! arguments are written is asked of a [`Signatures`]. Nothing here knows a command or a function by name,
//! Arrow, or files.

pub mod ast;
pub mod diagnostic;
pub mod signature;
pub mod span;

pub use ast::*;
pub use diagnostic::{Code, Diagnostic, Severity};
pub use signature::*;
pub use span::{Segment, Source, Sources, Span, Spanned};
