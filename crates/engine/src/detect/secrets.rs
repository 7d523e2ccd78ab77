//! The masking rules of all formats combined. The format that a finding's field comes from is unknown, and a record can
//! occur in another format's file (an audit event in plain JSON); when in doubt, a value is masked.

use dogwatch_content::{SecretMembers, SecretRules};
use dogwatch_scan::NameTable;

/// The rules of the formats.
pub(super) fn secret_rules(names: &NameTable) -> SecretRules {
    let mut rules = SecretRules::default();
    for secrets in names.formats().iter().map(|names| names.format.about().secrets) {
        rules.keys.extend(secrets.keys);
        rules.public_keys.extend(secrets.public_keys);
        rules.objects.extend(secrets.objects.iter().map(|object| SecretMembers {
            kind: object.kind,
            record: object.row,
            members: object.members,
            field_parts: object.field_parts,
        }));
    }
    rules
}

#[cfg(test)]
mod tests {
    use dogwatch_content::{MASKED, mask_json};
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_recorded_bodies_hold_no_secret_afterwards() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/kube_audit");
        let rules = secret_rules(&NameTable::default());
        let mut seen = 0;
        for name in ["bodies_t1_kubectl_list_secrets.jsonl", "bodies_a3_tokens_and_impersonation.jsonl"] {
            let text = std::fs::read_to_string(format!("{folder}/{name}")).expect("the corpus has it");
            for line in text.lines() {
                let masked = mask_json(line, &rules).into_owned();
                assert_eq!(mask_json(&masked, &rules), masked, "masking twice changes nothing more");
                // The values in the recordings all say what they are, in base64.
                assert!(!masked.contains("ZXhhbXBsZS"), "{masked}");
                assert!(!masked.contains("example-"), "{masked}");
                let read: Value = serde_json::from_str(&masked).expect("it stays JSON");
                let token = read["responseObject"]["status"]["token"].as_str().unwrap_or_default();
                assert!(token.is_empty() || token.ends_with(MASKED));
                seen += usize::from(masked != line);
            }
        }
        assert!(seen > 5, "{seen} events with secrets");
    }

    #[test]
    fn each_format_says_what_is_secret_in_its_records() {
        let rules = secret_rules(&NameTable::default());
        let masked = |log: &str| {
            let path = format!("{}/../../corpus/{log}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).expect("the corpus has it");
            text.lines().map(|line| mask_json(line, &rules).into_owned()).collect::<String>()
        };
        let cloudtrail = masked("cloudtrail/a1_secrets_and_keys.jsonl");
        assert!(!cloudtrail.contains("example-session-token") && !cloudtrail.contains("example-master-password"));
        assert!(cloudtrail.contains("AKIAEXAMPLE0DEPLOY01"), "the id of an access key is none");
        let okta = masked("okta/a1_taken_account.jsonl");
        assert!(!okta.contains("example-state-token") && !okta.contains("example-api-token"));
        assert!(okta.contains("102exampleSession01"), "a session's id opens nothing");
    }
}
