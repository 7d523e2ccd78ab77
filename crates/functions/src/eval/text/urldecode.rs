//! `urldecode`: text with its percent-encoding undone.

use datafusion_common::Result;
use percent_encoding::percent_decode_str;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output};

/// `urldecode(<url>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "urldecode",
    aliases: &[],
    family: "text",
    usage: "urldecode(<url>)",
    parameters: &[Parameter::required("url", ParameterKind::Text)],
    repeats: 0,
    summary: "Text with its percent-encoding undone.",
    details: "Bytes that make no UTF-8 become the replacement character. A `+` stays. Each value of a multivalue is changed.",
    source: "Search Reference: Text functions, urldecode()",
    examples: &[Example {
        expression: r#"urldecode("http%3A%2F%2Fwww.splunk.com%2Fdownload%3Fr%3Dheader")"#,
        given: "",
        result: r#""http://www.splunk.com/download?r=header""#,
    }],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    super::each_value(&arguments[0], output, |text| percent_decode_str(text).decode_utf8_lossy().into_owned());
    Ok(())
}
