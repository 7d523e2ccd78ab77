//! What a detection found: the row of its search, read by the detection's own words about risk.
//!
//! A finding is plain data. Who makes one is the engine, who prints one is `dogwatch-output`; both share this shape.

use std::sync::Arc;

use crate::detection::Detection;
use crate::finding_key::{FindingKey, Revision};

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The detection whose search gave the row.
    pub detection: Arc<Detection>,
    /// Which finding it is, the same in every run.
    pub key: FindingKey,
    /// In which state: another one when it rests on other events.
    pub revision: Revision,
    /// When the first of its events happened (`_time`), microseconds since 1970 UTC.
    pub time: Option<i64>,
    /// When the last one happened (`last_time`), where the search says so.
    pub last_time: Option<i64>,
    /// The highest score of its risk objects, 0 to 100; 0 for a hunting search.
    pub risk_score: u8,
    /// What happened, in a sentence: the detection's message with the row's values in it, secrets masked.
    pub message: String,
    /// Who or what the risk is counted for.
    pub risk_objects: Vec<RiskObject>,
    /// What the risk comes from: addresses, processes, files.
    pub threat_objects: Vec<ThreatObject>,
    /// The identity that acted: the row's `user`, else the first risk object that is a user.
    pub who: Option<String>,
    /// Where it happened: the row's `dest`, `namespace` or `host`, else the first risk object that is a system.
    pub place: Option<String>,
    /// What was done, a line for each thing: the row's `activity`, else `process`, `command` or `object`, else the
    /// message.
    pub activity: Vec<String>,
    /// How many events it stands for.
    pub count: u64,
    /// The events that it rests on.
    pub events: Vec<EvidenceEvent>,
    /// All fields of the row as the search gave them, in its order, secrets masked. Each has one value or several.
    pub fields: Vec<(String, Vec<String>)>,
    /// Why the allow-list silences it, if it does.
    pub suppressed_by: Option<String>,
}

/// An entity that risk is counted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskObject {
    /// `user`, `system` or `other`.
    pub kind: String,
    /// The field of the row that names it.
    pub field: String,
    /// Its name.
    pub value: String,
    /// What this finding adds, 0 to 100.
    pub score: u8,
}

/// Something that the risk comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreatObject {
    /// Splunk's kind: `ip_address`, `process_name`, `file_path`, ….
    pub kind: String,
    /// The field of the row that names it.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// An event that a finding rests on, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceEvent {
    /// The event's own id: auditd `1795401382.124:2250`, Kubernetes the `auditID`.
    pub event_id: String,
    /// The file.
    pub source: Option<String>,
    /// The line of the (decompressed) file on which it starts, from 1.
    pub line: Option<u64>,
    /// Its text in the log, secrets masked; only where evidence was asked for.
    pub raw: Option<String>,
}
