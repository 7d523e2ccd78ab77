//! What a finding is called where a name has to stay the same from run to run, and where the page on its detection is.

use dogwatch_content::Detection;
use dogwatch_content::Finding;
use sha2::{Digest, Sha256};

/// A name that the same finding has in every run over the same events, written as a UUID (RFC 9562, version 8).
///
/// It is a hash of the detection's id, the first time, who and where, and the ids of the events, in any order. A
/// finding without event ids is told from others by all fields of its row. What a detection says about risk, its
/// message and the path of a log do not change it.
pub(crate) fn uid(finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let mut put = |text: &str| {
        // The length in front keeps `ab`, `c` from being `a`, `bc`.
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    put(&finding.detection.id);
    put(&finding.time.map(|time| time.to_string()).unwrap_or_default());
    put(finding.who.as_deref().unwrap_or_default());
    put(finding.place.as_deref().unwrap_or_default());
    let mut events: Vec<&str> = finding.events.iter().map(|event| event.event_id.as_str()).collect();
    events.sort_unstable();
    events.dedup();
    events.iter().for_each(|event| put(event));
    if events.is_empty() {
        for (name, values) in &finding.fields {
            put(name);
            values.iter().for_each(|value| put(value));
        }
    }
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, hashed)| *byte = *hashed);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The page on a detection that a responder follows, from the root of the repository.
pub fn detection_page(detection: &Detection) -> String {
    format!("docs/detections/{}.md", detection.snake_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding_testing::{finding, findings};

    #[test]
    fn a_uid_is_a_uuid_and_stays() {
        let first = uid(&finding(80));
        assert_eq!(first, "1d2a03ca-dc22-84e1-9a5e-259dd70027f1");
        let parts: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        let mut other = finding(10);
        other.message = "said otherwise".into();
        other.events.reverse();
        other.events.iter_mut().for_each(|event| event.source = Some("moved.log".into()));
        assert_eq!(uid(&other), first, "neither the message nor the place of the log is part of it");
    }

    #[test]
    fn what_tells_findings_apart_is_part_of_the_uid() {
        let mut all: Vec<Finding> = findings();
        let mut change = |change: &dyn Fn(&mut Finding)| {
            let mut other = finding(80);
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
        let uids: std::collections::HashSet<String> = all.iter().map(uid).collect();
        assert_eq!(uids.len(), all.len());
    }

    #[test]
    fn a_page_is_named_for_its_detection() {
        assert_eq!(detection_page(&finding(80).detection), "docs/detections/kubectl_reads_secrets.md");
    }
}
