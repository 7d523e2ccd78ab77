//! Functions that make, read and change multivalues.

use crate::function::EvalFunction;

mod commands;
mod mv_to_json_array;
mod mvappend;
mod mvcount;
mod mvdedup;
mod mvfilter;
mod mvfind;
mod mvindex;
mod mvjoin;
mod mvmap;
mod mvrange;
mod mvsort;
mod mvzip;
mod split;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &commands::FUNCTION,
    &mv_to_json_array::FUNCTION,
    &mvappend::FUNCTION,
    &mvcount::FUNCTION,
    &mvdedup::FUNCTION,
    &mvfilter::FUNCTION,
    &mvfind::FUNCTION,
    &mvindex::FUNCTION,
    &mvjoin::FUNCTION,
    &mvmap::FUNCTION,
    &mvrange::FUNCTION,
    &mvsort::FUNCTION,
    &mvzip::FUNCTION,
    &split::FUNCTION,
];
