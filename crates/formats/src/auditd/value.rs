//! What a value means: quoted text is literal, encoded fields are upper-case hexadecimal, `(null)` and `(none)` are no
//! value.
//!
//! The kernel encodes text that holds a space, a quote, a control character or a byte above 0x7E
//! (`audit_log_untrustedstring`), and only in the fields that [`Class::of`] names; a quoted value is never
//! hexadecimal, and a number like `pid=3005` is never text. Nothing here knows about rows.

use std::borrow::Cow;

use super::fields::Form;

/// How the values of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// As they stand.
    Plain,
    /// Text that may be encoded.
    Text,
    /// Keys of audit rules: encoded with 0x01 between them when there are several.
    Key,
    /// A command line: encoded with NUL between its arguments.
    Proctitle,
    /// A socket address in hexadecimal.
    Saddr,
    /// A system call's number.
    Syscall,
    /// An architecture's number.
    Arch,
    /// The system call's name, by auditd.
    SyscallName,
}

impl Class {
    /// The class of a field by name. (An argument of EXECVE is [`Class::Text`]; `a0` elsewhere is a register.)
    pub(super) fn of(key: &[u8]) -> Self {
        match key {
            b"name" | b"cwd" | b"comm" | b"exe" | b"cmd" | b"acct" | b"path" | b"ocomm" | b"data" | b"dir"
            | b"file" | b"watch" => Self::Text,
            b"key" => Self::Key,
            b"proctitle" => Self::Proctitle,
            b"saddr" => Self::Saddr,
            b"syscall" => Self::Syscall,
            b"arch" => Self::Arch,
            b"SYSCALL" => Self::SyscallName,
            _ => Self::Plain,
        }
    }
}

/// Whether a field is there but has no value. ausearch prints these words; in a search the field is missing, so
/// that `tty=*` means what it says. (`?`, which user space writes for "not known", is a value.)
pub(super) fn is_absent(value: &[u8], form: Form) -> bool {
    form == Form::Bare && matches!(value, b"" | b"(null)" | b"(none)")
}

/// Appends the decoded bytes of upper-case hexadecimal text. Without effect if it is none.
pub(super) fn decode_hex(text: &[u8], into: &mut Vec<u8>) -> bool {
    if text.is_empty()
        || !text.len().is_multiple_of(2)
        || !text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    {
        return false;
    }
    let digit = |byte: u8| if byte <= b'9' { byte - b'0' } else { byte - b'A' + 10 };
    into.extend(text.as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)));
    true
}

/// Appends a value of an encodable field, decoded if it is encoded.
pub(super) fn decode_text(value: &[u8], form: Form, into: &mut Vec<u8>) {
    if form != Form::Bare || !decode_hex(value, into) {
        into.extend_from_slice(value);
    }
}

/// Text for people and searches: what is not UTF-8 becomes U+FFFD.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(value: &str, form: Form) -> String {
        let mut bytes = Vec::new();
        decode_text(value.as_bytes(), form, &mut bytes);
        text(&bytes).into_owned()
    }

    #[test]
    fn quoted_is_never_hexadecimal() {
        assert_eq!(decoded("3005", Form::Quoted), "3005");
        assert_eq!(decoded("6B7562", Form::Quoted), "6B7562");
        assert_eq!(decoded("6B7562", Form::Bare), "kub");
    }

    #[test]
    fn what_is_not_upper_case_hexadecimal_stays() {
        for value in ["6b7562", "6B756", "(deleted)", "x", "6B 75"] {
            assert_eq!(decoded(value, Form::Bare), value);
        }
        assert_eq!(decoded("FF41", Form::Bare), "\u{fffd}A");
    }

    #[test]
    fn words_for_none() {
        for value in ["", "(null)", "(none)"] {
            assert!(is_absent(value.as_bytes(), Form::Bare));
            assert!(!is_absent(value.as_bytes(), Form::Quoted));
        }
        assert!(!is_absent(b"?", Form::Bare));
    }
}
