//! A JSON text as a tree that keeps the order of members, the spelling of numbers, and where strings stand.
//!
//! Objects keep repeated names. Strings are decoded when they are asked for.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::JsonError;
use crate::{scan, text};

/// How deep objects and arrays may lie in each other. What reads a tree recurses, and no log or API nests nearly as deep; text that
/// does counts as no JSON.
pub const DEPTH_LIMIT: usize = 128;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is spelt.
    Number(&'t str),
    /// A string.
    Text(Text<'t>),
    /// An array, and its text.
    Array(Vec<Json<'t>>, &'t str),
    /// An object's members in order, and its text.
    Object(Vec<(Text<'t>, Json<'t>)>, &'t str),
}

/// A string of a JSON text: a value, or the name of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    /// What is between its quotes.
    written: &'t str,
    /// Where the opening quote stands in the whole text, in bytes.
    start: usize,
}

impl<'t> Text<'t> {
    /// The string with its quotes at both ends of `range`.
    fn new(whole: &'t str, range: Range<usize>) -> Self {
        Self { written: whole.get(range.start + 1..range.end - 1).unwrap_or_default(), start: range.start }
    }

    /// What it says, without escapes. What is no text, half of a surrogate pair, is U+FFFD.
    pub fn decode(&self) -> Cow<'t, str> {
        if memchr::memchr(b'\\', self.written.as_bytes()).is_none() {
            return Cow::Borrowed(self.written);
        }
        let mut buffer = String::new();
        text::decode(self.written.as_bytes(), &mut buffer);
        Cow::Owned(buffer)
    }

    /// Whether it says this.
    pub fn is(&self, said: &str) -> bool {
        self.decode() == said
    }

    /// Where it stands in the text that was read, with its quotes, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.written.len() + 2
    }
}

impl<'t> Json<'t> {
    /// The value that a text spells.
    ///
    /// # Errors
    /// The first break of JSON's grammar, text after the value, or nesting beyond [`DEPTH_LIMIT`].
    pub fn read(text: &'t str) -> Result<Self, JsonError> {
        let bytes = text.as_bytes();
        let (value, end) = value(text, scan::space(bytes, 0), 0)?;
        match scan::space(bytes, end) {
            end if end == text.len() => Ok(value),
            end => Err(JsonError::new(bytes, end, "the end of the text")),
        }
    }

    /// The value that a text spells; none if it is not JSON.
    pub fn parse(text: &'t str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The first member of this name, if it is an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members, _) => members.iter().find(|(member, _)| member.is(name)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value as a field shows it: a string without quotes, an array or object as its text. None for `null`.
    pub fn field_text(&self) -> Option<Cow<'t, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.decode(),
            Self::Array(_, text) | Self::Object(_, text) => (*text).into(),
        })
    }

    /// Appends the value as JSON without spaces.
    pub fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(b) => to.push_str(if *b { "true" } else { "false" }),
            Self::Number(number) => to.push_str(number),
            Self::Text(text) => text::write(&text.decode(), to),
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
                    text::write(&name.decode(), to);
                    to.push(':');
                    value.write(to);
                }
                to.push('}');
            }
        }
    }
}

