//! `sarif`: one SARIF 2.1.0 log with one run, for code scanning and editors: each detection with findings is a rule, each
//! finding a result located at the lines of its events.
//!
//! A finding's first event is its location, the others are related locations: SARIF reserves multiple locations for
//! problems that must be fixed in all of them. A rule's `security-severity` is the highest risk score of its results
//! divided by ten, since GitHub reads it from the rule; a result has its own score as `rank` and `properties.risk_score`.
//! A result is an error from 50 on and a warning from 20 on (see [`crate::risk`]). Findings that the allow-list silences
//! are suppressed.
//!
//! Results are written as they arrive, and the rules after them, when their highest scores are known: the order of an
//! object's members is irrelevant in JSON. The objects of the schema are in [`super::sarif_objects`].

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

use dogwatch_content::{Detection, EvidenceEvent, Finding};

use super::sarif_objects::{
    Artifact, Configuration, Driver, Fingerprints, Location, Physical, Region, ResultObject, ResultProperties, Rule,
    RuleProperties, Suppression, Text, Tool,
};
use super::{FindingFormat, FindingOptions, Findings};
use crate::detection_page::page_command;
use crate::error::OutputError;
use crate::json;
use crate::risk::Band;

pub(super) const ENTRY: FindingFormat = FindingFormat {
    name: "sarif",
    summary: "One SARIF 2.1.0 log, a rule for each detection and a result for each finding.",
    findings: write,
    entities: None,
};

/// The beginning of the log, up to its results. The schema's address is that of its publication by OASIS.
const BEGIN: &str = "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\",\
                     \"version\":\"2.1.0\",\"runs\":[{\"results\":[";

/// The detections with findings, in the order of their first findings.
#[derive(Default)]
struct Rules {
    found: Vec<(Arc<Detection>, u8)>,
    places: HashMap<(String, String), usize>,
}

impl Rules {
    /// The index of a finding's rule. A rule has the highest score of its findings.
    fn place(&mut self, finding: &Finding) -> usize {
        let detection = &finding.detection;
        let place = *self.places.entry((detection.snake_name(), detection.id.clone())).or_insert_with(|| {
            self.found.push((Arc::clone(detection), 0));
            self.found.len() - 1
        });
        let highest = &mut self.found[place].1;
        *highest = finding.risk_score.max(*highest);
        place
    }
}

fn write(findings: Findings<'_>, options: &FindingOptions, out: &mut dyn Write) -> Result<(), OutputError> {
    let mut rules = Rules::default();
    out.write_all(BEGIN.as_bytes())?;
    let mut text = Vec::new();
    for (at, finding) in findings.enumerate() {
        let finding = finding?;
        text.clear();
        text.extend_from_slice(if at > 0 { b",\n" } else { b"\n" });
        json::write(&result(&finding, rules.place(&finding)), &mut text)?;
        out.write_all(&text)?;
    }
    let driver = Driver {
        name: "Dogwatch",
        version: Some(options.version.as_str()).filter(|version| !version.is_empty()),
        rules: rules.found.iter().map(|(detection, highest)| rule(detection, *highest)).collect(),
    };
    out.write_all(b"],\"tool\":")?;
    json::write(&Tool { driver }, out)?;
    Ok(out.write_all(b"}]}\n")?)
}

fn rule(detection: &Detection, highest: u8) -> Rule<'_> {
    let mut known = HashSet::new();
    let tags = ["security"].into_iter().chain(detection.tags.mitre_attack_id.iter().map(String::as_str));
    let tags = tags.chain(detection.tags.analytic_story.iter().map(String::as_str));
    let score = highest.min(100);
    Rule {
        id: detection.snake_name(),
        name: &detection.name,
        short_description: Text { text: &detection.name },
        full_description: Some(Text { text: detection.description.as_str() }).filter(|text| !text.text.is_empty()),
        help: Text { text: help(detection) },
        default_configuration: Configuration { level: level(highest) },
        properties: RuleProperties {
            tags: tags.filter(|tag| known.insert(*tag)).collect(),
            security_severity: format!("{}.{}", score / 10, score % 10),
            detection_id: &detection.id,
            detection_version: detection.version,
            kind: detection.kind.as_str(),
        },
    }
}

