//! What a detection found: the row of its search, read by the detection's own words about risk.
//!
//! A finding is plain data, and this is the one model of it: the JSON of a finding is these structures as serde writes
//! them, and other formats are made from them. A part that a finding does not have is left out; a list is always there, also
//! when it is empty, so that a reader meets one type per key. Who makes a finding of a row is
//! [`FindingBuilder`](crate::FindingBuilder).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::detection::Detection;
use crate::finding_json;
use crate::finding_key::{FindingKey, Revision};

/// One finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Which finding it is, the same in every run.
    pub key: FindingKey,
    /// In which state: another one when it rests on other events.
    pub revision: Revision,
    /// When the first of its events happened (`_time`), microseconds since 1970 UTC.
    #[serde(default, with = "finding_json::time", skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// When the last one happened (`last_time`), where the search says so.
    #[serde(default, with = "finding_json::time", skip_serializing_if = "Option::is_none")]
    pub last_time: Option<i64>,
    /// The highest score of its risk objects, 0 to 100; 0 for a hunting search.
    pub risk_score: u8,
    /// The detection whose search gave the row. One that is read from JSON has no more than its name, id, version, type,
    /// status, techniques and stories.
    #[serde(with = "finding_json::detection")]
    pub detection: Arc<Detection>,
    /// The identity that acted: the row's `user`, else the first risk object that is a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Where it happened: the row's `dest`, `namespace` or `host`, else the first risk object that is a system.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What was done, a line for each thing: the row's `activity`, else `process`, `command` or `object`, else the
    /// message.
    pub activity: Vec<String>,
    /// What happened, in a sentence: the detection's message with the row's values in it, secrets masked.
    pub message: String,
    /// Who or what the risk is counted for.
    pub risk_objects: Vec<RiskObject>,
    /// What the risk comes from: addresses, processes, files.
    pub threat_objects: Vec<ThreatObject>,
    /// How many events it stands for.
    pub count: u64,
    /// The events that it rests on.
    pub events: Vec<EvidenceEvent>,
    /// All fields of the row as the search gave them, in its order, secrets masked. Each has one value or several.
    #[serde(with = "finding_json::fields")]
    pub fields: Vec<(String, Vec<String>)>,
    /// Why the allow-list silences it, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_by: Option<String>,
}

/// An entity that risk is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskObject {
    /// `user`, `system` or `other`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The field of the row that names it.
    pub field: String,
    /// Its name.
    pub value: String,
    /// What this finding adds, 0 to 100.
    pub score: u8,
}

/// Something that the risk comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreatObject {
    /// Splunk's kind: `ip_address`, `process_name`, `file_path`, ….
    #[serde(rename = "type")]
    pub kind: String,
    /// The field of the row that names it.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// An event that a finding rests on, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceEvent {
    /// The event's own id: auditd `1795401382.124:2250`, Kubernetes the `auditID`.
    pub event_id: String,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The line of the (decompressed) file on which it starts, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its text in the log, secrets masked; only where evidence was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Finding {
    /// The values of a field of the row; none if it has no such field.
    pub fn values(&self, name: &str) -> &[String] {
        self.fields.iter().find(|(field, _)| field == name).map_or(&[], |(_, values)| values)
    }
}
