//! JSON text as a tree that keeps the order of members and the spelling of numbers, and the paths that `spath` and
//! `json_extract` go along it.
//!
//! Objects keep repeated names. Nothing here knows a function.

use std::borrow::Cow;

/// How deep values may nest.
const DEPTH_LIMIT: usize = 128;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is spelt.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// An array, and its text.
    Array(Vec<Json<'a>>, &'a str),
    /// An object's members in order, and its text.
    Object(Vec<(Cow<'a, str>, Json<'a>)>, &'a str),
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep<'p> {
    /// A member of an object.
    Member(&'p str),
    /// An element of an array, counted from 0.
    Element(usize),
    /// All elements of an array.
    Elements,
}

impl<'a> Json<'a> {
    /// The value that a text spells; none if it is not JSON.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.space();
        (parser.at == text.len()).then_some(value)
    }

    /// The values at the end of a path, in order.
    pub fn follow<'v>(&'v self, path: &[PathStep<'_>]) -> Vec<&'v Json<'a>> {
        let mut values = vec![self];
        for step in path {
            let mut next = Vec::new();
            for value in values {
                match (step, value) {
                    (PathStep::Member(name), Json::Object(members, _)) => {
                        next.extend(members.iter().filter(|(member, _)| member == name).map(|(_, value)| value));
                    }
                    (PathStep::Element(index), Json::Array(elements, _)) => next.extend(elements.get(*index)),
                    (PathStep::Elements, Json::Array(elements, _)) => next.extend(elements),
                    _ => {}
                }
            }
            values = next;
        }
        values
    }

    /// The value as a field shows it: a string without quotes, an array or object as its text. None for `null`.
    pub fn field_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_ref().into(),
            Self::Array(_, text) | Self::Object(_, text) => (*text).into(),
        })
    }

    /// Appends the value as JSON without spaces.
    pub fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(b) => to.push_str(if *b { "true" } else { "false" }),
            Self::Number(number) => to.push_str(number),
            Self::Text(text) => write_text(text, to),
            Self::Array(elements, _) => {
                to.push('[');
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        to.push(',');
                    }
                    element.write(to);
                }
                to.push(']');
            }
            Self::Object(members, _) => {
                to.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        to.push(',');
                    }
                    write_text(name, to);
                    to.push(':');
                    value.write(to);
                }
                to.push('}');
            }
        }
    }
}

/// Appends a text as a JSON string.
pub fn write_text(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            c if c < ' ' => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

/// The steps of a path such as `a.b{0}.c{}`; none if it is malformed.
///
/// Source: Search Reference, spath command: location path.
pub fn parse_path(path: &str) -> Option<Vec<PathStep<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let open = part.find('{').unwrap_or(part.len());
        let (name, mut indices) = part.split_at(open);
        if !name.is_empty() {
            steps.push(PathStep::Member(name));
        } else if indices.is_empty() {
            return None;
        }
        while let Some(rest) = indices.strip_prefix('{') {
            let (index, after) = rest.split_once('}')?;
            steps.push(if index.is_empty() { PathStep::Elements } else { PathStep::Element(index.parse().ok()?) });
            indices = after;
        }
        if !indices.is_empty() {
            return None;
        }
    }
    Some(steps)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes a byte if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        self.space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Json::Text),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<Json<'a>> {
        let start = self.at;
        self.at += 1;
        let mut elements = Vec::new();
        if !self.take(b']') {
            loop {
                elements.push(self.value(depth + 1)?);
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
            }
        }
        Some(Json::Array(elements, &self.text[start..self.at]))
    }

    fn object(&mut self, depth: usize) -> Option<Json<'a>> {
        let start = self.at;
        self.at += 1;
        let mut members = Vec::new();
        if !self.take(b'}') {
            loop {
                self.space();
                let name = self.string()?;
                if !self.take(b':') {
                    return None;
                }
                members.push((name, self.value(depth + 1)?));
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return None;
                }
            }
        }
        Some(Json::Object(members, &self.text[start..self.at]))
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(Json::Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut copied = start;
        loop {
            match self.peek()? {
                b'"' => {
                    let tail = &self.text[copied..self.at];
                    self.at += 1;
                    return Some(match owned {
                        Some(mut text) => {
                            text.push_str(tail);
                            text.into()
                        }
                        None => tail.into(),
                    });
                }
                b'\\' => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[copied..self.at]);
                    self.at += 1;
                    let c = self.escaped()?;
                    owned.get_or_insert_default().push(c);
                    copied = self.at;
                }
                0..=0x1F => return None,
                _ => self.at += 1,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex()?;
                let paired = (0xD800..0xDC00).contains(&unit) && self.text[self.at..].starts_with("\\u");
                if paired {
                    self.at += 2;
                    let low = self.hex()?;
                    char::decode_utf16([unit as u16, low as u16]).next()?.unwrap_or(char::REPLACEMENT_CHARACTER)
                } else {
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str, path: &str) -> Vec<String> {
        let value = Json::parse(json).unwrap();
        let steps = parse_path(path).unwrap();
        value.follow(&steps).iter().filter_map(|v| v.field_text().map(Cow::into_owned)).collect()
    }

    #[test]
    fn follows_paths() {
        let json = r#"{"a":{"b":[{"c":1},{"c":2.0}]},"x":null,"s":"q\"\u00e9\ud83d\ude00"}"#;
        assert_eq!(texts(json, "a.b{}.c"), ["1", "2.0"]);
        assert_eq!(texts(json, "a.b{1}.c"), ["2.0"]);
        assert_eq!(texts(json, "a.b{0}"), [r#"{"c":1}"#]);
        assert_eq!(texts(json, "s"), ["q\"é😀"]);
        assert!(texts(json, "x").is_empty());
        assert!(texts(json, "a.c").is_empty());
        assert_eq!(parse_path("a..b"), None);
        assert_eq!(parse_path("a{x}"), None);
    }

    #[test]
    fn takes_json_and_nothing_else() {
        for text in ["{}", " [1, -2.5e+3 ,\"a\"] ", "true", "\"\"", "0"] {
            assert!(Json::parse(text).is_some(), "{text}");
        }
        for text in ["", "{", "{names: maria", "[1,]", "01", "1.", "tru", "\"\n\"", "[] []", "{\"a\":1,}", "\"\\x\""] {
            assert!(Json::parse(text).is_none(), "{text}");
        }
        assert!(Json::parse(&"[".repeat(100_000)).is_none());
    }

    #[test]
    fn writes_what_it_read() {
        let text = r#"{"b":[1.0,null,true],"a":"x\n\"\u0001é"}"#;
        let mut written = String::new();
        Json::parse(text).unwrap().write(&mut written);
        assert_eq!(written, text);
    }
}
