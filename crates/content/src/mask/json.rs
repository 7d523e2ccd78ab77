//! The secrets in an event of the Kubernetes API: what is masked depends on where it stands.
//!
//! The text is walked once. Strings that hold secrets are replaced in it; all other bytes stay as they are, so that an
//! event is shown as it was logged. What is in a Secret's `data` is secret whatever it looks like; it comes in bodies
//! of requests and answers, in the items of lists, in the objects of table rows, in patches, and once more as text in
//! an annotation of kubectl's.

use std::borrow::Cow;
use std::ops::Range;

use dogwatch_json::{Json, Text};

use super::hidden;
use super::text;

/// How often JSON may stand as text in JSON: an annotation in an object in a body.
const MAX_NESTED: usize = 3;

/// Keys whose text is secret wherever they stand.
const SECRET_KEYS: &[&str] = &["client-key-data", "dockerconfigjson", "identityToken"];

/// Kinds of objects that hold secrets under `data` and `stringData`.
const SECRET_KINDS: &[&str] = &["Secret", "SecretList"];

/// The keys of a Secret whose values are secret.
const DATA: &[&str] = &["data", "stringData"];

/// Masks the secrets of an event.
pub(super) fn mask(raw: &str) -> Cow<'_, str> {
    mask_nested(raw, false, 0)
}

fn mask_nested(raw: &str, is_secret: bool, nested: usize) -> Cow<'_, str> {
    let Some(event) = Json::parse(raw) else { return unreadable(raw) };
    let mut masker = Masker { found: Vec::new(), nested };
    let is_secret = is_secret || asks_for_secrets(&event);
    masker.value(&event, is_secret);
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

/// What a string says; nothing for any other value.
fn said<'r>(value: Option<&Json<'r>>) -> Cow<'r, str> {
    match value {
        Some(Json::Text(text)) => text.decode(),
        _ => Cow::Borrowed(""),
    }
}

/// Whether an audit event is about Secrets, so that its bodies are even where they do not say what they are.
fn asks_for_secrets(event: &Json<'_>) -> bool {
    said(event.get("objectRef").and_then(|reference| reference.get("resource"))) == "secrets"
}

/// Collects what to replace, in the order of the text.
struct Masker {
    found: Vec<(Range<usize>, String)>,
    nested: usize,
}

impl Masker {
    fn value(&mut self, value: &Json<'_>, is_secret: bool) {
        match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
            Json::Text(text) => self.text(text, is_secret),
            Json::Array(values, _) => self.list(values, is_secret),
            Json::Object(members, _) => self.members(value, members, is_secret),
        }
    }

    fn members(&mut self, whole: &Json<'_>, members: &[(Text<'_>, Json<'_>)], is_secret: bool) {
        let is_secret = is_secret || SECRET_KINDS.contains(&said(whole.get("kind")).as_ref());
        // The bodies of a patch, and an environment variable, name what their `value` is.
        let path = said(whole.get("path"));
        let patches_data =
            is_secret && DATA.iter().any(|key| path.strip_prefix('/').is_some_and(|path| path.starts_with(key)));
        let names_secret = text::is_secret_name(&said(whole.get("name")));
        for (key, value) in members {
            let name = key.decode();
            let is_text = matches!(value, Json::Text(_));
            let hide = (is_secret && DATA.contains(&name.as_ref()))
                || (name == "value" && (patches_data || (names_secret && is_text)))
                || (is_text && (SECRET_KEYS.contains(&name.as_ref()) || holds_secret(&name)));
            if hide {
                self.hide(value);
            } else {
                self.value(value, is_secret);
            }
        }
    }

    fn list(&mut self, values: &[Json<'_>], is_secret: bool) {
        // Arguments of a command: an option and its value stand apart.
        let mut option = Cow::Borrowed("");
        for value in values {
            let Json::Text(text) = value else {
                option = Cow::Borrowed("");
                self.value(value, is_secret);
                continue;
            };
            let word = text.decode();
            if option.starts_with('-') && text::is_secret_name(&option) && !word.starts_with('-') {
                self.hide(value);
            } else {
                self.text(text, is_secret);
            }
            option = word;
        }
    }

    /// A text: JSON of its own, or one that may hold a secret's shape.
    fn text(&mut self, text: &Text<'_>, is_secret: bool) {
        let read = text.decode();
        let is_json = self.nested < MAX_NESTED && read.trim_start().starts_with(['{', '[']);
        let masked = if is_json { mask_nested(&read, is_secret, self.nested + 1) } else { super::mask(&read) };
        if masked != read {
            self.replace(text, &masked);
        }
    }

    /// Replaces all texts of a value, and whatever else it holds.
    fn hide(&mut self, value: &Json<'_>) {
        match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
            Json::Text(text) => self.replace(text, &hidden(&text.decode())),
            Json::Array(values, _) => values.iter().for_each(|value| self.hide(value)),
            Json::Object(members, _) => members.iter().for_each(|(_, value)| self.hide(value)),
        }
    }

    fn replace(&mut self, text: &Text<'_>, shown: &str) {
        let mut written = String::new();
        dogwatch_json::text::write(shown, &mut written);
        self.found.push((text.range(), written));
    }
}

/// A key whose text is a secret: `password`, `token`, `clientSecret`; not `secretName` and not `secret`, which is a
/// name as often as not.
fn holds_secret(key: &str) -> bool {
    key != "secret" && text::is_secret_name(key)
}
