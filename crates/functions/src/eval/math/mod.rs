//! Mathematical functions.

use datafusion_common::Result;

use crate::function::EvalFunction;
use crate::types::{Cell, Output};

mod abs;
mod acos;
mod acosh;
mod asin;
mod asinh;
mod atan;
mod atan2;
mod atanh;
mod avg;
mod ceiling;
mod cos;
mod cosh;
mod exact;
mod exp;
mod floor;
mod hypot;
mod ln;
mod log;
mod max;
mod min;
mod pi;
mod pow;
mod random;
mod round;
mod sin;
mod sinh;
mod sqrt;
mod sum;
mod tan;
mod tanh;

/// The family, sorted by name.
pub static FUNCTIONS: &[&EvalFunction] = &[
    &abs::FUNCTION,
    &acos::FUNCTION,
    &acosh::FUNCTION,
    &asin::FUNCTION,
    &asinh::FUNCTION,
    &atan::FUNCTION,
    &atan2::FUNCTION,
    &atanh::FUNCTION,
    &avg::FUNCTION,
    &ceiling::FUNCTION,
    &cos::FUNCTION,
    &cosh::FUNCTION,
    &exact::FUNCTION,
    &exp::FUNCTION,
    &floor::FUNCTION,
    &hypot::FUNCTION,
    &ln::FUNCTION,
    &log::FUNCTION,
    &max::FUNCTION,
    &min::FUNCTION,
    &pi::FUNCTION,
    &pow::FUNCTION,
    &random::FUNCTION,
    &round::FUNCTION,
    &sin::FUNCTION,
    &sinh::FUNCTION,
    &sqrt::FUNCTION,
    &sum::FUNCTION,
    &tan::FUNCTION,
    &tanh::FUNCTION,
];

/// Appends the value of a function for a number; null if the argument is not a number or the function is undefined for
/// it.
fn number_row(arguments: &[Cell<'_>], output: &mut Output, function: fn(f64) -> f64) -> Result<()> {
    match arguments[0].number() {
        Some(number) => output.number(function(number)),
        None => output.null(),
    }
    Ok(())
}
