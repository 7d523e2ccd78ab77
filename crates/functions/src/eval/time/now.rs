//! `now`: the time when the search began, in seconds since 1970.

use crate::function::{EvalFunction, Example, Implementation};
use crate::search_time::search_time;

/// `now()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "now",
    aliases: &[],
    family: "time",
    usage: "now()",
    parameters: &[],
    repeats: 0,
    summary: "The time when the search began, in seconds since 1970.",
    details: "Seconds since 1970. The same for all rows of a search.",
    source: "Search Reference: Date and Time functions, now()",
    examples: &[Example { expression: "if(now() > 1700000000, 1, 0)", given: "", result: "1" }],
    implementation: Implementation::Expression(|_, _| Ok(search_time())),
};
