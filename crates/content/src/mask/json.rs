//! The secrets in an event of the Kubernetes API: what is masked depends on where it stands.
//!
//! The text is walked once. Strings that hold secrets are replaced in it; all other bytes stay as they are, so that an
//! event is shown as it was logged. What is in a Secret's `data` is secret whatever it looks like; it comes in bodies
//! of requests and answers, in the items of lists, in the objects of table rows, in patches, and once more as text in
//! an annotation of kubectl's.

use std::borrow::Cow;
use std::ops::Range;

use super::text;
use super::{MASKED, hidden};

/// How deep values may lie. Kubernetes' own limit is not reached by any event; deeper text is treated as hostile.
const MAX_DEPTH: usize = 100;

/// How often JSON may stand as text in JSON: an annotation in an object in a body.
const MAX_NESTED: usize = 3;

/// Keys whose text is secret wherever they stand.
const SECRET_KEYS: &[&str] = &["client-key-data", "dockerconfigjson", "identityToken"];

/// Kinds of objects that hold secrets under `data` and `stringData`.
const SECRET_KINDS: &[&str] = &["Secret", "SecretList"];

/// The keys of a Secret whose values are secret.
const DATA: &[&str] = &["data", "stringData"];

/// A value and where it stands.
#[derive(Debug)]
enum Value {
    Text(Range<usize>),
    List(Vec<Value>),
    Keys(Vec<(Range<usize>, Value)>),
    Other,
}

/// Masks the secrets of an event.
pub(super) fn mask(raw: &str) -> Cow<'_, str> {
    mask_nested(raw, false, 0)
}

fn mask_nested(raw: &str, is_secret: bool, nested: usize) -> Cow<'_, str> {
    let mut reader = Reader { raw, at: 0 };
    let Some(value) = reader.whole() else { return unreadable(raw) };
    let mut masker = Masker { raw, found: Vec::new(), nested };
    let is_secret = is_secret || masker.asks_for_secrets(&value);
    masker.value(&value, is_secret);
    if masker.found.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut masked = String::with_capacity(raw.len());
    let mut at = 0;
    for (range, shown) in masker.found {
        masked.push_str(&raw[at..range.start]);
        masked.push_str(&shown);
        at = range.end;
    }
    masked.push_str(&raw[at..]);
    Cow::Owned(masked)
}

/// Text that is meant to be JSON and is none: cut off, or worse. Where it may hold a Secret nothing of it is shown.
fn unreadable(raw: &str) -> Cow<'_, str> {
    let may_hold = ["\"data\"", "\"stringData\"", "\\\"data\\\"", "\\\"stringData\\\"", "\"token\""];
    if may_hold.iter().any(|key| raw.contains(key)) {
        return Cow::Borrowed("…masked (the event could not be read, and may hold a secret)");
    }
    super::mask(raw)
}

/// Collects what to replace, in the order of the text.
struct Masker<'r> {
    raw: &'r str,
    found: Vec<(Range<usize>, String)>,
    nested: usize,
}

