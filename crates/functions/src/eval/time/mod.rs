//! Date and time functions.

use crate::function::EvalFunction;

mod now;
mod relative_time;
mod strftime;
mod strptime;
mod time;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] =
    &[&now::FUNCTION, &relative_time::FUNCTION, &strftime::FUNCTION, &strptime::FUNCTION, &time::FUNCTION];
