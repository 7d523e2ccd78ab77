//! `relative_time`: a time moved by a time modifier, in seconds since 1970.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::time_modifier::relative;
use crate::types::{Cell, Output, microseconds, number_type};

/// `relative_time(<time>, <specifier>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "relative_time",
    aliases: &[],
    family: "time",
    usage: "relative_time(<time>, <specifier>)",
    parameters: &[
        Parameter::required("time", ParameterKind::Number),
        Parameter::required("specifier", ParameterKind::Text),
    ],
    repeats: 0,
    summary: "A time moved by a time modifier, in seconds since 1970.",
    details: "Modifiers move (`-1h`, `+7d`) and round down (`@d`, `@w1`), one after another: `-1d@d+2h`. Null if the modifier is not one.",
    source: "Search Reference: Date and Time functions, relative_time()",
    examples: &[
        Example { expression: r#"relative_time(1700000000, "@m")"#, given: "", result: "1699999980" },
        Example { expression: r#"relative_time(1700000000, "-1h@m")"#, given: "", result: "1699996380" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let time = arguments[0].number().and_then(microseconds);
    match time.zip(arguments[1].text()).and_then(|(time, by)| relative(&by, time).ok()) {
        Some(time) => output.number(time as f64 / 1e6),
        None => output.null(),
    }
    Ok(())
}
