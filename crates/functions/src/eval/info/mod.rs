//! Functions that inspect the type of a value.

use crate::function::EvalFunction;

mod isarray;
mod isbool;
mod isdouble;
mod isint;
mod ismv;
mod isnotnull;
mod isnull;
mod isnum;
mod isobject;
mod isstr;
mod type_of;

pub(super) use type_of::TYPE_OF;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &isarray::FUNCTION,
    &isbool::FUNCTION,
    &isdouble::FUNCTION,
    &isint::FUNCTION,
    &ismv::FUNCTION,
    &isnotnull::FUNCTION,
    &isnull::FUNCTION,
    &isnum::FUNCTION,
    &isobject::FUNCTION,
    &isstr::FUNCTION,
    &type_of::FUNCTION,
];
