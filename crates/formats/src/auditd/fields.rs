//! The `key=value` pairs of a record, in order, undecoded.
//!
//! Separators are spaces and the 0x1D that auditd's enriched format puts before its upper-case fields, which rsyslog writes as
//! `#035` and other carriers drop (`key="x"ARCH=x86_64`, `frootid=0OUID="root"`). What user space reports stands inside `msg='…'`
//! and is handed out like the record's own fields. Words without `=` are skipped. Decoding is `value`'s.

use memchr::memchr;

/// How a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Without quotes: a number, a word, encoded text or a word for "none".
    Bare,
    /// In quotes: literal text.
    Quoted,
    /// In braces, which stand in the value (`SADDR={ saddr_fam=inet … }`).
    Braced,
}

/// One `key=value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) key: &'a [u8],
    /// The key as a number, if it has at most 16 bytes; else 0. Names are looked up by it.
    pub(super) number: u128,
    pub(super) value: &'a [u8],
    pub(super) form: Form,
}

/// Iterates over the fields of a record.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    line: &'a [u8],
    at: usize,
    in_msg: bool,
    cut: bool,
}

impl<'a> Fields<'a> {
    /// The fields of `line` from `body` on.
    pub(super) fn new(line: &'a [u8], body: usize) -> Self {
        Self { line, at: body, in_msg: false, cut: false }
    }

    /// Once all fields are read: whether a quote was left open, so that the line must have been cut.
    pub(super) fn is_cut(&self) -> bool {
        self.cut || self.in_msg
    }

    /// Skips a word without `=`, and returns it.
    fn skip_word(&mut self, start: usize) -> &'a [u8] {
        if self.at == start && matches!(self.line[start], b'(' | b'[' | b'{') {
            self.at += 1;
            return &[];
        }
        while self.at < self.line.len() && separator_at(self.line, self.at) == 0 && !self.closes_msg(self.at) {
            self.at += 1;
        }
        &self.line[start..self.at]
    }

    fn closes_msg(&self, at: usize) -> bool {
        self.in_msg
            && self.line[at] == b'\''
            && (separator_at(self.line, at + 1) > 0 || self.line.get(at + 1).is_none_or(u8::is_ascii_uppercase))
    }

    fn value(&mut self, key: &'a [u8], number: u128) -> Option<Field<'a>> {
        let start = self.at;
        let (value, form) = match self.line.get(start) {
            Some(b'"') => (self.quoted(b'"'), Form::Quoted),
            Some(b'\'') if !self.in_msg && key == b"msg" => {
                self.in_msg = true;
                self.at += 1;
                return None;
            }
            Some(b'\'') if !self.in_msg => (self.quoted(b'\''), Form::Quoted),
            Some(b'{') if key.eq_ignore_ascii_case(b"saddr") => {
                let length = memchr(b'}', &self.line[start..]).map_or(self.line.len() - start, |end| end + 1);
                self.at = start + length;
                (&self.line[start..self.at], Form::Braced)
            }
            _ => (self.bare(), Form::Bare),
        };
        Some(Field { key, number, value, form })
    }

    fn quoted(&mut self, quote: u8) -> &'a [u8] {
        let start = self.at + 1;
        match memchr(quote, &self.line[start..]) {
            Some(length) => {
                self.at = start + length + 1;
                &self.line[start..start + length]
            }
            None => {
                self.cut = true;
                self.at = self.line.len();
                &self.line[start..]
            }
        }
    }

    fn bare(&mut self) -> &'a [u8] {
        let start = self.at;
        loop {
            let rest = &self.line[self.at..];
            let Some(length) = rest.iter().position(|byte| CLASSES[*byte as usize] & STOP != 0) else {
                self.at = self.line.len();
                break;
            };
            self.at += length;
            match self.line[self.at] {
                b'\'' if !self.closes_msg(self.at) => {}
                b'#' if separator_at(self.line, self.at) == 0 => {}
                b'=' => {
                    if let Some(end) = before_enriched(self.line, start, self.at) {
                        self.at = end;
                        break;
                    }
                }
                _ => break,
            }
            self.at += 1;
        }
        &self.line[start..self.at]
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let mut word: &[u8] = &[];
        loop {
            loop {
                match separator_at(self.line, self.at) {
                    0 => break,
                    length => self.at += length,
                }
            }
            if self.at >= self.line.len() {
                return None;
            }
            if self.closes_msg(self.at) {
                self.in_msg = false;
                self.at += 1;
                continue;
            }
            let start = self.at;
            let rest = &self.line[start..];
            self.at += rest.iter().position(|byte| CLASSES[*byte as usize] & KEY == 0).unwrap_or(rest.len());
            if self.at == start || self.line.get(self.at) != Some(&b'=') {
                word = self.skip_word(start);
                continue;
            }
            let key = &self.line[start..self.at];
            let (key, number) = match renamed(word, key) {
                Some(key) => (key, number_of(key, 0, key.len())),
                None => (key, number_of(self.line, start, key.len())),
            };
            self.at += 1;
            if let Some(field) = self.value(key, number) {
                return Some(field);
            }
            word = &[];
        }
    }
}

