//! `cidrmatch`: whether an IP address is in a subnet.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::network::{contains, parse_subnet};
use crate::types::{Cell, Output, bool_type};

/// `cidrmatch(<cidr>, <ip>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "cidrmatch",
    aliases: &[],
    family: "conditional",
    usage: "cidrmatch(<cidr>, <ip>)",
    parameters: &[Parameter::required("cidr", ParameterKind::Text), Parameter::required("ip", ParameterKind::Any)],
    repeats: 0,
    summary: "Whether an IP address is in a subnet.",
    details: "IPv4 and IPv6. What is no address is in no subnet. Null if either is null; any value of a multivalue suffices.",
    source: "Search Reference: Comparison and Conditional functions, cidrmatch()",
    examples: &[
        Example { expression: r#"if(cidrmatch("10.9.165.0/25", "10.9.165.127"), 1, 0)"#, given: "", result: "1" },
        Example { expression: r#"if(cidrmatch("192.0.2.0/24", "192.0.3.0"), 1, 0)"#, given: "", result: "0" },
    ],
    implementation: Implementation::Rows { returns: |_| bool_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments[1].values();
    match arguments[0].text() {
        Some(subnet) if !values.is_empty() => {
            let subnet = parse_subnet(&subnet);
            output.bool(subnet.is_some_and(|subnet| values.iter().any(|value| contains(subnet, &value.text()))));
        }
        _ => output.null(),
    }
    Ok(())
}
