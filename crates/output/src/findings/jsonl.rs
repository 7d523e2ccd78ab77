//! `jsonl`: one JSON object per finding and line. An object is the serde serialization of the
//! [`Finding`](dogwatch_content::Finding).

use super::FindingFormat;
use crate::json::write_lines;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "jsonl",
    summary: "One JSON object per finding, each on a line of its own.",
    findings: |findings, _, out| write_lines(findings, out),
    entities: Some(|entities, _, out| write_lines(entities.iter().map(Ok), out)),
};

#[cfg(test)]
mod tests {
    use crate::finding_testing::{finding, silenced, text};
    use crate::findings::FindingOptions;

    #[test]
    fn keys_stand_in_their_order() {
        let printed = text("jsonl", &[finding(80)], &FindingOptions::default());
        let expected = concat!(
            r#"{"key":"1d2a03ca-dc22-84e1-9a5e-259dd70027f1","revision":"6559edd63c18200b","#,
            r#""time":"2026-11-23T16:02:58.850211Z","last_time":"2026-11-23T16:05:00Z","risk_score":80,"#,
            r#""detection":{"name":"Kubectl Reads Secrets","id":"2a1d7c0e-5c5e-4c1b-9a51-0f2d3b4c5d6e","version":3,"#,
            r#""type":"TTP","status":"production","mitre_attack_id":["T1552.007","T1552"],"#,
            r#""analytic_story":["Container API credential access"]},"who":"alice","where":"node-1","#,
            r#""activity":["kubectl get secrets -A","kubectl get secret db -o yaml"],"#,
            r#""message":"alice read secrets with kubectl on node-1","#,
            r#""risk_objects":[{"type":"user","field":"user","value":"alice","score":80},"#,
            r#"{"type":"system","field":"dest","value":"node-1","score":40}],"#,
            r#""threat_objects":[{"type":"process_name","field":"exe","value":"/usr/bin/kubectl"}],"count":2,"#,
            r#""events":[{"event_id":"1795401382.124:2250","source":"audit.log","line":12,"#,
            r#""raw":"type=EXECVE msg=audit(1795401382.124:2250): argc=3"},"#,
            r#"{"event_id":"1795401390.001:2260","source":"logs/audit 2.log"}],"#,
            r#""fields":{"user":"alice","dest":"node-1","src":"10.0.0.7","exe":"/usr/bin/kubectl","#,
            r#""activity":["kubectl get secrets -A","kubectl get secret db -o yaml"]}}"#,
            "\n",
        );
        assert_eq!(printed, expected);
    }

    #[test]
    fn why_one_is_silenced_is_said() {
        let printed = text("jsonl", &[silenced()], &FindingOptions::default());
        assert!(printed.ends_with("\"suppressed_by\":\"backup job, owner ops\"}\n"), "{printed}");
    }
}
