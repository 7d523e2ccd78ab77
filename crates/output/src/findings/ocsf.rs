//! `ocsf`: one OCSF Detection Finding per line, for security lakes and SIEMs.
//!
//! The schema is version 1.3.0 (<https://schema.ocsf.io/1.3.0/classes/detection_finding>, class 2004 of category 2).
//! Only attributes of that version are used; they are valid in 1.4 to 1.8 as well, and none is deprecated there. No
//! profile is applied. `time` is when the finding was made, as the schema requires; `start_time` and `end_time` are those
//! of the events. The objects of the schema are in [`super::ocsf_objects`].
//!
//! A risk score becomes a severity by its step (see [`crate::risk`]): 0 is Informational, 1 to 19 Low, 20 to 49 Medium,
//! 50 to 69 High ("action is required immediately"), 70 and above Critical; the risk level follows the same bands. Values
//! without an attribute of their own are under `unmapped`, with the row's fields under `unmapped.fields`.

use std::collections::HashSet;
use std::net::IpAddr;

use dogwatch_content::{Detection, Finding, RowObject, ThreatObject};

use super::ocsf_objects::{
    Actor, Analytic, Api, Attack, DetectionFinding, Endpoint, Evidence, File, FindingInfo, Metadata, Named, Observable,
    Process, Product, Resource, Unmapped, User,
};
use super::{FindingFormat, FindingOptions};
use crate::attack::{Tactic, parent, tactics, technique};
use crate::json;
use crate::risk::Band;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "ocsf",
    summary: "One OCSF 1.3 Detection Finding per line.",
    findings: |findings, options, out| {
        let mut line = Vec::new();
        for finding in findings {
            line.clear();
            json::write(&event(&finding?, options), &mut line)?;
            line.push(b'\n');
            out.write_all(&line)?;
        }
        Ok(())
    },
    entities: None,
};

/// The version of the schema.
const VERSION: &str = "1.3.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2004;
/// `Create`: each run creates its findings again; the key in `finding_info.uid` shows whether one existed before.
const ACTIVITY: u32 = 1;
/// The event type, computed as the schema defines.
const TYPE: u32 = CLASS * 100 + ACTIVITY;

fn event<'a>(finding: &'a Finding, options: &'a FindingOptions) -> DetectionFinding<'a> {
    let (severity_id, severity, risk_level_id, risk_level) = severity(Band::of(finding.risk_score));
    let (status_id, status) = if finding.suppressed_by.is_some() { (3, "Suppressed") } else { (1, "New") };
    DetectionFinding {
        activity_id: ACTIVITY,
        activity_name: "Create",
        category_uid: CATEGORY,
        category_name: "Findings",
        class_uid: CLASS,
        class_name: "Detection Finding",
        type_uid: TYPE,
        type_name: "Detection Finding: Create",
        time: millis(options.now),
        start_time: finding.time.map(millis),
        end_time: finding.last_time.or(finding.time).map(millis),
        count: finding.count,
        severity_id,
        severity,
        risk_score: finding.risk_score,
        risk_level_id,
        risk_level,
        status_id,
        status,
        status_detail: finding.suppressed_by.as_deref(),
        message: &finding.message,
        metadata: metadata(finding, options),
        finding_info: finding_info(finding, options),
        evidences: evidences(finding),
        resources: resources(finding),
        observables: observables(finding),
        unmapped: Unmapped {
            activity: &finding.activity,
            analytic_story: &finding.detection.tags.analytic_story,
            risk_objects: &finding.risk_objects,
            threat_objects: &finding.threat_objects,
            fields: RowObject(&finding.fields),
        },
    }
}

fn millis(micros: i64) -> i64 {
    micros.div_euclid(1000)
}

/// `severity_id`, its caption, `risk_level_id`, its caption.
fn severity(band: Band) -> (u32, &'static str, u32, &'static str) {
    match band {
        Band::None => (1, "Informational", 0, "Info"),
        Band::Low => (2, "Low", 1, "Low"),
        Band::Medium => (3, "Medium", 2, "Medium"),
        Band::High => (4, "High", 3, "High"),
        Band::Critical => (5, "Critical", 4, "Critical"),
    }
}