const SEPARATOR: u8 = 0x1D;

/// How rsyslog writes the separator: it replaces control characters by `#` and three octal digits.
const ESCAPED_SEPARATOR: &[u8] = b"#035";

/// The length of the separator at a place, 0 if none stands there. A value can have `#035` in it as well: it separates only
/// before the name of an enriched field.
fn separator_at(line: &[u8], at: usize) -> usize {
    match line.get(at) {
        Some(b' ' | &SEPARATOR | b'\t') => 1,
        Some(b'#') if line[at..].starts_with(ESCAPED_SEPARATOR) => match line.get(at + ESCAPED_SEPARATOR.len()) {
            Some(byte) if byte.is_ascii_uppercase() => ESCAPED_SEPARATOR.len(),
            _ => 0,
        },
        _ => 0,
    }
}

/// Bytes that a key is made of.
const KEY: u8 = 1;
/// Bytes at which a value without quotes may end.
const STOP: u8 = 2;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'[' | b']' | b'.') {
            classes[byte as usize] |= KEY;
        }
        if matches!(byte, b' ' | SEPARATOR | b'\'' | b'=' | b'#') {
            classes[byte as usize] |= STOP;
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// The `length` bytes at `start` as a number, if they are at most 16 (and no NUL is among them).
pub(super) fn number_of(line: &[u8], start: usize, length: usize) -> u128 {
    if length > 16 {
        return 0;
    }
    // A load of 16 bytes and a mask are cheaper than a copy of `length` bytes.
    if let Some(bytes) = line.get(start..).and_then(|rest| rest.first_chunk::<16>()) {
        let unused = 8 * (16 - length);
        return if length == 0 { 0 } else { u128::from_le_bytes(*bytes) << unused >> unused };
    }
    let mut padded = [0; 16];
    padded[..length].copy_from_slice(&line[start..start + length]);
    u128::from_le_bytes(padded)
}

/// LOGIN records of older kernels (RHEL 6) have `old auid=… new auid=…` where today's have `old-auid=… auid=…`.
fn renamed(word: &[u8], key: &[u8]) -> Option<&'static [u8]> {
    match (word, key) {
        (b"old", b"auid") => Some(b"old-auid"),
        (b"old", b"ses") => Some(b"old-ses"),
        _ => None,
    }
}

/// If `=` at `equals` belongs to an enriched field whose separator was dropped: where the value that began at `start`
/// really ends. Enriched names and numbers are told from ordinary text by what follows them.
fn before_enriched(line: &[u8], start: usize, equals: usize) -> Option<usize> {
    let next = line.get(equals + 1)?;
    ENRICHED
        .iter()
        .filter(|(name, follows)| match follows {
            Follows::Quote => *next == b'"' && line[start..equals].ends_with(name),
            Follows::Word => next.is_ascii_alphanumeric() && line[start..equals].ends_with(name),
            Follows::Brace => *next == b'{' && line[start..equals].ends_with(name),
        })
        .map(|(name, _)| equals - name.len())
        .min()
}

enum Follows {
    Quote,
    Word,
    Brace,
}

