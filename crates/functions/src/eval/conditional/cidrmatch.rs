//! `cidrmatch`: whether an IP address is in a subnet.

use std::net::IpAddr;

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
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

/// The network's bits and how many of the first bits count, of 32 or 128.
fn parse_subnet(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(bits), |length| length.parse().ok())?;
    (length <= bits).then_some((address, length))
}

fn contains((network, length): (IpAddr, u32), address: &str) -> bool {
    match (network, address.trim().parse()) {
        (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= length
        }
        (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= length
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_of_both_families() {
        let within = |subnet: &str, address: &str| parse_subnet(subnet).is_some_and(|s| contains(s, address));
        assert!(within("10.0.0.0/8", "10.255.0.1"));
        assert!(within("0.0.0.0/0", "1.2.3.4"));
        assert!(within("10.1.2.3", "10.1.2.3"));
        assert!(within("2001:db8::/32", "2001:db8:1::5"));
        assert!(!within("10.0.0.0/8", "11.0.0.1"));
        assert!(!within("10.0.0.0/33", "10.0.0.1"));
        assert!(!within("10.0.0.0/8", "x"));
        assert!(!within("::/0", "1.2.3.4"));
    }
}
