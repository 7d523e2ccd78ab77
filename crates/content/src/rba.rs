//! The risk that a detection's findings stand for: what happened, to whom it counts, and how much.
//!
//! Content has it under `rba`. Content from before 2025 has it in its tags (`message`, `risk_score`, `observable`),
//! which is read into the same shape.

use serde_norway::Mapping;

use crate::template::template_fields;
use crate::yaml;

/// A detection's words about risk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rba {
    /// A sentence with the row's values as `$field$`.
    pub message: String,
    /// The fields that name who or what the risk is counted for.
    pub risk_objects: Vec<RiskField>,
    /// The fields that name what the risk comes from.
    pub threat_objects: Vec<ThreatField>,
}

/// A field whose values get risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskField {
    /// The field of the search's rows.
    pub field: String,
    /// `user`, `system` or `other`.
    pub kind: String,
    /// 0 to 100.
    pub score: u8,
}

/// A field whose values the risk comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreatField {
    /// The field of the search's rows.
    pub field: String,
    /// Splunk's kind: `ip_address`, `process_name`, `file_path`, ….
    pub kind: String,
}

impl Rba {
    /// Reads the `rba` of a detection, or what its tags say in the older way.
    pub(crate) fn read(detection: &Mapping) -> Option<Self> {
        if let Some(rba) = detection.get("rba").and_then(|rba| rba.as_mapping()) {
            return Some(Self::read_rba(rba));
        }
        Self::read_tags(detection.get("tags")?.as_mapping()?)
    }

    fn read_rba(rba: &Mapping) -> Self {
        let risk = yaml::mappings_of(rba, "risk_objects").into_iter().map(|(_, object)| RiskField {
            field: yaml::text_of(object, "field"),
            kind: yaml::text_of(object, "type"),
            score: score(yaml::number_of(object, "score")),
        });
        let threats = yaml::mappings_of(rba, "threat_objects").into_iter().map(|(_, object)| ThreatField {
            field: yaml::text_of(object, "field"),
            kind: yaml::text_of(object, "type"),
        });
        Self {
            message: yaml::text_of(rba, "message"),
            risk_objects: risk.filter(|object| !object.field.is_empty()).collect(),
            threat_objects: threats.filter(|object| !object.field.is_empty()).collect(),
        }
    }

    /// The older way: a victim is a risk object, an attacker a threat object, and all have the detection's one score.
    fn read_tags(tags: &Mapping) -> Option<Self> {
        let message = tags.get("message").and_then(yaml::text)?;
        let percent = |key: &str| yaml::number_of(tags, key).map(|read| read.min(100));
        let computed = || Some(percent("impact")? * percent("confidence")? / 100);
        let score = score(yaml::number_of(tags, "risk_score").or_else(computed));
        let mut read = Self { message, ..Self::default() };
        for (_, observable) in yaml::mappings_of(tags, "observable") {
            let field = yaml::text_of(observable, "name");
            let kind = yaml::text_of(observable, "type").to_lowercase().replace(' ', "_");
            let roles = yaml::texts_of(observable, "role");
            let has = |role: &str| roles.iter().any(|r| r.eq_ignore_ascii_case(role));
            if field.is_empty() {
                continue;
            }
            if has("victim") {
                let kind = match kind.as_str() {
                    "user" | "user_name" | "email_address" => "user",
                    "hostname" | "endpoint" | "device" | "ip_address" | "system" => "system",
                    _ => "other",
                };
                read.risk_objects.push(RiskField { field, kind: kind.to_owned(), score });
            } else if has("attacker") || !roles.is_empty() {
                let kind = if kind == "process" { "process_name".to_owned() } else { kind };
                read.threat_objects.push(ThreatField { field, kind });
            }
        }
        Some(read)
    }

    /// The highest score of its risk objects.
    pub fn score(&self) -> u8 {
        self.risk_objects.iter().map(|object| object.score).max().unwrap_or_default()
    }

    /// The fields that the message names as `$field$`, in order, each once.
    pub fn message_fields(&self) -> Vec<&str> {
        template_fields(&self.message)
    }
}

fn score(read: Option<u64>) -> u8 {
    u8::try_from(read.unwrap_or_default().min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read() {
        let new = "rba:\n  message: $user$ did\n  risk_objects:\n  - {field: user, type: user, score: 70}\n  - {field: dest, \
                   type: system, score: 700}\n  threat_objects:\n  - {field: src, type: ip_address}\n";
        let rba = Rba::read(&yaml::parse(new).expect("valid YAML")).expect("it has one");
        assert_eq!(rba.score(), 100);
        assert_eq!(rba.threat_objects[0].kind, "ip_address");
        let old = "tags:\n  message: $user$ did\n  impact: 70\n  confidence: 80\n  observable:\n  - {name: user, type: User, \
                   role: [Victim]}\n  - {name: src, type: IP Address, role: [Attacker]}\n  - {name: p, type: Process, role: \
                   [Child Process]}\n";
        let rba = Rba::read(&yaml::parse(old).expect("valid YAML")).expect("it has one");
        assert_eq!(rba.risk_objects, [RiskField { field: "user".into(), kind: "user".into(), score: 56 }]);
        assert_eq!(
            rba.threat_objects.iter().map(|t| t.kind.as_str()).collect::<Vec<_>>(),
            ["ip_address", "process_name"]
        );
        assert_eq!(Rba::read(&yaml::parse("name: a\n").expect("valid YAML")), None);
    }
}
