//! Networks in CIDR notation, and the addresses in them.

use std::net::IpAddr;

/// The network's address and its prefix length, of 32 or 128 bits.
pub(crate) fn parse_subnet(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(bits), |length| length.parse().ok())?;
    (length <= bits).then_some((address, length))
}

/// Whether an address, as text, lies in a network of its own family.
pub(crate) fn contains((network, length): (IpAddr, u32), address: &str) -> bool {
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
