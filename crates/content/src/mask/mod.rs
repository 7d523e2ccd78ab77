//! Secrets out of what findings show: command lines, records of auditd, JSON records.
//!
//! A finding is read on screens, in tickets and in chats, and the secret that somebody took must not be taken again
//! from there. So what looks like the value of a secret is replaced by `…masked`; its name, and everything else, stays.
//! In doubt a value is masked. Names are none: `kubectl get secret db-credentials` stays as it is.
//!
//! [`text`] knows the shapes of secrets in text, [`auditd`] the arguments of a recorded command, [`json`] goes through JSON
//! by [`rules`] that log formats bring. All take time in proportion to the text.

mod auditd;
mod json;
mod rules;
mod text;

use std::borrow::Cow;

pub use rules::{SecretMembers, SecretRules};

/// What stands for a secret.
pub const MASKED: &str = "…masked";

/// How much of a token is kept, to tell one from another: the start of a JWT is its header, which is no secret.
const KEPT: usize = 8;

/// Masks the secrets in a text: a field's value, a message, the records of an auditd event.
///
/// ```
/// use dogwatch_content::mask;
///
/// assert_eq!(mask("curl -H 'Authorization: Bearer abc123def'"), "curl -H 'Authorization: Bearer …masked'");
/// assert_eq!(mask("kubectl get secret db-credentials -o yaml"), "kubectl get secret db-credentials -o yaml");
/// ```
pub fn mask(text: &str) -> Cow<'_, str> {
    match auditd::arguments(text) {
        Some(masked) => Cow::Owned(text::mask(&masked).into_owned()),
        None => text::mask(text),
    }
}

/// Masks a field of a finding: all of it if the field's name is that of a secret (`responseObject.data.password`,
/// `db_password`), else what [`mask`] finds in it.
pub fn mask_field<'a>(name: &str, value: &'a str, rules: &SecretRules) -> Cow<'a, str> {
    let last = name.rsplit('.').next().unwrap_or(name).trim_end_matches("{}");
    let is_secret = || rules.of_key(last).unwrap_or(last != "secret" && text::is_secret_name(last));
    if rules.is_member(name) || is_secret() {
        return Cow::Owned(hidden(value));
    }
    if rules.of_key(last) == Some(false) { Cow::Borrowed(value) } else { mask_raw(value, rules) }
}

/// Masks the secrets in a JSON record: what the rules call secret, what a key calls so, and what [`mask`] finds in its
/// texts. What is JSON stays JSON, with every other byte as it was. What is no JSON is treated as text.
pub fn mask_json<'a>(raw: &'a str, rules: &SecretRules) -> Cow<'a, str> {
    json::mask(raw, rules)
}

/// Masks the secrets in a record as it stands in a log, JSON or text.
pub fn mask_raw<'a>(raw: &'a str, rules: &SecretRules) -> Cow<'a, str> {
    if is_json(raw) { mask_json(raw, rules) } else { mask(raw) }
}

/// Whether a record is written as JSON.
pub fn is_json(raw: &str) -> bool {
    raw.trim_start().starts_with(['{', '['])
}

/// A secret as it is shown. Of a JWT the beginning is kept; what is masked stays as it is.
fn hidden(secret: &str) -> String {
    if secret.ends_with(MASKED) {
        return secret.to_owned();
    }
    match secret.strip_prefix("eyJ").and_then(|_| secret.get(..KEPT)) {
        Some(kept) if secret.len() > KEPT => format!("{kept}{MASKED}"),
        _ => MASKED.to_owned(),
    }
}

#[cfg(test)]
mod tests;
