//! What is secret in the rows of a format, as data. Whoever shows rows masks it; nothing here does.

/// What is secret in the rows of a format, beside what looks like a secret, or is called one, in any text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Secrets {
    /// Keys whose text is secret wherever they stand.
    pub keys: &'static [&'static str],
    /// Keys whose text is no secret although it looks like one, or the key is called so: ids.
    pub public_keys: &'static [&'static str],
    /// Objects of which some members are secret.
    pub objects: &'static [SecretObject],
}

/// Objects of one kind, and which of their members are secret.
#[derive(Clone, Copy, Debug)]
pub struct SecretObject {
    /// The key that says what an object is, and what it says of these.
    pub kind: (&'static str, &'static [&'static str]),
    /// Which rows are about such objects, so that all that they hold is one even where it does not say so: two keys, one
    /// in the value of the other, and the text that stands there.
    pub row: (&'static str, &'static str, &'static str),
    /// The members whose values are secret.
    pub members: &'static [&'static str],
    /// Parts of the names of fields that stand for these members.
    pub field_parts: &'static [&'static str],
}
