//! Hands out a JSON value as fields, named as Splunk names them: `a.b`, `a{}` for the elements of an array, `a{}.b`
//! for what is in them, `a{}{}` for arrays in arrays.
//!
//! Source of the names: Splunk's documentation of `spath` and of `KV_MODE = json`. Keys are taken literally, also
//! those with dots and slashes in them (`annotations.authorization.k8s.io/decision`). A key that stands twice hands
//! out both values. Numbers keep their text, `true` and `false` are text, and `null` hands out nothing: a field
//! without a value is no field. Empty objects and arrays hand out nothing.
//!
//! The walk is a loop with a stack of its own, and values that the visitor declines are stepped over, not decoded.

use std::ops::Range;

use crate::visitor::{RowVisitor, Slot};
use dogwatch_json::JsonError;
use dogwatch_json::scan::{self, Nesting};
use dogwatch_json::text::{decode, unquoted};

/// Names longer than this are not fields: the stack and the time for asking about names stay bounded on input
/// that nests without end.
const LONGEST_NAME: usize = 16 * 1024;

/// The buffers of a walk, to be used again for the next row.
#[derive(Debug, Default)]
pub(crate) struct Walker {
    /// The name of the value at hand.
    name: String,
    /// The containers that are walked, outermost first.
    frames: Vec<Frame>,
    /// For stepping over what is declined.
    open: Nesting,
    /// A decoded key or value.
    buffer: String,
}

#[derive(Debug)]
struct Frame {
    /// The container's own name is this much of [`Walker::name`].
    own: usize,
    /// And this much is what the names inside it start with.
    prefix: usize,
    /// What the container is.
    inside: Inside,
}

#[derive(Clone, Copy, Debug)]
enum Inside {
    Object,
    /// With what the visitor said about the elements' name, once it was asked.
    Array(Option<Option<Slot>>),
}

impl Walker {
    /// Hands out the member `key` of a row's object. `key` is the text between the quotes.
    pub(crate) fn member(&mut self, text: &[u8], key: Range<usize>, value: Range<usize>, visitor: &mut dyn RowVisitor) {
        self.name.clear();
        self.name.push_str(decode(text.get(key).unwrap_or_default(), &mut self.buffer));
        self.frames.clear();
        // Whoever names members has checked the text, so that this cannot fail.
        let _ = self.walk(text, value.start, visitor);
    }

    /// Hands out the value at `at`: an object's members under their keys, an array's elements under `{}`. A value
    /// that is neither has no name and hands out nothing.
    pub(crate) fn root(&mut self, text: &[u8], at: usize, visitor: &mut dyn RowVisitor) -> Result<usize, JsonError> {
        self.name.clear();
        self.frames.clear();
        match text.get(at) {
            Some(b'{') => {
                self.frames.push(Frame { own: 0, prefix: 0, inside: Inside::Object });
                match self.next(text, at + 1, true)? {
                    (at, true) => self.walk(text, at, visitor),
                    (end, false) => Ok(end),
                }
            }
            Some(b'[') => self.walk(text, at, visitor),
            _ => scan::scalar(text, at),
        }
    }

    /// Walks the value at `at`, and whatever follows it in the containers that are open.
    fn walk(&mut self, text: &[u8], at: usize, visitor: &mut dyn RowVisitor) -> Result<usize, JsonError> {
        let mut at = at;
        loop {
            let (after, entered) = match text.get(at) {
                Some(b'{') if self.enter(".", Inside::Object, visitor) => (at + 1, true),
                Some(b'[') if self.enter("{}", Inside::Array(None), visitor) => (at + 1, true),
                Some(b'{' | b'[') => (scan::value(text, at, &mut self.open)?, false),
                _ => (self.scalar(text, at, visitor)?, false),
            };
            match self.next(text, after, entered)? {
                (value, true) => at = value,
                (end, false) => return Ok(end),
            }
        }
    }

    /// Opens the container at hand, unless nothing in it is wanted.
    fn enter(&mut self, suffix: &str, inside: Inside, visitor: &mut dyn RowVisitor) -> bool {
        let own = self.name.len();
        self.name.push_str(suffix);
        if self.name.len() > LONGEST_NAME || !visitor.wants_below(&self.name) {
            self.name.truncate(own);
            return false;
        }
        self.frames.push(Frame { own, prefix: self.name.len(), inside });
        true
    }

    /// Goes from `at`, behind a value or (`entered`) behind an opening bracket, to the next value, closing what ends
    /// before it, and names it. `false` where the outermost container has ended.
    fn next(&mut self, text: &[u8], at: usize, entered: bool) -> Result<(usize, bool), JsonError> {
        let (mut at, mut entered) = (at, entered);
        while let Some(frame) = self.frames.last() {
            at = scan::space(text, at);
            let (bracket, expected) = match frame.inside {
                Inside::Object => (b'}', "`,` or `}`"),
                Inside::Array(_) => (b']', "`,` or `]`"),
            };
            if text.get(at) == Some(&bracket) {
                self.name.truncate(frame.own);
                self.frames.pop();
                at += 1;
                entered = false;
                continue;
            }
            if !entered {
                if text.get(at) != Some(&b',') {
                    return Err(JsonError::new(text, at, expected));
                }
                at = scan::space(text, at + 1);
            }
            self.name.truncate(frame.prefix);
            if matches!(frame.inside, Inside::Object) {
                let (key, value) = scan::key(text, at, "a key")?;
                let key = text.get(key).unwrap_or_default();
                self.name.push_str(decode(key, &mut self.buffer));
                at = value;
            }
            return Ok((at, true));
        }
        Ok((at, false))
    }

    /// Hands out a string, number or word, if it is wanted. Returns where it ends.
    fn scalar(&mut self, text: &[u8], at: usize, visitor: &mut dyn RowVisitor) -> Result<usize, JsonError> {
        let end = scan::scalar(text, at)?;
        if text.get(at) == Some(&b'n') || self.name.len() > LONGEST_NAME {
            return Ok(end);
        }
        let slot = match self.frames.last_mut() {
            Some(Frame { inside: Inside::Array(known), .. }) => *known.get_or_insert_with(|| visitor.wants(&self.name)),
            _ => visitor.wants(&self.name),
        };
        if let Some(slot) = slot {
            let value = text.get(at..end).unwrap_or_default();
            visitor.value(slot, decode(unquoted(value), &mut self.buffer));
        }
        Ok(end)
    }
}
