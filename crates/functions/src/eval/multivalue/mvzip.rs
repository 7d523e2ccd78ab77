//! `mvzip`: the values of two multivalues in pairs.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `mvzip(<mv_left>, <mv_right>, <delim>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvzip",
    aliases: &[],
    family: "multivalue",
    usage: "mvzip(<mv_left>, <mv_right>, <delim>)",
    parameters: &[
        Parameter::required("mv_left", ParameterKind::Any),
        Parameter::required("mv_right", ParameterKind::Any),
        Parameter::optional("delim", ParameterKind::Text),
    ],
    repeats: 0,
    summary: "The values of two multivalues in pairs.",
    details: "The first with the first and so on, joined by the delimiter, a comma if not given; ends with the shorter.",
    source: "Search Reference: Multivalue eval functions, mvzip()",
    examples: &[Example {
        expression: r#"mvzip(split("h1,h2", ","), split("80,443", ","))"#,
        given: "",
        result: r#"["h1,80","h2,443"]"#,
    }],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let delimiter = match arguments.get(2) {
        None => Some(",".into()),
        Some(cell) => cell.text(),
    };
    let Some(delimiter) = delimiter else {
        output.null();
        return Ok(());
    };
    let (left, right) = (arguments[0].values(), arguments[1].values());
    output.multi(left.iter().zip(&right).map(|(l, r)| format!("{}{delimiter}{}", l.text(), r.text())));
    Ok(())
}
