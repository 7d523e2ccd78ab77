//! `time`: the time of the search, in seconds since 1970 with microseconds.

use crate::function::{EvalFunction, Example, Implementation};
use crate::search_time::search_time;

/// `time()`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "time",
    aliases: &[],
    family: "time",
    usage: "time()",
    parameters: &[],
    repeats: 0,
    summary: "The time when the row is computed, in seconds since 1970.",
    details: "Seconds since 1970, to the microsecond. The same for all rows of a search.",
    source: "Search Reference: Date and Time functions, time()",
    examples: &[Example { expression: "if(time() > 1700000000, 1, 0)", given: "", result: "1" }],
    implementation: Implementation::Expression(|_, _| Ok(search_time())),
};
