//! Risk per entity, as in risk-based alerting: the scores of all findings about a user or host are summed.
//!
//! A finding adds the score of each of its risk objects to the entity that the object names. Each finding counts, even if
//! the same detection has already fired for the same entity: a finding stands for all similar events of its window, so a
//! second one is new information. Silenced findings add nothing and create no entity. Entities are identified by the
//! exact type and name of the risk objects.

use std::collections::{BTreeSet, HashMap};

use dogwatch_content::{Finding, rfc3339};
use serde::{Serialize, Serializer};

use crate::attack::{Tactic, tactics};

/// An entity and its accumulated risk. Its JSON is its serde serialization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntityRisk {
    /// The sum of the scores. It has no upper bound of its own.
    pub risk: u32,
    /// `user`, `system` or `other`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub value: String,
    /// How many findings name it.
    pub findings: u64,
    /// The highest single score, 0 to 100.
    pub highest: u8,
    /// The names of their detections, each once, sorted.
    pub detections: Vec<String>,
    /// The names of the ATT&CK tactics that the techniques serve, where known, in the order of the matrix.
    pub tactics: Vec<String>,
    /// The numbers of the ATT&CK techniques that the detections are about, sorted.
    pub techniques: Vec<String>,
    /// When the first event of its findings happened, microseconds since 1970 UTC.
    #[serde(rename = "first_time", serialize_with = "time", skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// When the last one happened.
    #[serde(rename = "last_time", serialize_with = "time", skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
}

fn time<S: Serializer>(time: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(rfc3339).serialize(serializer)
}

/// The running totals of an entity.
#[derive(Default)]
struct Sum {
    risk: u32,
    findings: u64,
    /// The number of the last finding counted, since several risk objects of one finding can name the same entity.
    counted: u64,
    detections: BTreeSet<String>,
    tactics: BTreeSet<Tactic>,
    techniques: BTreeSet<String>,
    first: Option<i64>,
    last: Option<i64>,
    highest: u8,
}

impl Sum {
    fn add(&mut self, number: u64, finding: &Finding, score: u8) {
        self.risk = self.risk.saturating_add(score.into());
        self.highest = self.highest.max(score);
        if self.counted == number {
            return;
        }
        self.counted = number;
        self.findings += 1;
        insert(&mut self.detections, &finding.detection.name);
        for technique in &finding.detection.tags.mitre_attack_id {
            insert(&mut self.techniques, technique);
            self.tactics.extend(tactics(technique));
        }
        let times = [finding.time, finding.last_time];
        self.first = times.into_iter().chain([self.first]).flatten().min();
        self.last = times.into_iter().chain([self.last]).flatten().max();
    }

    fn entity(self, kind: String, value: String) -> EntityRisk {
        EntityRisk {
            risk: self.risk,
            kind,
            value,
            findings: self.findings,
            highest: self.highest,
            detections: self.detections.into_iter().collect(),
            tactics: self.tactics.into_iter().map(|tactic| tactic.name.to_owned()).collect(),
            techniques: self.techniques.into_iter().collect(),
            first: self.first,
            last: self.last,
        }
    }
}

fn insert(texts: &mut BTreeSet<String>, text: &str) {
    if !texts.contains(text) {
        texts.insert(text.to_owned());
    }
}

/// Accumulates the entities of a stream of findings.
#[derive(Default)]
pub struct Entities {
    /// By kind and name.
    sums: HashMap<(String, String), Sum>,
    findings: u64,
}

impl Entities {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        if finding.suppressed_by.is_some() {
            return;
        }
        self.findings += 1;
        for object in &finding.risk_objects {
            let entity = self.sums.entry((object.kind.clone(), object.value.clone())).or_default();
            entity.add(self.findings, finding, object.score);
        }
    }

    /// The risk of each entity that the findings name, highest first; entities of equal risk are sorted by type and name.
    pub fn finish(self) -> Vec<EntityRisk> {
        let mut entities: Vec<EntityRisk> =
            self.sums.into_iter().map(|((kind, value), sum)| sum.entity(kind, value)).collect();
        entities.sort_by(|a, b| b.risk.cmp(&a.risk).then_with(|| (&a.kind, &a.value).cmp(&(&b.kind, &b.value))));
        entities
    }
}

#[cfg(test)]
mod tests {
    use crate::finding_testing::{by_entity, finding, findings, risk_object, silenced};

    #[test]
    fn scores_add_up_and_the_highest_risk_comes_first() {
        let entities = by_entity(&findings());
        let risks: Vec<(&str, u32)> = entities.iter().map(|entity| (entity.value.as_str(), entity.risk)).collect();
        assert_eq!(risks, [("alice", 115), ("node-1", 40), ("node-2", 35)]);
        assert!(entities.iter().all(|entity| entity.kind == "user" || entity.kind == "system"));
    }

    #[test]
    fn a_finding_counts_once_per_entity_and_each_of_its_objects_adds() {
        let mut one = finding(30);
        one.risk_objects =
            vec![risk_object("user", "x", 30), risk_object("user", "x", 20), risk_object("other", "x", 5)];
        let entities = by_entity(&[one.clone(), one]);
        assert_eq!((entities[0].risk, entities[0].findings, entities[0].highest), (100, 2, 30));
        assert_eq!((entities[1].kind.as_str(), entities[1].risk, entities[1].findings), ("other", 10, 2));
        assert_eq!(entities[0].detections.len(), 1);
        assert_eq!(entities[0].tactics, ["Credential Access"]);
        assert_eq!(entities[0].techniques, ["T1552", "T1552.007"]);
    }

    #[test]
    fn what_is_silenced_adds_nothing() {
        assert_eq!(by_entity(&[silenced()]), []);
    }

    #[test]
    fn first_and_last_span_all_findings_and_a_missing_time_is_none() {
        let (mut early, mut late, mut never) = (finding(1), finding(1), finding(1));
        (early.time, early.last_time) = (Some(5), Some(9));
        (late.time, late.last_time) = (Some(7), None);
        (never.time, never.last_time) = (None, None);
        let entity = &by_entity(&[late, early, never.clone()])[0];
        assert_eq!((entity.first, entity.last), (Some(5), Some(9)));
        assert_eq!((by_entity(&[never])[0].first), None);
    }
}
