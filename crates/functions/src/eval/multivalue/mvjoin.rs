//! `mvjoin`: the values of a multivalue joined into one text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `mvjoin(<mv>, <delim>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvjoin",
    aliases: &[],
    family: "multivalue",
    usage: "mvjoin(<mv>, <delim>)",
    parameters: &[Parameter::required("mv", ParameterKind::Any), Parameter::required("delim", ParameterKind::Text)],
    repeats: 0,
    summary: "The values of a multivalue joined into one text.",
    details: "A single value is its own text; null for null.",
    source: "Search Reference: Multivalue eval functions, mvjoin()",
    examples: &[Example { expression: r#"mvjoin(split("a,b", ","), " ")"#, given: "", result: r#""a b""# }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments[0].values();
    match arguments[1].text() {
        Some(delimiter) if !values.is_empty() => {
            let texts: Vec<_> = values.iter().map(|value| value.text()).collect();
            output.text(&texts.join(&*delimiter));
        }
        _ => output.null(),
    }
    Ok(())
}