/// The identity of the event itself, which differs for each revision of a finding.
fn metadata<'a>(finding: &Finding, options: &'a FindingOptions) -> Metadata<'a> {
    let version = Some(options.version.as_str()).filter(|version| !version.is_empty());
    Metadata {
        version: VERSION,
        product: Product { name: "Dogwatch", vendor_name: "Dogwatch", version },
        uid: format!("{}/{}", finding.key, finding.revision),
    }
}

fn finding_info<'a>(finding: &'a Finding, options: &FindingOptions) -> FindingInfo<'a> {
    let detection = &finding.detection;
    FindingInfo {
        uid: finding.key.as_str(),
        title: &detection.name,
        desc: Some(detection.description.as_str()).filter(|text| !text.is_empty()),
        types: [detection.kind.as_str()],
        created_time: millis(options.now),
        first_seen_time: finding.time.map(millis),
        last_seen_time: finding.last_time.or(finding.time).map(millis),
        analytic: analytic(detection),
        attacks: detection.tags.mitre_attack_id.iter().flat_map(|uid| attacks(uid)).collect(),
        data_sources: &detection.data_sources,
    }
}

fn analytic(detection: &Detection) -> Analytic<'_> {
    Analytic {
        type_id: 1,
        kind: "Rule",
        name: &detection.name,
        uid: &detection.id,
        category: detection.kind.as_str(),
        version: detection.version.to_string(),
    }
}

/// A technique, once for each of its tactics: an attack object has exactly one tactic.
fn attacks(uid: &str) -> Vec<Attack<'_>> {
    fn named(uid: &str) -> Named<'_> {
        Named { uid, name: technique(uid).map(|known| known.name) }
    }
    let attack = |tactic: Option<&Tactic>| {
        let tactic = tactic.map(|tactic| Named { uid: tactic.uid, name: Some(tactic.name) });
        match parent(uid) {
            Some(technique) => Attack { tactic, technique: named(technique), sub_technique: Some(named(uid)) },
            None => Attack { tactic, technique: named(uid), sub_technique: None },
        }
    };
    match tactics(uid) {
        [] => vec![attack(None)],
        tactics => tactics.iter().map(|tactic| attack(Some(tactic))).collect(),
    }
}

/// The first value among some fields, in their order.
fn first<'a>(finding: &'a Finding, fields: &[&str]) -> Option<&'a str> {
    fields.iter().find_map(|field| finding.values(field).first()).map(String::as_str).filter(|text| !text.is_empty())
}

/// The source addresses in the row. A word such as `unknown` is not an address.
fn addresses(finding: &Finding) -> impl Iterator<Item = &str> {
    let sources = finding.values("src").iter().map(String::as_str);
    let mut known = HashSet::new();
    sources.filter(move |text| text.parse::<IpAddr>().is_ok() && known.insert(*text))
}

/// The actor, the source and the program; then each event as evidence.
fn evidences(finding: &Finding) -> Vec<Evidence<'_>> {
    let mut sources = addresses(finding).map(|ip| Endpoint { ip });
    let process = process(finding);
    let row = Evidence {
        actor: finding.who.as_deref().map(|name| Actor { user: User { name } }),
        api: first(finding, &["verb"]).map(|operation| Api { operation }),
        src_endpoint: sources.next(),
        file: if process.is_some() { None } else { program(finding) },
        process,
        data: None,
    };
    let mut evidences = if row.is_empty() { vec![] } else { vec![row] };
    evidences.extend(sources.map(|endpoint| Evidence { src_endpoint: Some(endpoint), ..Evidence::default() }));
    evidences.extend(finding.events.iter().map(|event| Evidence { data: Some(event), ..Evidence::default() }));
    evidences
}

/// The process, which the schema identifies only by its ID.
fn process(finding: &Finding) -> Option<Process<'_>> {
    let pid: u32 = first(finding, &["pid", "process_id"])?.parse().ok()?;
    Some(Process { pid, cmd_line: first(finding, &["process", "command"]), file: program(finding) })
}

