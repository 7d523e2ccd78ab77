//! `match`: whether a regular expression matches anywhere in a text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::regex;
use crate::types::{Cell, Output, bool_type};

/// `match(<str>, <regex>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "match",
    aliases: &[],
    family: "conditional",
    usage: "match(<str>, <regex>)",
    parameters: &[Parameter::required("str", ParameterKind::Any), Parameter::required("regex", ParameterKind::Regex)],
    repeats: 0,
    summary: "Whether a regular expression matches anywhere in a text.",
    details: "Null if either is null; any value of a multivalue suffices. The expression is PCRE: `^` and `$` anchor it, `(?i)` ignores case. One that does not compile matches nothing.",
    source: "Search Reference: Comparison and Conditional functions, match()",
    examples: &[
        Example { expression: r#"if(match("abc123def", "\d+"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(match("abc", "^\d+$"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let pattern = arguments[1].text();
    let values = arguments[0].values();
    match pattern {
        Some(pattern) if !values.is_empty() => match regex::compile(&pattern) {
            Ok(regex) => output.bool(values.iter().any(|value| regex.is_match(&value.text()).unwrap_or(false))),
            Err(_) => output.bool(false),
        },
        _ => output.null(),
    }
    Ok(())
}
