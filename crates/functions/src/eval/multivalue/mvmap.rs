//! `mvmap`: the results of an expression over each value of a multivalue.

use crate::function::{EvalFunction, Example, Implementation, LambdaKind, Parameter, ParameterKind};

/// `mvmap(<mv>, <expression>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvmap",
    aliases: &[],
    family: "multivalue",
    usage: "mvmap(<mv>, <expression>)",
    parameters: &[
        Parameter::required("mv", ParameterKind::Any),
        Parameter::required("expression", ParameterKind::EachValue),
    ],
    repeats: 0,
    summary: "The results of an expression over each value of a multivalue.",
    details: "In the expression the field stands for one value at a time; other fields are as they are. Results that are null are left out.",
    source: "Search Reference: Multivalue eval functions, mvmap()",
    examples: &[Example {
        expression: r#"mvmap(x, upper(x)."!")"#,
        given: r#"x=split("al,bo", ",")"#,
        result: r#"["AL!","BO!"]"#,
    }],
    implementation: Implementation::Lambda(LambdaKind::Map),
};
