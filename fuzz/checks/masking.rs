//! Text of an event, whatever is in it: masking neither fails nor makes it much longer, and leaves what has no secret.

use dogwatch_content::{MASKED, SecretMembers, SecretRules, mask, mask_field, mask_json, mask_raw};

/// `input` is the text.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // A mask can stand for a single character, so there are at most as many as there are characters.
    let longest = text.len() * (1 + MASKED.len());
    let rules = SecretRules {
        keys: vec!["hush"],
        public_keys: vec!["id"],
        objects: vec![SecretMembers {
            kind: ("kind", &["Secret"]),
            record: ("objectRef", "resource", "secrets"),
            members: &["data"],
            field_parts: &["Object.data."],
        }],
    };
    let masked = [
        mask(text),
        mask_field("process", text, &rules),
        mask_field("requestObject.data.key", text, &rules),
        mask_json(text, &rules),
        mask_raw(text, &rules),
    ];
    for masked in masked {
        assert!(masked.len() <= longest, "{masked}");
        assert!(masked == text || masked.contains(MASKED), "{text:?} became {masked:?}");
    }
}
