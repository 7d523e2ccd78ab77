//! SPL's eval and stats functions, and the operators of its expressions, for DataFusion.
//!
//! [`eval`] and [`stats`] are the registries: a function is one file with its signature, doc, examples and logic.
//! [`types`] defines the types of SPL values. Nothing here knows about commands or files.

pub mod body;
pub mod eval;
pub mod function;
mod literals;
mod network;
pub mod operators;
pub mod ranking;
pub mod regex;
pub mod registry;
pub mod row_functions;
pub mod row_state;
mod row_udf;
pub mod running;
pub mod search_time;
pub mod sed;
pub mod stats;
pub mod time_format;
pub mod time_modifier;
pub mod time_span;
pub mod time_unit;
pub mod types;
pub mod window;

pub use function::{EvalFunction, Example, Implementation, LambdaKind, Parameter, ParameterKind};
pub use registry::registry;
pub use row_udf::RowFunction;
pub use stats::{ArgumentNeed, RowNeed, StatsFunction};
