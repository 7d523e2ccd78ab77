//! `mvdedup`: a multivalue without repeated values.

use std::collections::HashSet;

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `mvdedup(<mv>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvdedup",
    aliases: &[],
    family: "multivalue",
    usage: "mvdedup(<mv>)",
    parameters: &[Parameter::required("mv", ParameterKind::Any)],
    repeats: 0,
    summary: "A multivalue without repeated values.",
    details: "The first of equal values stays; the order is kept.",
    source: "Search Reference: Multivalue eval functions, mvdedup()",
    examples: &[Example { expression: r#"mvdedup(split("b,a,b", ","))"#, given: "", result: r#"["b","a"]"# }],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut seen = HashSet::new();
    let values = arguments[0].values().into_iter().map(|value| value.text());
    output.multi(values.filter(|text| seen.insert(text.clone())));
    Ok(())
}
