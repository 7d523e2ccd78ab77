//! Date and time functions.

use crate::function::EvalFunction;

mod clock;
mod now;
mod relative_time;
mod strftime;
mod strptime;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] =
    &[&now::FUNCTION, &relative_time::FUNCTION, &strftime::FUNCTION, &strptime::FUNCTION, &clock::FUNCTION];
