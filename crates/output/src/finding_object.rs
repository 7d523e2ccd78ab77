//! A finding, or an entity with its risk, as a JSON object, shared by the formats that are made of them.
//!
//! Keys always stand in the same order. What a finding does not have is left out; a list is always there, also when it
//! is empty, so that a reader meets one type per key. The row's own fields are the exception: a field with one value is
//! text and one with several a list.

use dogwatch_content::Detection;
use dogwatch_content::{EvidenceEvent, Finding, RiskObject, ThreatObject};

use crate::entity::EntityRisk;
use crate::json_tree::{Json, Members};
use crate::value::rfc3339;

/// The whole finding.
pub(crate) fn finding(finding: &Finding) -> Members<'_> {
    Members::new()
        .with("key", finding.key.as_str())
        .with("revision", finding.revision.as_str())
        .with_some("time", finding.time.map(rfc3339))
        .with_some("last_time", finding.last_time.map(rfc3339))
        .with("risk_score", finding.risk_score)
        .with("detection", detection(&finding.detection))
        .with_some("who", finding.who.as_ref())
        .with_some("where", finding.place.as_ref())
        .with_all("activity", &finding.activity)
        .with("message", &finding.message)
        .with_all("risk_objects", finding.risk_objects.iter().map(risk_object))
        .with_all("threat_objects", finding.threat_objects.iter().map(threat_object))
        .with("count", finding.count)
        .with_all("events", finding.events.iter().map(event))
        .with("fields", fields(&finding.fields))
        .with_some("suppressed_by", finding.suppressed_by.as_ref())
}

fn detection(detection: &Detection) -> Members<'_> {
    Members::new()
        .with("name", &detection.name)
        .with("id", &detection.id)
        .with("version", detection.version)
        .with("type", detection.kind.as_str())
        .with("status", detection.status.as_str())
        .with_all("mitre_attack_id", &detection.tags.mitre_attack_id)
        .with_all("analytic_story", &detection.tags.analytic_story)
}

/// An entity that a finding counts risk for.
pub(crate) fn risk_object(object: &RiskObject) -> Members<'_> {
    Members::new()
        .with("type", &object.kind)
        .with("field", &object.field)
        .with("value", &object.value)
        .with("score", object.score)
}

/// Something that the risk comes from.
pub(crate) fn threat_object(object: &ThreatObject) -> Members<'_> {
    Members::new().with("type", &object.kind).with("field", &object.field).with("value", &object.value)
}

/// An event that a finding rests on.
pub(crate) fn event(event: &EvidenceEvent) -> Members<'_> {
    Members::new()
        .with("event_id", &event.event_id)
        .with_some("source", event.source.as_ref())
        .with_some("line", event.line)
        .with_some("raw", event.raw.as_ref())
}

/// The row as the search gave it.
pub(crate) fn fields(fields: &[(String, Vec<String>)]) -> Members<'_> {
    fields.iter().fold(Members::new(), |members, (name, values)| match values.as_slice() {
        [] => members,
        [one] => members.with(name.as_str(), one),
        several => members.with(name.as_str(), several.iter().map(Json::from).collect::<Vec<_>>()),
    })
}

/// An entity and its risk.
pub(crate) fn entity(entity: &EntityRisk) -> Members<'_> {
    Members::new()
        .with("risk", entity.risk)
        .with("type", &entity.kind)
        .with("value", &entity.value)
        .with("findings", entity.findings)
        .with("highest", entity.highest)
        .with_all("detections", &entity.detections)
        .with_all("tactics", &entity.tactics)
        .with_all("techniques", &entity.techniques)
        .with_some("first_time", entity.first.map(rfc3339))
        .with_some("last_time", entity.last.map(rfc3339))
}
