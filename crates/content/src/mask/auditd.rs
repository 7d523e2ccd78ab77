//! The arguments of a command in a record of auditd.
//!
//! An EXECVE record holds each argument by itself (`a1="--token" a2="x"`), in hexadecimal digits if it has a space or a
//! quote, and PROCTITLE holds all of them so. A secret is told by what stands around it, so the arguments are
//! put together to a command line; if that holds a secret, the masked line stands in their place.

use std::fmt::Write as _;

use super::text;

/// The record with its command line masked; none if it holds no command or the command no secret.
pub(super) fn arguments(record: &str) -> Option<String> {
    if !has_command(record) {
        return None;
    }
    let mut masked = String::with_capacity(record.len());
    let mut changed = false;
    for line in record.split_inclusive('\n') {
        match masked_line(line) {
            Some(line) => {
                masked.push_str(&line);
                changed = true;
            }
            None => masked.push_str(line),
        }
    }
    changed.then_some(masked)
}

/// Whether a line has a command's arguments. SYSCALL has fields of the same names that are numbers.
fn has_command(line: &str) -> bool {
    line.contains("type=EXECVE") || line.contains("proctitle=")
}

fn masked_line(line: &str) -> Option<String> {
    if !has_command(line) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let (mut first, mut last) = (None, 0);
    let mut at = 0;
    // Fields are set apart by single spaces; what is enriched follows behind 0x1d.
    for field in line.split([' ', '\u{1d}', '\n']) {
        if let Some(value) = argument(field) {
            first.get_or_insert(at);
            last = at + field.len();
            words.push(value);
        }
        at += field.len() + 1;
    }
    let first = first?;
    let command = words.join(" ");
    let hidden = text::mask(&command);
    if hidden == command {
        return None;
    }
    let mut masked = String::with_capacity(line.len());
    masked.push_str(&line[..first]);
    write!(masked, "command=\"{}\"", hidden.replace('"', "'")).ok()?;
    masked.push_str(&line[last..]);
    Some(masked)
}

/// The value of `a0=…`, `a1[0]=…` or `proctitle=…`, decoded.
fn argument(field: &str) -> Option<String> {
    let (name, value) = field.split_once('=')?;
    let is_argument = name == "proctitle"
        || name.strip_prefix('a').is_some_and(|rest| {
            let number = rest.split('[').next().unwrap_or_default();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
    if !is_argument {
        return None;
    }
    if let Some(quoted) = value.strip_prefix('"') {
        return Some(quoted.trim_end_matches('"').to_owned());
    }
    let bytes = hexadecimal(value)?;
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    Some(text)
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() {
        return None;
    }
    let value = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.as_bytes().chunks(2).map(|pair| Some(value(*pair.first()?)? << 4 | value(*pair.get(1)?)?)).collect()
}
