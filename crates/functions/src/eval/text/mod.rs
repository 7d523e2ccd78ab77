//! Text functions.

use crate::function::EvalFunction;

mod upper;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[&upper::FUNCTION];
