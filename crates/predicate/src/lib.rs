//! What a search asks of an event, and the one rule that says whether a value matches.
//!
//! A [`Pattern`] is text with `*`, a [`Predicate`] says that a field or the raw text matches one, a [`Condition`] joins
//! predicates with *and* and *or*. The planner derives a condition from a search, the scan rules out files by it, formats
//! turn it into byte filters, the residual filter tests parsed rows with it, and SPL's operators compare values with the
//! same [`Matcher`]. Nothing here parses SPL or reads a log, and there are no dependencies.

mod condition;
mod find;
mod matcher;
mod normal_form;
mod pattern;

pub use condition::{Condition, Predicate};
pub use matcher::Matcher;
pub use normal_form::{Clause, Conjunction};
pub use pattern::{Pattern, PatternPiece};
