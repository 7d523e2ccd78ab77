//! From a row of a detection's search to a finding: the contract between searches and findings.
//!
//! | Field of the row | What becomes of it |
//! |---|---|
//! | `_time`, `last_time` | first and last time |
//! | `user` | who; else the first risk object of type `user` |
//! | `dest`, `namespace`, `host` | where: the first that there is; else the first risk object of type `system` |
//! | `activity`, `process`, `command`, `object` | what: the first that there is, with all its values; else the message |
//! | `count` | how many events it stands for; else the number of event ids, at least 1 |
//! | `event_id` | the events that it rests on |
//! | `suppressed_by` | why the allow-list silences it; `-` where it does not |
//! | what the detection's `rba` names | the message, the risk objects, the threat objects |
//!
//! `unknown` and `-` name nobody. All fields are kept as they are, secrets masked. What the search groups by last gives the
//! finding its [key](crate::FindingKey).

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::detection::Detection;
use crate::finding::{EvidenceEvent, Finding, RiskObject, ThreatObject};
use crate::finding_key::{FindingKey, Revision};
use crate::mask::{SecretRules, mask_field};
use crate::template::fill_template;

const FIRST_TIME: &str = "_time";
const LAST_TIME: &str = "last_time";
const WHO: &[&str] = &["user"];
const WHERE: &[&str] = &["dest", "namespace", "host"];
const WHAT: &[&str] = &["activity", "process", "command", "object"];
const COUNT: &str = "count";
const EVENTS: &str = "event_id";
const SUPPRESSED: &str = "suppressed_by";

/// The fields of a row whose numbers are times, in seconds since 1970 UTC. `firstTime` and `lastTime` are what Splunk's own
/// detections call them.
pub const TIME_FIELDS: [&str; 4] = [FIRST_TIME, LAST_TIME, "firstTime", "lastTime"];

/// What `suppressed_by` holds in a row that nothing silences.
const NOT_SUPPRESSED: &str = "-";

/// Values that say nothing: a place or an identity that is none.
const PLACEHOLDERS: [&str; 2] = ["unknown", "-"];

/// How many values of a field are named in a message.
const NAMED: usize = 5;

/// A row of a detection's search.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its fields in order; those without a value are left out.
    pub fields: Vec<(String, RowValue)>,
    /// The values of the columns by which the search groups last, in an encoding in which different values never look
    /// alike; none if it groups nothing.
    pub group: Option<Vec<u8>>,
}

/// What a field of a row holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowValue {
    /// A time, microseconds since 1970 UTC.
    Time(i64),
    /// One text or several.
    Texts(Vec<String>),
}

/// Makes findings of the rows of one detection.
#[derive(Clone, Debug)]
pub struct FindingBuilder {
    detection: Arc<Detection>,
    secrets: Option<Arc<SecretRules>>,
}

impl FindingBuilder {
    /// A builder that masks secrets by some rules; without rules it shows them.
    pub fn new(detection: Arc<Detection>, secrets: Option<Arc<SecretRules>>) -> Self {
        Self { detection, secrets }
    }

