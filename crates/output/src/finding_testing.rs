//! A handful of findings, one of them hostile, and how a format prints them, for the tests of the formats.

use std::path::Path;
use std::sync::Arc;

use dogwatch_content::Detection;
use dogwatch_content::{EvidenceEvent, Finding, FindingKey, Revision, RiskObject, ThreatObject};

use crate::error::OutputError;
use crate::findings::{self, Entities, EntityRisk, FindingOptions};

const KUBECTL: &str = r#"
name: Kubectl Reads Secrets
id: 2a1d7c0e-5c5e-4c1b-9a51-0f2d3b4c5d6e
version: 3
status: production
type: TTP
description: kubectl was run to read secrets.
data_source: [Linux Auditd Execve]
search: "`linux_auditd` kubectl"
known_false_positives: Administrators do this by day.
references: ["https://attack.mitre.org/techniques/T1552/007/"]
drilldown_searches:
- name: View all events of $user$
  search: '| search user="$user$"'
tags:
  analytic_story: [Container API credential access]
  mitre_attack_id: [T1552.007, T1552]
"#;

const CLUSTER_WIDE: &str = r#"
name: Secrets Listed Cluster-Wide
id: 7f0e3c52-0d0b-4d8f-8d55-6a3c1d2e4f60
version: 1
status: experimental
type: Anomaly
search: "`kube_audit` verb=list"
tags:
  mitre_attack_id: [T1552.007, T1613]
"#;

const EVIL: &str = "name: \"evil \\e[2J\\\"\\n\\u202E\"\nid: \"evil \\e\"\nsearch: evil\ntype: \"evil \\e\"\nstatus: \"\\e\"\n\
    description: \"evil \\e\"\nknown_false_positives: \"\\e\"\nreferences: [\"\\e\"]\ndata_source: [\"\\e\"]\n\
    drilldown_searches: [{name: \"evil \\e\", search: evil}]\n\
    tags: {mitre_attack_id: [\"T\\e.1\", \"T\\e.1\"], analytic_story: [\"evil \\e\"]}\n";

fn detection(text: &str) -> Arc<Detection> {
    Arc::new(Detection::parse(Path::new("detections/a.yml"), text.into()).unwrap())
}

pub(crate) fn risk_object(kind: &str, value: &str, score: u8) -> RiskObject {
    let field = if kind == "user" { "user" } else { "dest" };
    RiskObject { kind: kind.into(), field: field.into(), value: value.into(), score }
}

fn field(name: &str, values: &[&str]) -> (String, Vec<String>) {
    (name.into(), values.iter().map(|value| (*value).to_owned()).collect())
}

fn event(event_id: &str, source: &str, line: Option<u64>, raw: Option<&str>) -> EvidenceEvent {
    EvidenceEvent { event_id: event_id.into(), source: Some(source.into()), line, raw: raw.map(str::to_owned) }
}

/// With key and revision, as the findings of a search without groups have them.
fn named(finding: Finding) -> Finding {
    let (key, revision) = (FindingKey::of_events(&finding), Revision::of(&finding));
    Finding { key, revision, ..finding }
}

/// A finding of a host's kubectl with this score.
pub(crate) fn finding(score: u8) -> Finding {
    let activity = ["kubectl get secrets -A", "kubectl get secret db -o yaml"];
    named(Finding {
        detection: detection(KUBECTL),
        key: FindingKey::default(),
        revision: Revision::default(),
        time: Some(1_795_449_778_850_211),
        last_time: Some(1_795_449_900_000_000),
        risk_score: score,
        message: "alice read secrets with kubectl on node-1".into(),
        risk_objects: vec![risk_object("user", "alice", score), risk_object("system", "node-1", score / 2)],
        threat_objects: vec![ThreatObject {
            kind: "process_name".into(),
            field: "exe".into(),
            value: "/usr/bin/kubectl".into(),
        }],
        who: Some("alice".into()),
        place: Some("node-1".into()),
        activity: activity.map(str::to_owned).to_vec(),
        count: 2,
        events: vec![
            event(
                "1795401382.124:2250",
                "audit.log",
                Some(12),
                Some("type=EXECVE msg=audit(1795401382.124:2250): argc=3"),
            ),
            event("1795401390.001:2260", "logs/audit 2.log", None, None),
        ],
        fields: vec![
            field("user", &["alice"]),
            field("dest", &["node-1"]),
            field("src", &["10.0.0.7"]),
            field("exe", &["/usr/bin/kubectl"]),
            field("activity", &activity),
        ],
        suppressed_by: None,
    })
}

