//! `strftime`: a time as text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::time_format;
use crate::types::{Cell, Output, microseconds, text_type};

/// `strftime(<time>, <format>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "strftime",
    aliases: &[],
    family: "time",
    usage: "strftime(<time>, <format>)",
    parameters: &[
        Parameter::required("time", ParameterKind::Number),
        Parameter::required("format", ParameterKind::Text),
    ],
    repeats: 0,
    summary: "A time as text.",
    details: "The time is in seconds since 1970, the text in UTC. Format variables are Splunk's: `%Y-%m-%d %H:%M:%S`, `%F`, `%T`, `%3N`, `%Q`, `%s` and so on. One that does not exist stays as it is.",
    source: "Search Reference: Date and Time functions, strftime()",
    examples: &[
        Example {
            expression: r#"strftime(1721231110, "%Y-%m-%d %H:%M:%S")"#,
            given: "",
            result: r#""2024-07-17 15:45:10""#,
        },
        Example { expression: r#"strftime(1721231110.123, "%T.%3N")"#, given: "", result: r#""15:45:10.123""# },
    ],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let time = arguments[0].number().and_then(microseconds);
    let text = time.zip(arguments[1].text()).and_then(|(time, format)| time_format::format(time, &format));
    match text {
        Some(text) => output.text(&text),
        None => output.null(),
    }
    Ok(())
}
