//! Names of findings that stay the same from run to run: the key says which finding it is, the revision in which state.
//!
//! A search that groups its rows has one finding for each group, and the window of time is one of the grouping's columns
//! where the search puts times into windows (`bin span=1h _time AS window | stats … BY window, user`). Such a finding grows as
//! events arrive: its key stays, its revision changes. So a log read whole and the same log read in parts that end
//! where windows end give the same keys. A finding of a search without groups is known by its events.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// Which finding it is, written as a UUID (RFC 9562, version 8).
///
/// A hash of the detection's id and the values of the columns by which the search groups last. What the detection says
/// about risk, its message, the path of the log and the masking of secrets do not change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingKey(String);

/// In which state a finding is: 16 hexadecimal digits, a hash of the ids of its events in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(String);

impl FindingKey {
    /// The key of a row that stands for a group. `group` are the values of the grouping's columns, in an encoding in which
    /// different values never look alike.
    pub fn of_group(detection_id: &str, group: &[u8]) -> Self {
        let mut hash = Hash::default();
        hash.put("group");
        hash.put(detection_id);
        hash.put_bytes(group);
        Self(hash.uuid())
    }

    /// The key of a row without a group: of the detection's id, the first time, who and where, and the ids of the events. A
    /// finding without event ids is distinguished by all fields of its row.
    pub fn of_events(finding: &Finding) -> Self {
        let mut hash = Hash::default();
        hash.put(&finding.detection.id);
        hash.put(&finding.time.map(|time| time.to_string()).unwrap_or_default());
        hash.put(finding.who.as_deref().unwrap_or_default());
        hash.put(finding.place.as_deref().unwrap_or_default());
        hash.put_events(finding);
        Self(hash.uuid())
    }

    /// The UUID's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Revision {
    /// The revision of a finding: of the ids of its events, or of all fields of its row where it has none.
    pub fn of(finding: &Finding) -> Self {
        let mut hash = Hash::default();
        hash.put_events(finding);
        let mut hex = hash.hex();
        hex.truncate(16);
        Self(hex)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A hash of texts, each with its length in front: `ab`, `c` must not be `a`, `bc`.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn put(&mut self, text: &str) {
        self.put_bytes(text.as_bytes());
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn put_events(&mut self, finding: &Finding) {
        let mut events: Vec<&str> = finding.events.iter().map(|event| event.event_id.as_str()).collect();
        events.sort_unstable();
        events.dedup();
        events.iter().for_each(|event| self.put(event));
        if events.is_empty() {
            for (name, values) in &finding.fields {
                self.put(name);
                values.iter().for_each(|value| self.put(value));
            }
        }
    }

    fn hex(self) -> String {
        hex(&self.0.finalize()[..16])
    }

    fn uuid(self) -> String {
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(self.0.finalize().iter()).for_each(|(byte, hashed)| *byte = *hashed);
        bytes[6] = 0x80 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        let hex = hex(&bytes);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::detection::Detection;
    use crate::finding::EvidenceEvent;

    fn finding() -> Finding {
        let detection = "name: A\nid: 2a1d7c0e-5c5e-4c1b-9a51-0f2d3b4c5d6e\nsearch: a\n";
        let detection = Detection::parse(Path::new("a.yml"), detection.into()).unwrap();
        let event = |id: &str| EvidenceEvent { event_id: id.into(), ..EvidenceEvent::default() };
        Finding {
            detection: Arc::new(detection),
            key: FindingKey::default(),
            revision: Revision::default(),
            time: Some(1_795_449_778_850_211),
            last_time: None,
            risk_score: 80,
            message: "alice read secrets".into(),
            risk_objects: vec![],
            threat_objects: vec![],
            who: Some("alice".into()),
            place: Some("node-1".into()),
            activity: vec![],
            count: 2,
            events: vec![event("1795401382.124:2250"), event("1795401390.001:2260")],
            fields: vec![("user".into(), vec!["alice".into()]), ("dest".into(), vec!["node-1".into()])],
            suppressed_by: None,
        }
    }

    #[test]
    fn a_key_of_events_is_a_uuid_and_stays() {
        let first = FindingKey::of_events(&finding());
        assert_eq!(first.as_str(), "1d2a03ca-dc22-84e1-9a5e-259dd70027f1");
        let parts: Vec<usize> = first.as_str().split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        let mut other = Finding { message: "said otherwise".into(), risk_score: 10, ..finding() };
        other.events.reverse();
        other.events.iter_mut().for_each(|event| event.source = Some("moved.log".into()));
        assert_eq!(FindingKey::of_events(&other), first, "neither the message nor the place of the log is part of it");
    }

    #[test]
    fn what_distinguishes_findings_is_part_of_a_key_of_events() {
        let mut all = vec![finding()];
        let mut change = |change: &dyn Fn(&mut Finding)| {
            let mut other = finding();
            change(&mut other);
            all.push(other);
        };
        change(&|other| other.time = Some(1));
        change(&|other| other.place = None);
        change(&|other| other.events.truncate(1));
        change(&|other| other.events.clear());
        change(&|other| {
            other.events.clear();
            other.fields.truncate(1);
        });
        let keys: std::collections::HashSet<FindingKey> = all.iter().map(FindingKey::of_events).collect();
        assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn a_key_of_a_group_depends_on_detection_and_values_alone() {
        let key = FindingKey::of_group("id", b"alice");
        assert_eq!(key, FindingKey::of_group("id", b"alice"));
        for other in [FindingKey::of_group("i", b"dalice"), FindingKey::of_group("id", b"bob")] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn a_revision_is_of_the_events_in_any_order_and_each_once() {
        let first = Revision::of(&finding());
        assert_eq!(first.as_str().len(), 16);
        let mut same = finding();
        same.events.reverse();
        same.events.push(same.events[0].clone());
        assert_eq!(Revision::of(&same), first);
        let mut grown = finding();
        grown.events.push(EvidenceEvent { event_id: "1795401391.000:2261".into(), ..EvidenceEvent::default() });
        assert_ne!(Revision::of(&grown), first);
        let without = |user: &str| {
            let fields = vec![("user".into(), vec![user.into()])];
            Revision::of(&Finding { events: vec![], fields, ..finding() })
        };
        assert_ne!(without("alice"), without("bob"));
    }
}