/// The help text of a rule for somebody who looks at a result.
fn help(detection: &Detection) -> String {
    let page = page_command(detection).map(|command| format!("How to triage and respond: `{command}`."));
    let mut help = page.unwrap_or_else(|| detection.name.clone());
    if !detection.known_false_positives.is_empty() {
        help.push_str("\n\nKnown false positives: ");
        help.push_str(&detection.known_false_positives);
    }
    if !detection.references.is_empty() {
        help.push_str("\n\nReferences:");
        detection.references.iter().for_each(|reference| help.extend(["\n- ", reference]));
    }
    help
}

fn level(score: u8) -> &'static str {
    match Band::of(score) {
        Band::Critical | Band::High => "error",
        Band::Medium => "warning",
        Band::Low | Band::None => "note",
    }
}

fn result(finding: &Finding, rule: usize) -> ResultObject<'_> {
    // A result with an empty message would not be shown.
    let message = if finding.message.is_empty() { &finding.detection.name } else { &finding.message };
    let mut known = HashSet::new();
    let mut locations = finding
        .events
        .iter()
        .filter(|event| known.insert((&event.event_id, &event.source, event.line)))
        .filter_map(location);
    ResultObject {
        rule_id: finding.detection.snake_name(),
        rule_index: rule,
        level: level(finding.risk_score),
        message: Text { text: message },
        locations: locations.next().into_iter().collect(),
        related_locations: locations.collect(),
        occurrence_count: finding.count.max(1),
        partial_fingerprints: Fingerprints { key: &finding.key },
        suppressions: finding.suppressed_by.iter().map(|reason| Suppression::accepted(reason)).collect(),
        rank: finding.risk_score.min(100),
        properties: ResultProperties {
            risk_score: finding.risk_score,
            event_id: finding.events.iter().map(|event| event.event_id.as_str()).collect(),
            who: finding.who.as_deref(),
            place: finding.place.as_deref(),
            activity: &finding.activity,
        },
    }
}

/// The location of an event, if known, with the event's id as its message.
fn location(event: &EvidenceEvent) -> Option<Location<'_>> {
    let artifact_location = Artifact { uri: uri(event.source.as_ref()?) };
    let region = event.line.filter(|line| *line > 0).map(|start_line| Region { start_line });
    Some(Location {
        physical_location: Physical { artifact_location, region },
        message: Text { text: &event.event_id },
    })
}