    /// The finding that a row is.
    pub fn build(&self, row: Row) -> Finding {
        let detection = &self.detection;
        let time_of = |name: &str| {
            row.fields.iter().find_map(|(field, value)| match value {
                RowValue::Time(time) if field == name => Some(*time),
                _ => None,
            })
        };
        let (time, last_time) = (time_of(FIRST_TIME), time_of(LAST_TIME));
        let fields = Fields(row.fields.into_iter().filter_map(|field| self.texts(field)).collect());
        let of_id = |id: &String| EvidenceEvent { event_id: id.clone(), ..EvidenceEvent::default() };
        let events: Vec<EvidenceEvent> = fields.values(EVENTS).iter().map(of_id).collect();
        let (message, risk_objects, threat_objects) = risk(detection, &fields);
        let first = |names: &[&str]| names.iter().find_map(|name| fields.shown(name));
        let of_kind = |kind: &str| risk_objects.iter().find(|object| object.kind == kind).map(|o| o.value.clone());
        let activity = WHAT.iter().map(|name| fields.values(name)).find(|values| !values.is_empty());
        let count = fields.values(COUNT).first().and_then(|count| count.parse().ok());
        let mut finding = Finding {
            key: FindingKey::default(),
            revision: Revision::default(),
            time,
            last_time,
            risk_score: risk_objects.iter().map(|object| object.score).max().unwrap_or_else(|| detection.risk_score()),
            detection: Arc::clone(detection),
            who: first(WHO).or_else(|| of_kind("user")),
            place: first(WHERE).or_else(|| of_kind("system")),
            activity: activity.map_or_else(|| vec![message.clone()], <[String]>::to_vec),
            message,
            risk_objects,
            threat_objects,
            count: count.unwrap_or(events.len().max(1) as u64),
            events,
            suppressed_by: fields.values(SUPPRESSED).first().filter(|by| *by != NOT_SUPPRESSED).cloned(),
            fields: fields.0,
        };
        finding.key = match &row.group {
            Some(group) => FindingKey::of_group(&detection.id, group),
            None => FindingKey::of_events(&finding),
        };
        finding.revision = Revision::of(&finding);
        finding
    }

    /// A field's values as text, secrets masked; nothing if it has none.
    fn texts(&self, (name, value): (String, RowValue)) -> Option<(String, Vec<String>)> {
        let values = match value {
            RowValue::Time(time) => {
                let time = Timestamp::from_microsecond(time).ok()?;
                vec![time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()]
            }
            RowValue::Texts(texts) => match &self.secrets {
                None => texts,
                Some(rules) => {
                    let masked = |text: String| match mask_field(&name, &text, rules) {
                        Cow::Borrowed(_) => text,
                        Cow::Owned(masked) => masked,
                    };
                    texts.into_iter().map(masked).collect()
                }
            },
        };
        (!values.is_empty()).then_some((name, values))
    }
}

fn risk(detection: &Detection, fields: &Fields) -> (String, Vec<RiskObject>, Vec<ThreatObject>) {
    let Some(rba) = &detection.rba else { return (detection.name.clone(), vec![], vec![]) };
    let mut objects = Vec::new();
    for object in &rba.risk_objects {
        objects.extend(fields.named(&object.field).map(|value| RiskObject {
            kind: object.kind.clone(),
            field: object.field.clone(),
            value: value.clone(),
            score: object.score,
        }));
    }
    let mut threats = Vec::new();
    for object in &rba.threat_objects {
        threats.extend(fields.named(&object.field).map(|value| ThreatObject {
            kind: object.kind.clone(),
            field: object.field.clone(),
            value: value.clone(),
        }));
    }
    let message = fill_template(&rba.message, &|name| fields.shown(name).map(Cow::Owned));
    (message, objects, threats)
}

/// The fields of a row as text.
struct Fields(Vec<(String, Vec<String>)>);

impl Fields {
    fn values(&self, name: &str) -> &[String] {
        self.0.iter().find(|(field, _)| field == name).map_or(&[], |(_, values)| values)
    }

    /// The values that name somebody or something.
    fn named(&self, name: &str) -> impl Iterator<Item = &String> {
        self.values(name).iter().filter(|value| !PLACEHOLDERS.contains(&value.as_str()))
    }

    /// The values for people.
    fn shown(&self, name: &str) -> Option<String> {
        shown(self.values(name))
    }
}

/// Values for people, a few of them; none if they say nothing.
fn shown(values: &[String]) -> Option<String> {
    if values.iter().all(|value| PLACEHOLDERS.contains(&value.as_str())) {
        return None;
    }
    let mut text = values.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if values.len() > NAMED {
        text.push_str(&format!(" and {} more", values.len() - NAMED));
    }
    Some(text)
}

