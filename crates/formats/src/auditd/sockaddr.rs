//! Socket addresses (`SOCKADDR saddr=0200…`), with the names that `ausearch -i` prints: `saddr_fam`, `laddr`, `lport`,
//! `path`, `nlnk-fam`, `nlnk-pid`, `cid`, `port`.
//!
//! The bytes are a `struct sockaddr` as the program passed it: possibly short, possibly garbage. What is too short
//! has a family only. Where ausearch prints an abstract unix socket like a file's path, it has `@` here, as in `ss`
//! and `strace`: it is no file.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::value;

/// The names that [`decode`] can hand out.
pub(super) const NAMES: [&str; 8] = ["saddr_fam", "laddr", "lport", "path", "nlnk-fam", "nlnk-pid", "cid", "port"];

/// Hands out the parts of an address, each with its position in [`NAMES`].
pub(super) fn decode(address: &[u8], mut part: impl FnMut(usize, &str)) {
    let Some((first, _)) = address.split_first_chunk::<2>() else {
        return;
    };
    // The family is in the byte order of the machine that wrote the log. All families are below 256.
    let big_endian = first[0] == 0 && first[1] != 0;
    let family = if big_endian { u16::from_be_bytes(*first) } else { u16::from_le_bytes(*first) };
    match FAMILIES.get(usize::from(family)).filter(|name| !name.is_empty()) {
        Some(name) => part(0, name),
        None => part(0, &format!("unknown-family({family})")),
    }
    let word = |at: usize| -> Option<u32> {
        let bytes = address.get(at..)?.first_chunk::<4>()?;
        Some(if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
    };
    let port = address.get(2..).and_then(|rest| rest.first_chunk::<2>()).map(|port| u16::from_be_bytes(*port));
    match family {
        1 => {
            if let Some(path) = unix_path(&address[2..]) {
                part(3, &path);
            }
        }
        2 => {
            if let (Some(port), Some(ip)) = (port, address.get(4..).and_then(|rest| rest.first_chunk::<4>())) {
                part(1, &Ipv4Addr::from(*ip).to_string());
                part(2, &port.to_string());
            }
        }
        10 => {
            if let (Some(port), Some(ip)) = (port, address.get(8..).and_then(|rest| rest.first_chunk::<16>())) {
                part(1, &Ipv6Addr::from(*ip).to_string());
                part(2, &port.to_string());
            }
        }
        16 => {
            if let Some(pid) = word(4) {
                part(4, &family.to_string());
                part(5, &pid.to_string());
            }
        }
        40 => {
            if let (Some(port), Some(cid)) = (word(4), word(8)) {
                part(6, &cid.to_string());
                part(7, &port.to_string());
            }
        }
        _ => {}
    }
}

/// The path of a unix socket. The kernel logs the whole structure: what follows the first NUL is garbage.
fn unix_path(bytes: &[u8]) -> Option<String> {
    let up_to_nul = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        value::text(&bytes[..end]).into_owned()
    };
    match bytes.split_first()? {
        (0, name) => Some(up_to_nul(name)).filter(|name| !name.is_empty()).map(|name| format!("@{name}")),
        _ => Some(up_to_nul(bytes)),
    }
}

/// Names of address families by number, as ausearch has them.
const FAMILIES: &[&str] = &[
    "",
    "local",
    "inet",
    "ax25",
    "ipx",
    "appletalk",
    "netrom",
    "bridge",
    "atmpvc",
    "x25",
    "inet6",
    "rose",
    "decnet",
    "netbeui",
    "security",
    "key",
    "netlink",
    "packet",
    "ash",
    "econet",
    "atmsvc",
    "rds",
    "sna",
    "irda",
    "pppox",
    "wanpipe",
    "llc",
    "ib",
    "mpls",
    "can",
    "tipc",
    "bluetooth",
    "iucv",
    "rxrpc",
    "isdn",
    "phonet",
    "ieee802154",
    "caif",
    "alg",
    "nfc",
    "vsock",
    "kcm",
    "qipcrtr",
    "smc",
    "xdp",
    "mctp",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(hex: &str) -> String {
        let mut bytes = Vec::new();
        value::decode_hex(hex.as_bytes(), &mut bytes);
        let mut parts = Vec::new();
        decode(&bytes, |at, value| parts.push(format!("{}={value}", NAMES[at])));
        parts.join(" ")
    }

    #[test]
    fn addresses_as_ausearch_prints_them() {
        let cases = [
            ("02000050A9FEA9FE0000000000000000", "saddr_fam=inet laddr=169.254.169.254 lport=80"),
            ("0002192B0A00000A", "saddr_fam=inet laddr=10.0.0.10 lport=6443"),
            ("0A000947000000000000000000000000000000000000000100000000", "saddr_fam=inet6 laddr=::1 lport=2375"),
            (
                "0A0000160000000000000000000000000000FFFF7F00000100000000",
                "saddr_fam=inet6 laddr=::ffff:127.0.0.1 lport=22",
            ),
            ("01002F7661722F72756E2F6E7363642F736F636B65740000F47C", "saddr_fam=local path=/var/run/nscd/socket"),
            ("01002F7661722F72756E2F646F636B65722E736F636B", "saddr_fam=local path=/var/run/docker.sock"),
            ("0100002F746D702F646275732D58", "saddr_fam=local path=@/tmp/dbus-X"),
            ("0100", "saddr_fam=local"),
            ("010000", "saddr_fam=local"),
            ("100000000000000000000000", "saddr_fam=netlink nlnk-fam=16 nlnk-pid=0"),
            ("001000000000002A00000000", "saddr_fam=netlink nlnk-fam=16 nlnk-pid=42"),
            ("28000000160000000200000000000000", "saddr_fam=vsock cid=2 port=22"),
            ("1100", "saddr_fam=packet"),
            ("00000000000000000000000000000000", "saddr_fam=unknown-family(0)"),
            ("FFFF", "saddr_fam=unknown-family(65535)"),
            ("020000", "saddr_fam=inet"),
            ("0A0000160000", "saddr_fam=inet6"),
            ("02", ""),
            ("", ""),
        ];
        for (hex, expected) in cases {
            assert_eq!(parts(hex), expected, "{hex}");
        }
    }
}
