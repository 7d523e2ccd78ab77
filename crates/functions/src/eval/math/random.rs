//! `random`: a random whole number from 0 to 2147483647.

use std::hash::{BuildHasher, Hasher, RandomState};

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation};
use crate::types::{Cell, Output, number_type};

/// `random()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "random",
    aliases: &[],
    family: "math",
    usage: "random()",
    parameters: &[],
    repeats: 0,
    summary: "A random whole number from 0 to 2147483647.",
    details: "Another one for each row. Not for secrets.",
    source: "Search Reference: Statistical eval functions, random()",
    examples: &[Example { expression: "if(random() >= 0, 1, 0)", given: "", result: "1" }],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: false },
};

fn row(_: &[Cell<'_>], output: &mut Output) -> Result<()> {
    // A fresh hasher state is seeded by the system once and differs from call to call.
    let number = RandomState::new().build_hasher().finish() & 0x7FFF_FFFF;
    output.number(number as f64);
    Ok(())
}