impl Finding {
    /// A text of the detection with this finding's values for `$field$`, as its message and the names of its drilldowns have.
    pub fn fill(&self, template: &str) -> String {
        fill_template(template, &|name| shown(self.values(name)).map(Cow::Owned))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const DETECTION: &str = "name: A\nid: i\nsearch: a\ntype: TTP\nrba:\n  message: $user$ on $dest$ did $what$\n  risk_objects:\n  \
                             - {field: user, type: user, score: 40}\n  - {field: node, type: system, score: 70}\n  threat_objects:\n  \
                             - {field: src, type: ip_address}\n";

    fn built(fields: &[(&str, &[&str])], show_secrets: bool) -> Finding {
        let detection = Arc::new(Detection::parse(Path::new("a.yml"), DETECTION.into()).unwrap());
        let texts = |values: &[&str]| RowValue::Texts(values.iter().map(|value| (*value).to_owned()).collect());
        let fields = fields.iter().map(|(name, values)| ((*name).to_owned(), texts(values)));
        let times =
            [("_time".to_owned(), RowValue::Time(1_500_000)), ("last_time".to_owned(), RowValue::Time(2_000_000))];
        let row = Row { fields: times.into_iter().chain(fields).collect(), group: None };
        FindingBuilder::new(detection, (!show_secrets).then(Arc::default)).build(row)
    }

    #[test]
    fn each_field_of_the_contract_has_its_place() {
        let finding = built(
            &[
                ("user", &["alice"]),
                ("dest", &["unknown"]),
                ("namespace", &["web", "db"]),
                ("node", &["n1", "-"]),
                ("src", &["10.0.0.7"]),
                ("process", &["ls"]),
                ("count", &["7"]),
                ("event_id", &["e1", "e2"]),
                ("suppressed_by", &["-"]),
                ("empty", &[]),
            ],
            false,
        );
        assert_eq!((finding.time, finding.last_time), (Some(1_500_000), Some(2_000_000)));
        assert_eq!((finding.who.as_deref(), finding.place.as_deref()), (Some("alice"), Some("web, db")));
        assert_eq!((finding.activity.as_slice(), finding.count, finding.risk_score), (&["ls".to_owned()][..], 7, 70));
        assert_eq!(finding.message, "alice on (no dest) did (no what)");
        let objects: Vec<&str> = finding.risk_objects.iter().map(|object| object.value.as_str()).collect();
        assert_eq!(objects, ["alice", "n1"]);
        assert_eq!(finding.threat_objects[0].value, "10.0.0.7");
        assert_eq!(finding.events.iter().map(|event| event.event_id.as_str()).collect::<Vec<_>>(), ["e1", "e2"]);
        assert_eq!(finding.suppressed_by, None);
        assert_eq!(finding.values("_time"), ["1970-01-01T00:00:01.500000Z"]);
        assert!(finding.fields.iter().all(|(name, _)| name != "empty"));
    }

    #[test]
    fn what_a_row_lacks_comes_from_its_risk_objects_and_message() {
        let finding = built(&[("node", &["n1"]), ("suppressed_by", &["backups"])], false);
        assert_eq!((finding.who.as_deref(), finding.place.as_deref()), (None, Some("n1")));
        assert_eq!(finding.activity, ["(no user) on (no dest) did (no what)"]);
        assert_eq!((finding.count, finding.suppressed_by.as_deref()), (1, Some("backups")));
        let many = built(&[("user", &["a", "b", "c", "d", "e", "f", "g"])], false);
        assert_eq!(many.fill("of $user$"), "of a, b, c, d, e and 2 more");
    }

    #[test]
    fn a_finding_is_read_back_as_it_was_written() {
        let finding = built(&[("user", &["alice"]), ("dest", &["a", "b"]), ("suppressed_by", &["backups"])], false);
        let written = serde_json::to_string(&finding).unwrap();
        let read: Finding = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
        assert_eq!(read.time, finding.time);
        assert_eq!(read.fields, finding.fields);
        assert_eq!((read.detection.id.as_str(), read.detection.kind.as_str()), ("i", "TTP"));
    }

    #[test]
    fn secrets_are_masked_and_name_the_finding_all_the_same() {
        let token = "kubectl --token=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWIifQ.c2lnbmF0dXJl get secrets";
        let row = |show| built(&[("process", &[token]), ("event_id", &["e1"])], show);
        assert!(!row(false).activity[0].contains("c2lnbmF0dXJl") && row(true).activity[0] == token);
        assert_eq!(row(false).key, row(true).key);
    }
}
