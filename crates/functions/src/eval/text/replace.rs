//! `replace`: text with every match of a regular expression replaced.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::regex;
use crate::types::{Cell, Output};

/// `replace(<str>, <regex>, <replacement>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "replace",
    aliases: &[],
    family: "text",
    usage: "replace(<str>, <regex>, <replacement>)",
    parameters: &[
        Parameter::required("str", ParameterKind::Text),
        Parameter::required("regex", ParameterKind::Regex),
        Parameter::required("replacement", ParameterKind::Text),
    ],
    repeats: 0,
    summary: "Text with every match of a regular expression replaced.",
    details: r#"In the replacement `\1` to `\9` are the groups of the match, `\0` is the match. Each value of a multivalue is changed. Null if an argument is null or the expression does not compile."#,
    source: "Search Reference: Text functions, replace()",
    examples: &[
        Example {
            expression: r#"replace("1/14/2023", "^(\d{1,2})/(\d{1,2})/", "\2/\1/")"#,
            given: "",
            result: r#""14/1/2023""#,
        },
        Example { expression: r#"replace("1.2.3", "\.", "-")"#, given: "", result: r#""1-2-3""# },
    ],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let regex = arguments[1].text().and_then(|pattern| regex::compile(&pattern).ok());
    match (regex, arguments[2].text()) {
        (Some(regex), Some(to)) => super::each_value(&arguments[0], output, |text| regex.replace(text, &to, 0)),
        _ => output.null(),
    }
    Ok(())
}