/// The value that starts at `at`, inside `depth` containers, and where it ends.
fn value(text: &str, at: usize, depth: usize) -> Result<(Json<'_>, usize), JsonError> {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        Some(b'{' | b'[') if depth == DEPTH_LIMIT => Err(JsonError::new(bytes, at, "a value that lies less deep")),
        Some(b'{') => object(text, at, depth + 1),
        Some(b'[') => array(text, at, depth + 1),
        first => {
            let end = scan::scalar(bytes, at)?;
            let value = match first {
                Some(b'"') => Json::Text(Text::new(text, at..end)),
                Some(b't') => Json::Bool(true),
                Some(b'f') => Json::Bool(false),
                Some(b'n') => Json::Null,
                _ => Json::Number(text.get(at..end).unwrap_or_default()),
            };
            Ok((value, end))
        }
    }
}

fn array(text: &str, start: usize, depth: usize) -> Result<(Json<'_>, usize), JsonError> {
    let bytes = text.as_bytes();
    let mut elements = Vec::new();
    let mut at = scan::space(bytes, start + 1);
    if bytes.get(at) != Some(&b']') {
        loop {
            let (element, end) = value(text, at, depth)?;
            elements.push(element);
            at = scan::space(bytes, end);
            match bytes.get(at) {
                Some(b',') => at = scan::space(bytes, at + 1),
                Some(b']') => break,
                _ => return Err(JsonError::new(bytes, at, "`,` or `]`")),
            }
        }
    }
    Ok((Json::Array(elements, text.get(start..=at).unwrap_or_default()), at + 1))
}

fn object(text: &str, start: usize, depth: usize) -> Result<(Json<'_>, usize), JsonError> {
    let bytes = text.as_bytes();
    let mut members = Vec::new();
    let mut at = scan::space(bytes, start + 1);
    if bytes.get(at) != Some(&b'}') {
        loop {
            let (name, first) = scan::key(bytes, at, "a key")?;
            let (member, end) = value(text, first, depth)?;
            members.push((Text::new(text, at..name.end + 1), member));
            at = scan::space(bytes, end);
            match bytes.get(at) {
                Some(b',') => at = scan::space(bytes, at + 1),
                Some(b'}') => break,
                _ => return Err(JsonError::new(bytes, at, "`,` or `}`")),
            }
        }
    }
    Ok((Json::Object(members, text.get(start..=at).unwrap_or_default()), at + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn takes_json_and_nothing_else() {
        for text in ["{}", " [1, -2.5e+3 ,\"a\"] ", "true", "\"\"", "0"] {
            assert!(Json::parse(text).is_some(), "{text}");
        }
        for text in ["", "{", "{names: maria", "[1,]", "01", "1.", "tru", "\"\n\"", "[] []", "{\"a\":1,}", "\"\\x\""] {
            assert!(Json::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::read(&nested(DEPTH_LIMIT)).is_ok());
        assert!(Json::read(&nested(DEPTH_LIMIT + 1)).is_err());
        assert!(Json::read(&"{\"a\":".repeat(100_000)).is_err());
    }

    #[test]
    fn writes_what_it_read() {
        let text = r#"{"b":[1.0,null,true],"a":"x\n\"\u0001é"}"#;
        let mut written = String::new();
        Json::parse(text).unwrap().write(&mut written);
        assert_eq!(written, text);
    }

    #[test]
    fn strings_know_where_they_stand() {
        let text = r#" {"é\n" : ["x\u0041"]}"#;
        let Some(Json::Object(members, whole)) = Json::parse(text) else { panic!("an object") };
        assert_eq!(whole, &text[1..]);
        let (name, value) = &members[0];
        assert_eq!((&text[name.range()], name.decode().as_ref()), (r#""é\n""#, "é\n"));
        let Json::Array(elements, _) = value else { panic!("an array") };
        let Json::Text(element) = &elements[0] else { panic!("a string") };
        assert_eq!((&text[element.range()], element.decode().as_ref()), (r#""x\u0041""#, "xA"));
        assert!(element.is("xA") && !element.is(r"x\u0041") && name.is("é\n") && !name.is(r"é\n"));
    }

    fn same(ours: &Json<'_>, other: &Value) -> bool {
        match (ours, other) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(one), Value::Bool(other)) => one == other,
            (Json::Number(one), Value::Number(other)) => one.parse::<f64>().ok() == other.as_f64(),
            (Json::Text(one), Value::String(other)) => one.is(other) && one.decode() == other.as_str(),
            (Json::Array(ours, _), Value::Array(others)) => {
                ours.len() == others.len() && ours.iter().zip(others).all(|(one, other)| same(one, other))
            }
            (Json::Object(..), Value::Object(others)) => {
                others.iter().all(|(name, other)| ours.get(name).is_some_and(|one| same(one, other)))
            }
            _ => false,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "(?s).{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("(?s).{0,4}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_as_serde_does(value in any_json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let read = Json::read(&text);
            prop_assert!(read.as_ref().is_ok_and(|read| same(read, &value)), "{} {:?}", text, read);
        }

        #[test]
        fn what_one_takes_the_scan_takes(text in r#"[\[\]{}",:\\ u0a1e.\-]{0,16}"#) {
            let bytes = text.as_bytes();
            let start = scan::space(bytes, 0);
            let scanned = scan::value(bytes, start, &mut scan::Nesting::default());
            let whole = scanned.is_ok_and(|end| scan::space(bytes, end) == bytes.len());
            prop_assert_eq!(Json::read(&text).is_ok(), whole);
        }
    }
}