/// The program that ran, if the row has its path.
fn program(finding: &Finding) -> Option<File<'_>> {
    let path = first(finding, &["exe"])?;
    let name = path.strip_prefix('/')?.rsplit('/').next().filter(|name| !name.is_empty())?;
    Some(File { name, path, type_id: 1, kind: "Regular File" })
}

/// The affected systems and namespaces, without duplicates, with their type.
fn resources(finding: &Finding) -> Vec<Resource<'_>> {
    let systems = finding.risk_objects.iter().filter(|object| object.kind == "system").map(|object| &object.value);
    let mut known = HashSet::new();
    let all = systems.chain(&finding.place).map(String::as_str).filter(|name| !name.is_empty() && known.insert(*name));
    let kind = |name: &str| {
        let namespace = finding.values("namespace").iter().any(|value| value == name);
        if namespace { "namespace" } else { "system" }
    };
    all.map(|name| Resource { name, kind: kind(name) }).collect()
}

/// Values worth searching for in other logs.
fn observables(finding: &Finding) -> Vec<Observable<'_>> {
    let observable = |name, type_id, kind, value| Observable { name, type_id, kind, value };
    let mut all: Vec<Observable<'_>> = vec![];
    all.extend(finding.who.as_deref().map(|who| observable("evidences[].actor.user.name", 4, "User Name", who)));
    all.extend(addresses(finding).map(|ip| observable("evidences[].src_endpoint.ip", 2, "IP Address", ip)));
    let hosts =
        resources(finding).into_iter().filter(|resource| resource.kind == "system" && is_hostname(resource.name));
    all.extend(hosts.map(|host| observable("resources[].name", 1, "Hostname", host.name)));
    all.extend(finding.threat_objects.iter().map(|object| {
        let (type_id, kind) = observable_type(object);
        observable("unmapped.threat_objects[].value", type_id, kind, object.value.as_str())
    }));
    let mut known = HashSet::new();
    all.retain(|observable| known.insert((observable.type_id, observable.kind, observable.value)));
    all
}

fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        let inside = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    name.parse::<IpAddr>().is_err() && name.split('.').all(label)
}

