//! What is secret in the JSON records of log formats, as data: the formats know it, and whoever masks hands it in.

/// What is secret in records, beside what looks like a secret, or is called one, in any text.
#[derive(Clone, Debug, Default)]
pub struct SecretRules {
    /// Keys whose text is secret wherever they stand.
    pub keys: Vec<&'static str>,
    /// Keys whose text is no secret although it looks like one, or the key is called so.
    pub public_keys: Vec<&'static str>,
    /// Objects of which some members are secret.
    pub objects: Vec<SecretMembers>,
}

/// Objects of one kind, and which of their members are secret.
#[derive(Clone, Copy, Debug)]
pub struct SecretMembers {
    /// The key that says what an object is, and what it says of these.
    pub kind: (&'static str, &'static [&'static str]),
    /// Which records are about such objects: two keys, one in the value of the other, and the text that stands there.
    pub record: (&'static str, &'static str, &'static str),
    /// The members whose values are secret.
    pub members: &'static [&'static str],
    /// Parts of the names of fields that stand for these members.
    pub field_parts: &'static [&'static str],
}

impl SecretRules {
    /// Whether a field with this name stands for a secret member of an object.
    pub(super) fn is_member(&self, field: &str) -> bool {
        self.objects.iter().flat_map(|object| object.field_parts).any(|part| field.contains(part))
    }

    /// Whether a key's text is secret, or known to be none.
    pub(super) fn of_key(&self, key: &str) -> Option<bool> {
        if self.public_keys.contains(&key) {
            return Some(false);
        }
        self.keys.contains(&key).then_some(true)
    }

    /// The keys behind which a record that cannot be read may hold a secret.
    pub(super) fn suspicious_keys(&self) -> impl Iterator<Item = &'static str> {
        self.objects.iter().flat_map(|object| object.members).chain(&self.keys).copied().chain(["token"])
    }
}