/// The fields that auditd adds: the names of users, groups, the architecture, the system call, the address.
const ENRICHED: &[(&[u8], Follows)] = &[
    (b"ARCH", Follows::Word),
    (b"SYSCALL", Follows::Word),
    (b"SADDR", Follows::Brace),
    (b"AUID", Follows::Quote),
    (b"EGID", Follows::Quote),
    (b"EUID", Follows::Quote),
    (b"FSGID", Follows::Quote),
    (b"FSUID", Follows::Quote),
    (b"GID", Follows::Quote),
    (b"ID", Follows::Quote),
    (b"IGID", Follows::Quote),
    (b"IUID", Follows::Quote),
    (b"OAUID", Follows::Quote),
    (b"OBJ_GID", Follows::Quote),
    (b"OBJ_UID", Follows::Quote),
    (b"OGID", Follows::Quote),
    (b"OLD-AUID", Follows::Quote),
    (b"OUID", Follows::Quote),
    (b"SAUID", Follows::Quote),
    (b"SGID", Follows::Quote),
    (b"SUID", Follows::Quote),
    (b"UID", Follows::Quote),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Fields::new(body.as_bytes(), 0).map(|field| (text(field.key), text(field.value))).collect()
    }

    fn check(body: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(fields(body), expected, "{body}");
    }

    #[test]
    fn separators_are_spaces_and_0x1d_and_nothing() {
        check(r#" a=1  b="x y" c=(none)"#, &[("a", "1"), ("b", "x y"), ("c", "(none)")]);
        check("key=\"exec\"\x1dARCH=x86_64 AUID=\"root\"", &[("key", "exec"), ("ARCH", "x86_64"), ("AUID", "root")]);
        check("key=(null)#035ARCH=x86_64", &[("key", "(null)"), ("ARCH", "x86_64")]);
        check("key=\"exec\"#035ARCH=x86_64", &[("key", "exec"), ("ARCH", "x86_64")]);
        check("msg='op=x res=failed'#035UID=\"r\"", &[("op", "x"), ("res", "failed"), ("UID", "r")]);
        check("word#035UID=\"r\" a=b#035c d=#035 e=#", &[("UID", "r"), ("a", "b#035c"), ("d", "#035"), ("e", "#")]);
        check(r#"key="exec"ARCH=x86_64"#, &[("key", "exec"), ("ARCH", "x86_64")]);
        check("key=(null)ARCH=x86_64", &[("key", "(null)"), ("ARCH", "x86_64")]);
        check("key=6B2FARCH=x86_64", &[("key", "6B2F"), ("ARCH", "x86_64")]);
        check(r#"cap_frootid=0OUID="root" OGID="r""#, &[("cap_frootid", "0"), ("OUID", "root"), ("OGID", "r")]);
        check(r#"res=1AUID="bui" UID="bui""#, &[("res", "1"), ("AUID", "bui"), ("UID", "bui")]);
        check(r#"saddr=0200SADDR={ saddr_fam=inet }"#, &[("saddr", "0200"), ("SADDR", "{ saddr_fam=inet }")]);
    }

    #[test]
    fn numbers_are_the_same_wherever_the_key_stands() {
        let long = b"auid=1000 and much more text behind it";
        assert_eq!(number_of(long, 0, 4), number_of(b"auid", 0, 4));
        assert_eq!(number_of(b"0123456789abcdef", 0, 16), u128::from_le_bytes(*b"0123456789abcdef"));
        assert_eq!(number_of(long, 0, 17), 0);
    }

    #[test]
    fn equals_signs_inside_values() {
        check("subj==unconfined x=1", &[("subj", "=unconfined"), ("x", "1")]);
        check("a=b=c d=e", &[("a", "b=c"), ("d", "e")]);
        check("url=x?ID=7", &[("url", "x?ID=7")]);
    }

    #[test]
    fn user_space_fields_stand_in_msg() {
        check(
            r#" pid=1 msg='op=login acct="root" res=success'UID="root" AUID="unset""#,
            &[("pid", "1"), ("op", "login"), ("acct", "root"), ("res", "success"), ("UID", "root"), ("AUID", "unset")],
        );
        check("msg='op=x res=failed'\x1dUID=\"r\"", &[("op", "x"), ("res", "failed"), ("UID", "r")]);
        check(
            r#"msg='PAM: authentication acct="root" : exe="/x"' z=1"#,
            &[("acct", "root"), ("exe", "/x"), ("z", "1")],
        );
        check(r#"msg='acct="o'brien" cmd="it's" res=1'"#, &[("acct", "o'brien"), ("cmd", "it's"), ("res", "1")]);
        check("msg='can't do op=x'", &[("op", "x")]);
        check("msg=' comm=\"x\" mac= pfs=y'", &[("comm", "x"), ("mac", ""), ("pfs", "y")]);
    }

    #[test]
    fn words_are_passed_over() {
        check("config changed, auid=0", &[("auid", "0")]);
        check("avc:  denied  { read } for  pid=7", &[("pid", "7")]);
        check(
            "login pid=1 old auid=4294967295 new auid=5 old ses=1 new ses=2",
            &[("pid", "1"), ("old-auid", "4294967295"), ("auid", "5"), ("old-ses", "1"), ("ses", "2")],
        );
        check("IPE=ctx ( op: [execute] x: [true] )  [ action = allow ]", &[("IPE", "ctx")]);
        check("(op=x", &[("op", "x")]);
        check("= =x '", &[]);
    }

    #[test]
    fn an_open_quote_is_a_cut() {
        for (body, cut) in [("a=\"x", true), ("msg='op=x", true), ("a=1", false), ("msg='op=x'", false), ("a='x", true)]
        {
            let mut fields = Fields::new(body.as_bytes(), 0);
            while fields.next().is_some() {}
            assert_eq!(fields.is_cut(), cut, "{body}");
        }
    }
}
