//! Secrets out of what findings show: command lines, records of auditd, events of Kubernetes.
//!
//! A finding is read on screens, in tickets and in chats, and the secret that somebody took must not be taken again
//! from there. So what looks like the value of a secret is replaced by `…masked`; its name, and everything else, stays.
//! In doubt a value is masked. Names are none: `kubectl get secret db-credentials` stays as it is.
//!
//! [`text`] knows the shapes of secrets in text, [`auditd`] the arguments of a recorded command, [`json`] the
//! objects of the Kubernetes API. All take time in proportion to the text.

mod auditd;
mod json;
mod text;

use std::borrow::Cow;

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
pub fn mask_field<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let body = ["Object.data.", "Object.stringData."].iter().any(|part| name.contains(part));
    let last = name.rsplit('.').next().unwrap_or(name);
    if body || (last != "secret" && text::is_secret_name(last)) { Cow::Owned(hidden(value)) } else { mask(value) }
}

/// Masks the secrets in a Kubernetes audit event: the values of Secrets, issued tokens, and what [`mask`] finds in its
/// texts. What is JSON stays JSON, with every other byte as it was. What is no JSON is treated as text.
pub fn mask_json(raw: &str) -> Cow<'_, str> {
    json::mask(raw)
}

/// Masks the secrets in an event as it stands in a log, of either sort.
pub fn mask_raw(raw: &str) -> Cow<'_, str> {
    if raw.trim_start().starts_with(['{', '[']) { mask_json(raw) } else { mask(raw) }
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
