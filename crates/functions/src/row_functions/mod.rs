//! Scalar functions that searches cannot call by name: the row-by-row work of commands, besides the eval functions and
//! the operators.

pub mod extraction;
pub mod json_paths;
pub mod multivalue;
pub mod ranges;

use crate::row_udf::RowFunction;

/// All of them, by file.
pub(crate) static ROW_FUNCTIONS: &[&RowFunction] = &[
    &extraction::GROUP,
    &extraction::GROUP_ALL,
    &extraction::GROUP_OFFSETS,
    &extraction::MATCHES,
    &extraction::SED,
    &extraction::TOKENS,
    &json_paths::PATHS,
    &multivalue::FIRST_VALUES,
    &multivalue::PLACES,
    &multivalue::SPLIT,
    &ranges::RANGE,
    &ranges::SIZE,
    &ranges::SPAN_START,
    &ranges::START,
];
