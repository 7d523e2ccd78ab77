//! `mvfind`: the index of the first value that a regular expression matches.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::regex;
use crate::types::{Cell, Output, number_type};

/// `mvfind(<mv>, <regex>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvfind",
    aliases: &[],
    family: "multivalue",
    usage: "mvfind(<mv>, <regex>)",
    parameters: &[Parameter::required("mv", ParameterKind::Any), Parameter::required("regex", ParameterKind::Regex)],
    repeats: 0,
    summary: "The place of the first value that a regular expression matches.",
    details: "Counted from 0; null if none matches.",
    source: "Search Reference: Multivalue eval functions, mvfind()",
    examples: &[
        Example { expression: r#"mvfind(split("a,b1,c2", ","), "[0-9]")"#, given: "", result: "1" },
        Example { expression: r#"mvfind("a", "b")"#, given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let regex = arguments[1].text().and_then(|pattern| regex::compile(&pattern).ok());
    let found = regex.and_then(|regex| {
        arguments[0].values().iter().position(|value| regex.is_match(&value.text()).unwrap_or(false))
    });
    match found {
        Some(place) => output.number(place as f64),
        None => output.null(),
    }
    Ok(())
}
