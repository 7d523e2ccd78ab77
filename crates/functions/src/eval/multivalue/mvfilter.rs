//! `mvfilter`: the values of a multivalue for which a condition holds.

use crate::function::{EvalFunction, Example, Implementation, LambdaKind, Parameter, ParameterKind};

/// `mvfilter(<predicate>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvfilter",
    aliases: &[],
    family: "multivalue",
    usage: "mvfilter(<predicate>)",
    parameters: &[Parameter::required("predicate", ParameterKind::EachValue)],
    repeats: 0,
    summary: "The values of a multivalue for which a condition holds.",
    details: "The condition reads one field, and is tested for each of its values. Null if no value is left.",
    source: "Search Reference: Multivalue eval functions, mvfilter()",
    examples: &[Example {
        expression: r#"mvfilter(match(x, "\.net$"))"#,
        given: r#"x=split("a.com,b.net,c.net", ",")"#,
        result: r#"["b.net","c.net"]"#,
    }],
    implementation: Implementation::Lambda(LambdaKind::Filter),
};
