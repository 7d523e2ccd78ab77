//! Functions that turn values into text, numbers and back.

use crate::function::EvalFunction;

mod ipmask;
mod number_text;
mod printf;
mod tobool;
mod tonumber;
mod tostring;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] =
    &[&ipmask::FUNCTION, &printf::FUNCTION, &tobool::FUNCTION, &tonumber::FUNCTION, &tostring::FUNCTION];
