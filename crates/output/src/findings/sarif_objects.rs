//! The objects of the SARIF 2.1.0 schema that [`super::sarif`] writes, with the properties that it uses, in the order in
//! which they are written. Properties without a value are omitted.

use dogwatch_content::FindingKey;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) driver: Driver<'a>,
}

#[derive(Serialize)]
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'a str>,
    pub(super) rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) short_description: Text<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_description: Option<Text<&'a str>>,
    pub(super) help: Text<String>,
    pub(super) default_configuration: Configuration,
    pub(super) properties: RuleProperties<'a>,
}

#[derive(Serialize)]
pub(super) struct Text<T> {
    pub(super) text: T,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

#[derive(Serialize)]
pub(super) struct RuleProperties<'a> {
    pub(super) tags: Vec<&'a str>,
    #[serde(rename = "security-severity")]
    pub(super) security_severity: String,
    pub(super) detection_id: &'a str,
    pub(super) detection_version: u64,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
}

/// A result, named differently from Rust's `Result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultObject<'a> {
    pub(super) rule_id: String,
    pub(super) rule_index: usize,
    pub(super) level: &'static str,
    pub(super) message: Text<&'a str>,
    pub(super) locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location<'a>>,
    pub(super) occurrence_count: u64,
    pub(super) partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) suppressions: Vec<Suppression<'a>>,
    pub(super) rank: u8,
    pub(super) properties: ResultProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    pub(super) physical_location: Physical,
    pub(super) message: Text<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Physical {
    pub(super) artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region>,
}

#[derive(Serialize)]
pub(super) struct Artifact {
    pub(super) uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u64,
}

#[derive(Serialize)]
pub(super) struct Fingerprints<'a> {
    /// The version in the name must be incremented when the derivation of keys changes.
    #[serde(rename = "dogwatchFinding/v2")]
    pub(super) key: &'a FindingKey,
}

#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: &'a str,
}

impl<'a> Suppression<'a> {
    /// A suppression that was decided outside the tool's log.
    pub(super) fn accepted(justification: &'a str) -> Self {
        Self { kind: "external", status: "accepted", justification }
    }
}

#[derive(Serialize)]
pub(super) struct ResultProperties<'a> {
    pub(super) risk_score: u8,
    pub(super) event_id: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) who: Option<&'a str>,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<&'a str>,
    pub(super) activity: &'a [String],
}
