//! `strptime`: the time that a text names, in seconds since 1970.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::time_format::parse;
use crate::types::{Cell, Output, number_type};

/// `strptime(<str>, <format>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "strptime",
    aliases: &[],
    family: "time",
    usage: "strptime(<str>, <format>)",
    parameters: &[Parameter::required("str", ParameterKind::Text), Parameter::required("format", ParameterKind::Text)],
    repeats: 0,
    summary: "The time that a text names, in seconds since 1970.",
    details: "UTC unless the text has a zone (`%z`, `%Z`). Null if the text does not have the format. Text behind the end of the format is ignored; a date needs its day; without a date it is today.",
    source: "Search Reference: Date and Time functions, strptime()",
    examples: &[
        Example {
            expression: r#"strptime("2022-08-13 11:22:33", "%Y-%m-%d %H:%M:%S")"#,
            given: "",
            result: "1660389753",
        },
        Example { expression: r#"strptime("2022-08", "%Y-%m")"#, given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let now = jiff::Timestamp::now().as_microsecond();
    match arguments[0].text().zip(arguments[1].text()).and_then(|(text, format)| parse(&text, &format, now)) {
        Some(time) => output.number(time as f64 / 1e6),
        None => output.null(),
    }
    Ok(())
}
