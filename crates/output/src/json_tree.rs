//! A JSON value that keeps its keys in the order in which they were put, for the formats whose objects are nested. Text
//! is escaped as in [`crate::json_object`], so that no value drives a terminal. A tree is built by code of ours, never
//! read from a log: how deep it is does not depend on input.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::json_object::string;

/// A JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Json<'a> {
    Bool(bool),
    Whole(i64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Members<'a>),
}

/// The members of an object, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Members<'a> {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With one more member.
    pub(crate) fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Json<'a>>) -> Self {
        self.0.push((key.into(), value.into()));
        self
    }

    /// With one more member, if there is a value.
    pub(crate) fn with_some(self, key: &'static str, value: Option<impl Into<Json<'a>>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With a list, if there is anything in it.
    pub(crate) fn with_any(self, key: &'static str, list: impl IntoIterator<Item: Into<Json<'a>>>) -> Self {
        let list: Vec<Json<'a>> = list.into_iter().map(Into::into).collect();
        if list.is_empty() { self } else { self.with(key, list) }
    }

    /// With a list, also if nothing is in it.
    pub(crate) fn with_all(self, key: &'static str, list: impl IntoIterator<Item: Into<Json<'a>>>) -> Self {
        self.with(key, list.into_iter().map(Into::into).collect::<Vec<_>>())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<bool> for Json<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json<'_> {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<u32> for Json<'_> {
    fn from(value: u32) -> Self {
        Self::Whole(value.into())
    }
}

impl From<u8> for Json<'_> {
    fn from(value: u8) -> Self {
        Self::Whole(value.into())
    }
}

impl From<u64> for Json<'_> {
    fn from(value: u64) -> Self {
        Self::Whole(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a String> for Json<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value.as_str().into())
    }
}

impl From<String> for Json<'_> {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<Vec<Json<'a>>> for Json<'a> {
    fn from(value: Vec<Json<'a>>) -> Self {
        Self::List(value)
    }
}

impl<'a> From<Members<'a>> for Json<'a> {
    fn from(value: Members<'a>) -> Self {
        Self::Object(value)
    }
}

impl Json<'_> {
    /// Writes the value without a line break in it.
    pub(crate) fn write(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        match self {
            Self::Bool(value) => out.write_all(if *value { b"true" } else { b"false" }),
            Self::Whole(value) => write!(out, "{value}"),
            Self::Text(text) => string(text, out),
            Self::List(values) => {
                out.write_all(b"[")?;
                for (at, value) in values.iter().enumerate() {
                    out.write_all(if at > 0 { b"," } else { b"" })?;
                    value.write(out)?;
                }
                out.write_all(b"]")
            }
            Self::Object(members) => {
                out.write_all(b"{")?;
                for (at, (key, value)) in members.0.iter().enumerate() {
                    out.write_all(if at > 0 { b"," } else { b"" })?;
                    string(key, out)?;
                    out.write_all(b":")?;
                    value.write(out)?;
                }
                out.write_all(b"}")
            }
        }
    }
}

/// Writes objects as one JSON array, each on a line of its own, as the format `json` does with rows.
pub(crate) fn write_array<'a>(objects: impl Iterator<Item = Members<'a>>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    let mut any = false;
    for object in objects {
        out.write_all(if any { b",\n" } else { b"\n" })?;
        any = true;
        Json::Object(object).write(out)?;
    }
    out.write_all(if any { b"\n]\n" } else { b"]\n" })
}

/// Writes objects on a line each, as the format `jsonl` does with rows.
pub(crate) fn write_lines<'a>(objects: impl Iterator<Item = Members<'a>>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    for object in objects {
        line.clear();
        Json::Object(object).write(&mut line)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(members: Members<'_>) -> String {
        let mut out = Vec::new();
        Json::Object(members).write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_stay_in_order_and_what_is_missing_is_left_out() {
        let object = Members::new()
            .with("z", true)
            .with_some("none", None::<&str>)
            .with("a\u{1b}", "\"\n\u{202e}")
            .with_any("nothing", Vec::<Json<'_>>::new())
            .with_all("all", Vec::<Json<'_>>::new())
            .with_any("list", [1_u8, 2])
            .with("huge", u64::MAX);
        assert_eq!(
            written(object),
            r#"{"z":true,"a\u001b":"\"\n\u202e","all":[],"list":[1,2],"huge":9223372036854775807}"#
        );
        assert_eq!(written(Members::new()), "{}");
    }
}