impl Masker<'_> {
    /// Whether an audit event is about Secrets, so that its bodies are even where they do not say what they are.
    fn asks_for_secrets(&self, event: &Value) -> bool {
        let Some(Value::Keys(reference)) = self.get(event, "objectRef") else { return false };
        let resource = reference.iter().find(|(key, _)| self.inside(key) == "resource").map(|(_, value)| value);
        matches!(resource, Some(Value::Text(range)) if self.inside(range) == "secrets")
    }

    fn value(&mut self, value: &Value, is_secret: bool) {
        match value {
            Value::Other => {}
            Value::Text(range) => self.text(range, is_secret),
            Value::List(values) => self.list(values, is_secret),
            Value::Keys(keys) => self.keys(value, keys, is_secret),
        }
    }

    fn keys(&mut self, whole: &Value, keys: &[(Range<usize>, Value)], is_secret: bool) {
        let text_of = |key: &str| match self.get(whole, key) {
            Some(Value::Text(range)) => self.inside(range).to_owned(),
            _ => String::new(),
        };
        let is_secret = is_secret || SECRET_KINDS.contains(&text_of("kind").as_str());
        // The bodies of a patch, and an environment variable, name what their `value` is.
        let path = text_of("path");
        let patches_data = is_secret && DATA.iter().any(|key| path.starts_with(&format!("/{key}")));
        let names_secret = text::is_secret_name(&text_of("name"));
        for (key, value) in keys {
            let name = self.inside(key).to_owned();
            let is_text = matches!(value, Value::Text(_));
            let hide = (is_secret && DATA.contains(&name.as_str()))
                || (name == "value" && (patches_data || (names_secret && is_text)))
                || (is_text && (SECRET_KEYS.contains(&name.as_str()) || holds_secret(&name)));
            if hide {
                self.hide(value);
            } else {
                self.value(value, is_secret);
            }
        }
    }

    fn list(&mut self, values: &[Value], is_secret: bool) {
        // Arguments of a command: an option and its value stand apart.
        let mut option = String::new();
        for value in values {
            let Value::Text(range) = value else {
                option.clear();
                self.value(value, is_secret);
                continue;
            };
            let word = self.inside(range).to_owned();
            if option.starts_with('-') && text::is_secret_name(&option) && !word.starts_with('-') {
                self.hide(value);
            } else {
                self.text(range, is_secret);
            }
            option = word;
        }
    }

    /// A text: JSON of its own, or one that may hold a secret's shape.
    fn text(&mut self, range: &Range<usize>, is_secret: bool) {
        let Ok(read) = serde_json::from_str::<String>(&self.raw[range.clone()]) else { return };
        let is_json = self.nested < MAX_NESTED && read.trim_start().starts_with(['{', '[']);
        let masked = if is_json { mask_nested(&read, is_secret, self.nested + 1) } else { super::mask(&read) };
        if masked != read {
            self.replace(range, &masked);
        }
    }

    /// Replaces all texts of a value, and whatever else it holds.
    fn hide(&mut self, value: &Value) {
        match value {
            Value::Other => {}
            Value::Text(range) => {
                let shown = hidden(self.inside(range));
                self.replace(range, &shown);
            }
            Value::List(values) => values.iter().for_each(|value| self.hide(value)),
            Value::Keys(keys) => keys.iter().for_each(|(_, value)| self.hide(value)),
        }
    }

    fn replace(&mut self, range: &Range<usize>, shown: &str) {
        let written = serde_json::to_string(shown).unwrap_or_else(|_| format!("\"{MASKED}\""));
        self.found.push((range.clone(), written));
    }

    fn get<'v>(&self, value: &'v Value, key: &str) -> Option<&'v Value> {
        let Value::Keys(keys) = value else { return None };
        keys.iter().find(|(name, _)| self.inside(name) == key).map(|(_, value)| value)
    }

    /// What a string holds between its quotes, as it is written.
    fn inside(&self, range: &Range<usize>) -> &str {
        self.raw.get(range.start + 1..range.end - 1).unwrap_or_default()
    }
}

/// A key whose text is a secret: `password`, `token`, `clientSecret`; not `secretName` and not `secret`, which is a
/// name as often as not.
fn holds_secret(key: &str) -> bool {
    key != "secret" && text::is_secret_name(key)
}

/// Reads a JSON text into places. It is lenient where that hides nothing, and strict about where strings end.
struct Reader<'r> {
    raw: &'r str,
    at: usize,
}

impl Reader<'_> {
    /// The one value that the text holds.
    fn whole(&mut self) -> Option<Value> {
        let value = self.value(0)?;
        self.space();
        (self.at == self.raw.len()).then_some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.space();
        match self.peek()? {
            b'"' => self.string().map(Value::Text),
            b'[' => {
                let mut values = Vec::new();
                self.sequence(b']', |reader| {
                    values.push(reader.value(depth + 1)?);
                    Some(())
                })?;
                Some(Value::List(values))
            }
            b'{' => {
                let mut keys = Vec::new();
                self.sequence(b'}', |reader| {
                    let key = reader.string()?;
                    reader.space();
                    reader.take(b':')?;
                    keys.push((key, reader.value(depth + 1)?));
                    Some(())
                })?;
                Some(Value::Keys(keys))
            }
            _ => {
                let rest = &self.raw[self.at..];
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
                self.at += end;
                (end > 0).then_some(Value::Other)
            }
        }
    }

    /// Entries between brackets, set apart by commas.
    fn sequence(&mut self, close: u8, mut entry: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.space();
        if self.peek()? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            self.space();
            entry(self)?;
            self.space();
            if self.peek()? == close {
                self.at += 1;
                return Some(());
            }
            self.take(b',')?;
        }
    }

    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(start..self.at)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.raw.as_bytes().get(self.at).copied()
    }
}
