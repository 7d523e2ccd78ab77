//! `json`: one array of objects, one finding per line. An object is the serde serialization of the
//! [`Finding`](dogwatch_content::Finding).

use super::FindingFormat;
use crate::json::write_array;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "json",
    summary: "One JSON array of objects, a finding each.",
    findings: |findings, _, out| write_array(findings, out),
    entities: Some(|entities, _, out| write_array(entities.iter().map(Ok), out)),
};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::finding_testing::{entities_text, findings, text};
    use crate::findings::FindingOptions;

    #[test]
    fn is_one_array_with_a_finding_on_each_line() {
        let printed = text("json", &findings(), &FindingOptions::default());
        assert_eq!(printed.lines().count(), 5);
        let read: Value = serde_json::from_str(&printed).unwrap();
        let lines = text("jsonl", &findings(), &FindingOptions::default());
        let each: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, Value::Array(each));
    }

    #[test]
    fn nothing_is_an_empty_array() {
        assert_eq!(text("json", &[], &FindingOptions::default()), "[]\n");
    }

    #[test]
    fn entities_are_objects_of_their_own() {
        let printed = entities_text("json", &findings(), &FindingOptions::default()).unwrap();
        let read: Value = serde_json::from_str(&printed).unwrap();
        let alice = json!({
            "risk": 115,
            "type": "user",
            "value": "alice",
            "findings": 2,
            "highest": 80,
            "detections": ["Kubectl Reads Secrets", "Secrets Listed Cluster-Wide"],
            "tactics": ["Credential Access", "Discovery"],
            "techniques": ["T1552", "T1552.007", "T1613"],
            "first_time": "2026-11-23T16:02:58.850211Z",
            "last_time": "2026-11-23T17:00:00Z",
        });
        assert_eq!(read[0], alice);
    }
}
