//! JSON (RFC 8259) as logs have it: where values end, what text in them stands for, and a tree for those who need one.
//!
//! Log formats read bytes with [`scan`], which allocates nothing, and [`text`], which decodes the strings that are wanted. eval
//! functions, `spath` and the masking of secrets look into single texts, as a [`Json`] whose parts know where they stand. Both
//! have one grammar, so that what is an event to one is none to the other nowhere.

mod error;
pub mod path;
pub mod scan;
pub mod text;
mod tree;

pub use error::JsonError;
pub use tree::{DEPTH_LIMIT, Json, Text};
