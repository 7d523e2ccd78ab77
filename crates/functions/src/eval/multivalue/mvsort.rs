//! `mvsort`: the values of a multivalue in lexicographic order.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `mvsort(<mv>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvsort",
    aliases: &[],
    family: "multivalue",
    usage: "mvsort(<mv>)",
    parameters: &[Parameter::required("mv", ParameterKind::Any)],
    repeats: 0,
    summary: "The values of a multivalue in lexicographic order.",
    details: "By code point: upper case comes before lower case, `10` before `9`.",
    source: "Search Reference: Multivalue eval functions, mvsort()",
    examples: &[Example {
        expression: r#"mvsort(split("10,9,B,a", ","))"#,
        given: "",
        result: r#"["10","9","B","a"]"#,
    }],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let mut values: Vec<_> = arguments[0].values().into_iter().map(|value| value.text()).collect();
    values.sort();
    output.multi(values);
    Ok(())
}
