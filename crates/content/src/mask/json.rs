//! The secrets in a JSON record: what is masked depends on where it stands.
//!
//! The text is walked once. Strings that hold secrets are replaced in it; all other bytes stay as they are, so that a
//! record is shown as it was logged. Which keys and objects hold secrets is what the [`SecretRules`] say; an object keeps
//! its kind for all that is in it, lists and JSON that stands as text included.

use std::borrow::Cow;
use std::ops::Range;

use dogwatch_json::{Json, Text};

use super::hidden;
use super::rules::{SecretMembers, SecretRules};
use super::text;

/// How often JSON may stand as text in JSON: an annotation in an object in a body.
const MAX_NESTED: usize = 3;

/// The kind of object that a value is in, if it is one that holds secrets.
type Kind<'s> = Option<&'s SecretMembers>;

/// Masks the secrets of a record.
pub(super) fn mask<'a>(raw: &'a str, rules: &SecretRules) -> Cow<'a, str> {
    mask_nested(raw, rules, None, 0)
}

fn mask_nested<'a>(raw: &'a str, rules: &SecretRules, kind: Kind<'_>, nested: usize) -> Cow<'a, str> {
    let Some(record) = Json::parse(raw) else { return unreadable(raw, rules) };
    let mut masker = Masker { rules, found: Vec::new(), nested };
    let kind = kind.or_else(|| rules.objects.iter().find(|object| is_about(&record, object)));
    masker.value(&record, kind);
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

/// Text that is meant to be JSON and is none: cut off, or worse. Where it may hold a secret nothing of it is shown.
fn unreadable<'a>(raw: &'a str, rules: &SecretRules) -> Cow<'a, str> {
    let may_hold = |key| raw.contains(&format!("\"{key}\"")) || raw.contains(&format!("\\\"{key}\\\""));
    if rules.suspicious_keys().any(may_hold) {
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

/// Whether a record is about such objects, so that those in it are even where they do not say what they are.
fn is_about(record: &Json<'_>, object: &SecretMembers) -> bool {
    let (outer, inner, wanted) = object.record;
    said(record.get(outer).and_then(|value| value.get(inner))) == wanted
}

/// Collects what to replace, in the order of the text.
struct Masker<'s> {
    rules: &'s SecretRules,
    found: Vec<(Range<usize>, String)>,
    nested: usize,
}

impl<'s> Masker<'s> {
    fn value(&mut self, value: &Json<'_>, kind: Kind<'_>) {
        match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
            Json::Text(text) => self.text(text, kind),
            Json::Array(values, _) => self.list(values, kind),
            Json::Object(members, _) => self.members(value, members, kind),
        }
    }

    fn members(&mut self, whole: &Json<'_>, members: &[(Text<'_>, Json<'_>)], kind: Kind<'_>) {
        let rules = self.rules;
        let says_so = |object: &&SecretMembers| object.kind.1.contains(&said(whole.get(object.kind.0)).as_ref());
        let kind = rules.objects.iter().find(says_so).or(kind);
        let secret_members = kind.map_or(&[][..], |object| object.members);
        // The bodies of a patch, and an environment variable, name what their `value` is.
        let path = said(whole.get("path"));
        let patched = path.strip_prefix('/').unwrap_or_default();
        let patches_member = secret_members.iter().any(|member| patched.starts_with(member));
        let names_secret = text::is_secret_name(&said(whole.get("name")));
        for (key, value) in members {
            let name = key.decode();
            let is_text = matches!(value, Json::Text(_));
            let of_key = rules.of_key(&name);
            // A key that is only called a secret can hold an object that says where it is, or a number that says how long.
            let hide = secret_members.contains(&name.as_ref())
                || (name == "value" && (patches_member || (names_secret && is_text)))
                || of_key.unwrap_or_else(|| holds_texts(value) && holds_secret(&name));
            if hide {
                self.hide(value);
            } else if !(is_text && of_key == Some(false)) {
                self.value(value, kind);
            }
        }
    }

    fn list(&mut self, values: &[Json<'_>], kind: Kind<'_>) {
        // Arguments of a command: an option and its value stand apart.
        let mut option = Cow::Borrowed("");
        for value in values {
            let Json::Text(text) = value else {
                option = Cow::Borrowed("");
                self.value(value, kind);
                continue;
            };
            let word = text.decode();
            if option.starts_with('-') && text::is_secret_name(&option) && !word.starts_with('-') {
                self.hide(value);
            } else {
                self.text(text, kind);
            }
            option = word;
        }
    }

    /// A text: JSON of its own, or one that may hold a secret's shape.
    fn text(&mut self, text: &Text<'_>, kind: Kind<'_>) {
        let read = text.decode();
        let is_json = self.nested < MAX_NESTED && read.trim_start().starts_with(['{', '[']);
        let masked = if is_json { mask_nested(&read, self.rules, kind, self.nested + 1) } else { super::mask(&read) };
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

/// Whether a value is text, or a list of nothing else.
fn holds_texts(value: &Json<'_>) -> bool {
    match value {
        Json::Text(_) => true,
        Json::Array(values, _) => values.iter().all(|value| matches!(value, Json::Text(_))),
        _ => false,
    }
}

/// A key whose text is a secret: `password`, `token`, `clientSecret`; not `secretName` and not `secret`, which is a
/// name as often as not.
fn holds_secret(key: &str) -> bool {
    key != "secret" && text::is_secret_name(key)
}