/// The schema's type for a type of threat object; `Other` with Splunk's name if it has none.
fn observable_type(object: &ThreatObject) -> (u32, &str) {
    match object.kind.as_str() {
        "ip_address" if object.value.parse::<IpAddr>().is_ok() => (2, "IP Address"),
        "email_address" => (5, "Email Address"),
        "url" => (6, "URL String"),
        "file_name" => (7, "File Name"),
        "file_hash" => (8, "Hash"),
        "process_name" | "parent_process_name" => (9, "Process Name"),
        "" => (99, "Other"),
        other => (99, other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::finding_testing::{finding, findings, hostile, silenced, text};

    /// The schema of an object: its required attributes, those of which at least one is needed, and optional ones. Taken
    /// from the schema's repository at its tag 1.3.0.
    struct Known {
        name: &'static str,
        required: &'static [&'static str],
        one_of: &'static [&'static str],
        others: &'static [&'static str],
    }

    const fn known(
        name: &'static str,
        required: &'static [&'static str],
        one_of: &'static [&'static str],
        others: &'static [&'static str],
    ) -> Known {
        Known { name, required, one_of, others }
    }

    const OBJECTS: &[Known] = &[
        known(
            "detection_finding",
            &[
                "activity_id",
                "category_uid",
                "class_uid",
                "finding_info",
                "metadata",
                "severity_id",
                "time",
                "type_uid",
            ],
            &[],
            &[
                "activity_name",
                "category_name",
                "class_name",
                "type_name",
                "start_time",
                "end_time",
                "count",
                "severity",
                "risk_score",
                "risk_level_id",
                "risk_level",
                "status_id",
                "status",
                "status_detail",
                "message",
                "evidences",
                "resources",
                "observables",
                "unmapped",
            ],
        ),
        known("metadata", &["product", "version"], &[], &["uid"]),
        known("product", &["vendor_name"], &["name", "uid"], &["version"]),
        known(
            "finding_info",
            &["title", "uid"],
            &[],
            &[
                "analytic",
                "attacks",
                "created_time",
                "data_sources",
                "desc",
                "first_seen_time",
                "last_seen_time",
                "types",
            ],
        ),
        known("analytic", &["type_id"], &["name", "uid"], &["category", "type", "version"]),
        known("attacks", &[], &["tactic", "technique", "sub_technique"], &[]),
        known("tactic", &[], &["name", "uid"], &[]),
        known("technique", &[], &["name", "uid"], &[]),
        known("sub_technique", &[], &["name", "uid"], &[]),
        known("evidences", &[], &["actor", "api", "data", "file", "process", "src_endpoint"], &[]),
        known("actor", &[], &["user"], &[]),
        known("user", &[], &["name", "uid"], &[]),
        known("api", &["operation"], &[], &[]),
        known("src_endpoint", &[], &["ip"], &[]),
        known("process", &[], &["pid", "uid"], &["cmd_line", "file"]),
        known("file", &["name", "type_id"], &[], &["path", "type"]),
        known("resources", &[], &["name", "uid"], &["type"]),
        known("observables", &["name", "type_id"], &[], &["type", "value"]),
    ];

    /// Free-form in the schema.
    const FREE: &[&str] = &["data", "unmapped"];

    /// The enums of the schema that are used, with the captions of their values.
    /// An attribute, the attribute with its caption, and the values that both can have.
    type Enumeration = (&'static str, &'static str, &'static [(u64, &'static str)]);

    const ENUMS: &[Enumeration] = &[
        ("activity_id", "activity_name", &[(1, "Create"), (2, "Update"), (3, "Close")]),
        ("category_uid", "category_name", &[(2, "Findings")]),
        ("class_uid", "class_name", &[(2004, "Detection Finding")]),
        ("type_uid", "type_name", &[(200_401, "Detection Finding: Create")]),
        (
            "severity_id",
            "severity",
            &[(1, "Informational"), (2, "Low"), (3, "Medium"), (4, "High"), (5, "Critical"), (6, "Fatal")],
        ),
        ("risk_level_id", "risk_level", &[(0, "Info"), (1, "Low"), (2, "Medium"), (3, "High"), (4, "Critical")]),
        ("status_id", "status", &[(1, "New"), (2, "In Progress"), (3, "Suppressed"), (4, "Resolved")]),
    ];

    /// The types of observables, which the schema derives from its value types.
    const OBSERVABLES: &[(u64, &str)] = &[
        (1, "Hostname"),
        (2, "IP Address"),
        (4, "User Name"),
        (5, "Email Address"),
        (6, "URL String"),
        (7, "File Name"),
        (8, "Hash"),
        (9, "Process Name"),
    ];

    fn check(name: &str, object: &Map<String, Value>) {
        let known = OBJECTS.iter().find(|known| known.name == name).unwrap_or_else(|| panic!("{name} is not known"));
        let has = |key: &&str| object.contains_key(*key);
        assert!(known.required.iter().all(has), "{name} lacks one of {:?}: {object:?}", known.required);
        assert!(known.one_of.is_empty() || known.one_of.iter().any(has), "{name} has none of {:?}", known.one_of);
        for (key, value) in object {
            let allowed = [known.required, known.one_of, known.others].concat();
            assert!(allowed.contains(&key.as_str()), "{name}.{key} is not in the schema");
            if FREE.contains(&key.as_str()) {
                assert!(value.is_object());
                continue;
            }
            assert!(!value.is_null() && value != "" || ["value", "message"].contains(&key.as_str()), "{name}.{key}");
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            values.iter().filter_map(Value::as_object).for_each(|inner| check(key, inner));
            if key.ends_with("_time") || key == "time" {
                assert!(value.is_i64() || value.is_u64(), "{key} is milliseconds");
            }
        }
    }

    fn read(findings: &[Finding]) -> Vec<Value> {
        let options = FindingOptions { version: "0.1.0".into(), now: 1_795_500_000_123_456, ..Default::default() };
        let printed = text("ocsf", findings, &options);
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn events_have_what_the_schema_requires_and_nothing_else() {
        let mut all = findings();
        all.push(hostile());
        all.extend((0..=100).step_by(10).map(finding));
        let read = read(&all);
        assert_eq!(read.len(), all.len());
        for event in read {
            check("detection_finding", event.as_object().unwrap());
        }
    }

    #[test]
    fn numbers_and_captions_agree_and_the_type_follows_from_the_class() {
        for event in read(&(0..=100).map(finding).chain(findings()).collect::<Vec<_>>()) {
            for (id, caption, values) in ENUMS {
                let pair = (event[id].as_u64().unwrap(), event[caption].as_str().unwrap());
                assert!(values.contains(&pair), "{id}: {pair:?}");
            }
            let number = |key: &str| event[key].as_u64().unwrap();
            assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
            assert_eq!(number("class_uid") / 1000, number("category_uid"));
            for observable in event["observables"].as_array().into_iter().flatten() {
                let pair = (observable["type_id"].as_u64().unwrap(), observable["type"].as_str().unwrap());
                assert!(OBSERVABLES.contains(&pair) || pair.0 == 99, "{pair:?}");
            }
        }
    }

    #[test]
    fn severity_grows_with_the_score_as_documented() {
        let scores = [0, 1, 19, 20, 49, 50, 69, 70, 100];
        let events = read(&scores.map(finding));
        let severities: Vec<u64> = events.iter().map(|event| event["severity_id"].as_u64().unwrap()).collect();
        assert_eq!(severities, [1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }

    #[test]
    fn a_finding_of_a_host_is_told_with_actor_program_and_events() {
        let event = &read(&[finding(80)])[0];
        assert_eq!(
            (&event["time"], &event["start_time"]),
            (&json!(1_795_500_000_123_i64), &json!(1_795_449_778_850_i64))
        );
        let actor = json!({
            "actor": {"user": {"name": "alice"}},
            "src_endpoint": {"ip": "10.0.0.7"},
            "file": {"name": "kubectl", "path": "/usr/bin/kubectl", "type_id": 1, "type": "Regular File"},
        });
        assert_eq!(event["evidences"][0], actor);
        assert_eq!(event["evidences"][1]["data"]["line"], 12);
        assert_eq!(event["resources"], json!([{"name": "node-1", "type": "system"}]));
        let attacks = json!([
            {
                "tactic": {"uid": "TA0006", "name": "Credential Access"},
                "technique": {"uid": "T1552", "name": "Unsecured Credentials"},
                "sub_technique": {"uid": "T1552.007", "name": "Container API"},
            },
            {
                "tactic": {"uid": "TA0006", "name": "Credential Access"},
                "technique": {"uid": "T1552", "name": "Unsecured Credentials"},
            },
        ]);
        assert_eq!(event["finding_info"]["attacks"], attacks);
        assert_eq!(event["finding_info"]["uid"], "1d2a03ca-dc22-84e1-9a5e-259dd70027f1");
        assert_eq!(event["metadata"]["uid"], "1d2a03ca-dc22-84e1-9a5e-259dd70027f1/6559edd63c18200b");
        assert_eq!(event["unmapped"]["fields"]["user"], "alice");
    }

    #[test]
    fn only_addresses_are_endpoints_and_a_process_has_its_number() {
        let evidences = read(&findings())[1]["evidences"].clone();
        assert_eq!(evidences[0]["src_endpoint"]["ip"], "2001:db8::7");
        assert_eq!(evidences[0]["process"], json!({"pid": 4711}));
        assert_eq!(evidences[0]["api"]["operation"], "list");
        assert_eq!(evidences[1], json!({"src_endpoint": {"ip": "10.0.0.8"}}));
        assert!(!evidences.to_string().contains("unknown"));
        let resources = read(&findings())[1]["resources"].clone();
        assert_eq!(resources[1], json!({"name": "kube-system", "type": "namespace"}));
    }

    #[test]
    fn what_is_silenced_is_suppressed_with_its_reason() {
        let event = &read(&[silenced()])[0];
        assert_eq!((&event["status_id"], &event["status_detail"]), (&json!(3), &json!("backup job, owner ops")));
    }
}
