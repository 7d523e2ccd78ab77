//! The objects of the OCSF schema 1.3.0 that [`super::ocsf`] writes, with the attributes that it uses, in the order in which
//! they are written. Attributes without a value are omitted.

use dogwatch_content::{EvidenceEvent, RiskObject, RowObject, ThreatObject};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct DetectionFinding<'a> {
    pub(super) activity_id: u32,
    pub(super) activity_name: &'static str,
    pub(super) category_uid: u32,
    pub(super) category_name: &'static str,
    pub(super) class_uid: u32,
    pub(super) class_name: &'static str,
    pub(super) type_uid: u32,
    pub(super) type_name: &'static str,
    pub(super) time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<i64>,
    pub(super) count: u64,
    pub(super) severity_id: u32,
    pub(super) severity: &'static str,
    pub(super) risk_score: u8,
    pub(super) risk_level_id: u32,
    pub(super) risk_level: &'static str,
    pub(super) status_id: u32,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_detail: Option<&'a str>,
    pub(super) message: &'a str,
    pub(super) metadata: Metadata<'a>,
    pub(super) finding_info: FindingInfo<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidences: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<Resource<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) observables: Vec<Observable<'a>>,
    pub(super) unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) version: &'static str,
    pub(super) product: Product<'a>,
    pub(super) uid: String,
}

#[derive(Serialize)]
pub(super) struct Product<'a> {
    pub(super) name: &'static str,
    pub(super) vendor_name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct FindingInfo<'a> {
    pub(super) uid: &'a str,
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) desc: Option<&'a str>,
    pub(super) types: [&'a str; 1],
    pub(super) created_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_seen_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_seen_time: Option<i64>,
    pub(super) analytic: Analytic<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attacks: Vec<Attack<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) data_sources: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Analytic<'a> {
    pub(super) type_id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) uid: &'a str,
    pub(super) category: &'a str,
    pub(super) version: String,
}

#[derive(Serialize)]
pub(super) struct Attack<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tactic: Option<Named<'a>>,
    pub(super) technique: Named<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_technique: Option<Named<'a>>,
}

/// A tactic, a technique or a sub-technique.
#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
}

#[derive(Default, Serialize)]
pub(super) struct Evidence<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) actor: Option<Actor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api: Option<Api<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) src_endpoint: Option<Endpoint<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) process: Option<Process<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<File<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a EvidenceEvent>,
}

impl Evidence<'_> {
    /// Whether it has nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        let Self { actor, api, src_endpoint, process, file, data } = self;
        actor.is_none()
            && api.is_none()
            && src_endpoint.is_none()
            && process.is_none()
            && file.is_none()
            && data.is_none()
    }
}

#[derive(Serialize)]
pub(super) struct Actor<'a> {
    pub(super) user: User<'a>,
}

#[derive(Serialize)]
pub(super) struct User<'a> {
    pub(super) name: &'a str,
}

#[derive(Serialize)]
pub(super) struct Api<'a> {
    pub(super) operation: &'a str,
}

#[derive(Serialize)]
pub(super) struct Endpoint<'a> {
    pub(super) ip: &'a str,
}

#[derive(Serialize)]
pub(super) struct Process<'a> {
    pub(super) pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cmd_line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<File<'a>>,
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) type_id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Resource<'a> {
    pub(super) name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Serialize)]
pub(super) struct Observable<'a> {
    /// The attribute that holds it.
    pub(super) name: &'static str,
    pub(super) type_id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) value: &'a str,
}

/// Values that the schema has no attribute for.
#[derive(Serialize)]
pub(super) struct Unmapped<'a> {
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) activity: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) analytic_story: &'a [String],
    #[serde(skip_serializing_if = "<[RiskObject]>::is_empty")]
    pub(super) risk_objects: &'a [RiskObject],
    #[serde(skip_serializing_if = "<[ThreatObject]>::is_empty")]
    pub(super) threat_objects: &'a [ThreatObject],
    pub(super) fields: RowObject<'a>,
}
