//! Ground truth of a test's log: the `.truth.tsv` beside it lists the events that an attacker caused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The ids of the events that a search is expected to find, from the file beside the log: auditd's serial numbers, or
/// Kubernetes' audit ids.
#[derive(Debug, Default)]
pub(super) struct Expected(BTreeSet<String>);

/// The ground truth of some logs; none if no log has such a file beside it.
pub(super) fn expected(logs: &[PathBuf]) -> Expected {
    let tables = logs.iter().filter_map(|log| std::fs::read_to_string(beside(log)).ok());
    Expected(tables.flat_map(|table| ids(&table)).collect())
}

fn beside(log: &Path) -> PathBuf {
    log.with_extension("truth.tsv")
}

fn ids(table: &str) -> Vec<String> {
    let first = table.lines().filter_map(|line| line.split('\t').next());
    first.flat_map(|ids| ids.split(',').map(|id| id.trim().to_owned())).filter(|id| !id.is_empty()).collect()
}

impl Expected {
    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an event is one of them. auditd's event ids end in the serial number.
    pub(super) fn contains(&self, event_id: &str) -> bool {
        let serial = event_id.rsplit(':').next().unwrap_or(event_id);
        self.0.contains(event_id) || self.0.contains(serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_and_audit_ids_are_known_again() {
        let expected = Expected(ids("17,18\t-\tread\na-b\talice\tlist\n").into_iter().collect());
        assert!(expected.contains("1795401382.124:18") && expected.contains("a-b"));
        assert!(!expected.contains("1795401382.124:19") && !expected.is_empty());
        assert_eq!(beside(Path::new("x/a.log")), Path::new("x/a.truth.tsv"));
    }
}
