//! `ipmask`: the bits of an IPv4 address that a mask lets through.

use std::net::Ipv4Addr;

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, text_type};

/// `ipmask(<mask>, <ip>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "ipmask",
    aliases: &[],
    family: "conversion",
    usage: "ipmask(<mask>, <ip>)",
    parameters: &[Parameter::required("mask", ParameterKind::Text), Parameter::required("ip", ParameterKind::Text)],
    repeats: 0,
    summary: "The bits of an IPv4 address that a mask lets through.",
    details: "Null for what is no IPv4 address.",
    source: "Search Reference: Conversion functions, ipmask()",
    examples: &[Example {
        expression: r#"ipmask("0.255.0.244", "10.20.30.120")"#,
        given: "",
        result: r#""0.20.0.112""#,
    }],
    implementation: Implementation::Rows { returns: |_| text_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let address = |cell: &Cell<'_>| cell.text().and_then(|text| text.trim().parse::<Ipv4Addr>().ok());
    match (address(&arguments[0]), address(&arguments[1])) {
        (Some(mask), Some(ip)) => output.text(&(mask & ip).to_string()),
        _ => output.null(),
    }
    Ok(())
}