/// A finding of the API's audit log.
fn cluster_wide() -> Finding {
    named(Finding {
        detection: detection(CLUSTER_WIDE),
        key: FindingKey::default(),
        revision: Revision::default(),
        time: Some(1_795_453_200_000_000),
        last_time: None,
        risk_score: 35,
        message: "alice listed all secrets".into(),
        risk_objects: vec![risk_object("user", "alice", 35), risk_object("system", "node-2", 35)],
        threat_objects: vec![ThreatObject {
            kind: "ip_address".into(),
            field: "src".into(),
            value: "2001:db8::7".into(),
        }],
        who: Some("alice".into()),
        place: Some("kube-system".into()),
        activity: vec!["list secrets (200)".into()],
        count: 1,
        events: vec![event("5f0c1b7a-1111-4c4b-8d8d-abcdefabcdef", "/var/log/kube/audit.log", Some(3), None)],
        fields: vec![
            field("user", &["alice"]),
            field("src", &["2001:db8::7", "unknown", "10.0.0.8"]),
            field("namespace", &["kube-system", "default"]),
            field("verb", &["list"]),
            field("pid", &["4711"]),
        ],
        suppressed_by: None,
    })
}

/// A finding that the allow-list silences.
pub(crate) fn silenced() -> Finding {
    named(Finding {
        time: Some(1_795_440_000_000_000),
        events: vec![event("1795391600.000:1", "audit.log", Some(1), None)],
        suppressed_by: Some("backup job, owner ops".into()),
        ..finding(20)
    })
}

/// Three findings, in no order.
pub(crate) fn findings() -> Vec<Finding> {
    vec![finding(80), cluster_wide(), silenced()]
}

/// A finding whose every text tries to drive the terminal or to break the format.
pub(crate) fn hostile() -> Finding {
    let evil = "evil \u{1b}]0;x\u{7}\"',</script>\r\n\u{202e}\u{9b}31m\u{0}猫";
    let texts = || vec![evil.to_owned(); 30];
    named(Finding {
        detection: detection(EVIL),
        key: FindingKey::default(),
        revision: Revision::default(),
        time: Some(i64::MAX),
        last_time: Some(i64::MIN),
        risk_score: 255,
        message: evil.into(),
        risk_objects: vec![RiskObject { kind: evil.into(), field: evil.into(), value: evil.into(), score: 255 }; 30],
        threat_objects: vec![ThreatObject { kind: evil.into(), field: evil.into(), value: evil.into() }; 30],
        who: Some(evil.into()),
        place: Some(evil.into()),
        activity: texts(),
        count: u64::MAX,
        events: vec![event(evil, evil, Some(u64::MAX), Some(evil)); 30],
        fields: vec![(evil.into(), texts()), ("src".into(), texts()), ("verb".into(), texts())],
        suppressed_by: Some(evil.into()),
    })
}

/// What a format makes of some findings.
pub(crate) fn text(format: &str, findings: &[Finding], options: &FindingOptions) -> String {
    let mut out = Vec::new();
    findings::find(format).unwrap().write(&mut findings.iter().cloned().map(Ok), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a format makes of the entities that some findings name.
pub(crate) fn entities_text(
    format: &str,
    findings: &[Finding],
    options: &FindingOptions,
) -> Result<String, OutputError> {
    let mut out = Vec::new();
    findings::find(format).unwrap().write_entities(&by_entity(findings), options, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// The entities that some findings name.
pub(crate) fn by_entity(findings: &[Finding]) -> Vec<EntityRisk> {
    let mut entities = Entities::default();
    findings.iter().for_each(|finding| entities.add(finding));
    entities.finish()
}