/// A path as a URI (RFC 3986): an absolute one as `file://…`, a relative one as a relative reference. All characters
/// except the unreserved ones are percent-encoded, including `:`, so that the `a` in `a:b` is not read as a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::finding_testing::{finding, findings, hostile, silenced, text};

    /// The schema of an object that is written here: its name, its required and its optional properties. Taken from
    /// sarif-schema-2.1.0.json of OASIS, which allows no other properties.
    const OBJECTS: &[(&str, &[&str], &[&str])] = &[
        ("log", &["version", "runs"], &["$schema"]),
        ("runs", &["tool"], &["results"]),
        ("tool", &["driver"], &[]),
        ("driver", &["name"], &["version", "rules"]),
        (
            "rules",
            &["id"],
            &["name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"],
        ),
        ("shortDescription", &["text"], &[]),
        ("fullDescription", &["text"], &[]),
        ("help", &["text"], &[]),
        ("defaultConfiguration", &[], &["level"]),
        (
            "results",
            &["message"],
            &[
                "ruleId",
                "ruleIndex",
                "level",
                "locations",
                "relatedLocations",
                "occurrenceCount",
                "partialFingerprints",
                "suppressions",
                "rank",
                "properties",
            ],
        ),
        ("message", &["text"], &[]),
        ("locations", &[], &["physicalLocation", "message"]),
        ("relatedLocations", &[], &["physicalLocation", "message"]),
        ("physicalLocation", &["artifactLocation"], &["region"]),
        ("artifactLocation", &[], &["uri"]),
        ("region", &["startLine"], &[]),
        ("suppressions", &["kind"], &["status", "justification"]),
    ];

    /// Property bags and maps of names.
    const FREE: &[&str] = &["partialFingerprints", "properties"];
    /// Arrays whose values must be unique according to the schema.
    const UNIQUE: &[&str] = &["relatedLocations", "rules", "suppressions", "tags"];

    fn check(name: &str, object: &Map<String, Value>) {
        let (_, required, others) = OBJECTS.iter().find(|known| known.0 == name).unwrap_or_else(|| panic!("{name}"));
        assert!(required.iter().all(|key| object.contains_key(*key)), "{name} lacks one of {required:?}");
        for (key, value) in object {
            assert!(required.contains(&key.as_str()) || others.contains(&key.as_str()), "{name}.{key}");
            unique(key, value);
            if FREE.contains(&key.as_str()) {
                value.as_object().unwrap().iter().for_each(|(key, value)| unique(key, value));
                continue;
            }
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            values.iter().filter_map(Value::as_object).for_each(|inner| check(key, inner));
        }
    }

    fn unique(key: &str, value: &Value) {
        if UNIQUE.contains(&key) {
            let values = value.as_array().unwrap();
            assert!((1..values.len()).all(|at| !values[..at].contains(&values[at])), "{key} holds a value twice");
        }
    }

    fn read(findings: &[Finding]) -> Value {
        let options = FindingOptions { version: "0.1.0".into(), ..Default::default() };
        serde_json::from_str(&text("sarif", findings, &options)).unwrap()
    }

    #[test]
    fn a_log_has_what_the_schema_requires_and_nothing_else() {
        let mut all = findings();
        all.push(hostile());
        for findings in [&[], all.as_slice()] {
            let log = read(findings);
            check("log", log.as_object().unwrap());
            assert_eq!((&log["version"], log["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
            for result in log["runs"][0]["results"].as_array().unwrap() {
                assert!(result["rank"].as_u64().unwrap() <= 100 && result["occurrenceCount"].as_u64().unwrap() >= 1);
                assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
            }
        }
    }

    #[test]
    fn results_point_to_their_rules_which_have_the_highest_score() {
        let log = read(&[finding(35), findings()[1].clone(), finding(72)]);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
        assert_eq!(ids, ["kubectl_reads_secrets", "secrets_listed_cluster_wide"]);
        assert_eq!(rules[0]["properties"]["security-severity"], "7.2");
        assert_eq!(rules[0]["defaultConfiguration"]["level"], "error");
        let tags = json!(["security", "T1552.007", "T1552", "Container API credential access"]);
        assert_eq!(rules[0]["properties"]["tags"], tags);
        for result in run["results"].as_array().unwrap() {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(result["ruleId"], rule["id"]);
        }
        let levels: Vec<&Value> = run["results"].as_array().unwrap().iter().map(|result| &result["level"]).collect();
        assert_eq!(levels, ["warning", "warning", "error"]);
    }

    #[test]
    fn a_result_names_its_events_with_file_and_line() {
        let log = read(&[finding(80)]);
        let result = &log["runs"][0]["results"][0];
        let first = json!([{
            "physicalLocation": {"artifactLocation": {"uri": "audit.log"}, "region": {"startLine": 12}},
            "message": {"text": "1795401382.124:2250"},
        }]);
        assert_eq!(result["locations"], first);
        let second = json!([{
            "physicalLocation": {"artifactLocation": {"uri": "logs/audit%202.log"}},
            "message": {"text": "1795401390.001:2260"},
        }]);
        assert_eq!(result["relatedLocations"], second);
        assert_eq!(result["properties"]["event_id"], json!(["1795401382.124:2250", "1795401390.001:2260"]));
    }

    #[test]
    fn what_is_silenced_is_suppressed() {
        let suppressions = read(&[silenced()])["runs"][0]["results"][0]["suppressions"].clone();
        let expected = json!([{"kind": "external", "status": "accepted", "justification": "backup job, owner ops"}]);
        assert_eq!(suppressions, expected);
    }

    #[test]
    fn paths_are_uris() {
        for (path, expected) in [
            ("logs/a.log", "logs/a.log"),
            ("/var/log/a b.log", "file:///var/log/a%20b.log"),
            ("http://x?a#b%20", "http%3A//x%3Fa%23b%2520"),
            ("../ä\n", "../%C3%A4%0A"),
            ("-", "-"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
