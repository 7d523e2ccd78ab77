//! Names and tactics of the MITRE ATT&CK techniques that detections on container APIs refer to by number.
//!
//! A detection has only numbers (`T1552.007`). Formats for other tools need the names as well, and risk per entity needs
//! the tactics. This is not a copy of the matrix: a technique that is not listed keeps its number and has no name and no
//! tactic. Names are those of the Enterprise matrix at <https://attack.mitre.org>; they rarely change, and tools should
//! match on the numbers, which never change.

/// A tactic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tactic {
    /// Its number, `TA0006`.
    pub uid: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A technique or a sub-technique.
#[derive(Debug)]
pub(crate) struct Technique {
    uid: &'static str,
    /// Its name; for a sub-technique without the name of its technique.
    pub name: &'static str,
    /// The tactics that it serves. A sub-technique serves those of its technique.
    tactics: &'static [Tactic],
}

const INITIAL_ACCESS: Tactic = Tactic { uid: "TA0001", name: "Initial Access" };
const EXECUTION: Tactic = Tactic { uid: "TA0002", name: "Execution" };
const PERSISTENCE: Tactic = Tactic { uid: "TA0003", name: "Persistence" };
const PRIVILEGE_ESCALATION: Tactic = Tactic { uid: "TA0004", name: "Privilege Escalation" };
const DEFENSE_EVASION: Tactic = Tactic { uid: "TA0005", name: "Defense Evasion" };
const CREDENTIAL_ACCESS: Tactic = Tactic { uid: "TA0006", name: "Credential Access" };
const DISCOVERY: Tactic = Tactic { uid: "TA0007", name: "Discovery" };
const LATERAL_MOVEMENT: Tactic = Tactic { uid: "TA0008", name: "Lateral Movement" };

const fn known(uid: &'static str, name: &'static str, tactics: &'static [Tactic]) -> Technique {
    Technique { uid, name, tactics }
}

/// Sorted by number.
const TECHNIQUES: &[Technique] = &[
    known("T1036", "Masquerading", &[DEFENSE_EVASION]),
    known("T1046", "Network Service Discovery", &[DISCOVERY]),
    known("T1059", "Command and Scripting Interpreter", &[EXECUTION]),
    known("T1059.004", "Unix Shell", &[EXECUTION]),
    known("T1078", "Valid Accounts", &[INITIAL_ACCESS, PERSISTENCE, PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    known("T1078.004", "Cloud Accounts", &[INITIAL_ACCESS, PERSISTENCE, PRIVILEGE_ESCALATION, DEFENSE_EVASION]),
    known("T1098", "Account Manipulation", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    known("T1098.006", "Additional Container Cluster Roles", &[PERSISTENCE, PRIVILEGE_ESCALATION]),
    known("T1133", "External Remote Services", &[INITIAL_ACCESS, PERSISTENCE]),
    known("T1190", "Exploit Public-Facing Application", &[INITIAL_ACCESS]),
    known("T1528", "Steal Application Access Token", &[CREDENTIAL_ACCESS]),
    known("T1550", "Use Alternate Authentication Material", &[DEFENSE_EVASION, LATERAL_MOVEMENT]),
    known("T1550.001", "Application Access Token", &[DEFENSE_EVASION, LATERAL_MOVEMENT]),
    known("T1552", "Unsecured Credentials", &[CREDENTIAL_ACCESS]),
    known("T1552.001", "Credentials In Files", &[CREDENTIAL_ACCESS]),
    known("T1552.004", "Private Keys", &[CREDENTIAL_ACCESS]),
    known("T1552.005", "Cloud Instance Metadata API", &[CREDENTIAL_ACCESS]),
    known("T1552.007", "Container API", &[CREDENTIAL_ACCESS]),
    known("T1555", "Credentials from Password Stores", &[CREDENTIAL_ACCESS]),
    known("T1609", "Container Administration Command", &[EXECUTION]),
    known("T1610", "Deploy Container", &[EXECUTION, DEFENSE_EVASION]),
    known("T1611", "Escape to Host", &[PRIVILEGE_ESCALATION]),
    known("T1613", "Container and Resource Discovery", &[DISCOVERY]),
];

/// Looks up a technique or sub-technique.
pub(crate) fn technique(uid: &str) -> Option<&'static Technique> {
    TECHNIQUES.binary_search_by_key(&uid, |known| known.uid).ok().map(|at| &TECHNIQUES[at])
}

/// The number of the technique that a sub-technique belongs to: `T1552` of `T1552.007`.
pub(crate) fn parent(uid: &str) -> Option<&str> {
    uid.split_once('.').map(|(parent, _)| parent)
}

/// The tactics of a technique, or of its parent if only that is listed. Empty if neither is.
pub(crate) fn tactics(uid: &str) -> &'static [Tactic] {
    technique(uid).or_else(|| technique(parent(uid)?)).map_or(&[], |known| known.tactics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_sub_technique_has_its_technique() {
        assert!(TECHNIQUES.is_sorted_by_key(|known| known.uid));
        for known in TECHNIQUES {
            assert!(!known.tactics.is_empty() && known.tactics.is_sorted(), "{}", known.uid);
            if let Some(parent) = parent(known.uid) {
                assert_eq!(tactics(parent), known.tactics, "{}", known.uid);
            }
        }
    }

    #[test]
    fn unknown_ones_have_what_their_technique_has_or_nothing() {
        assert_eq!(tactics("T1552.099"), [CREDENTIAL_ACCESS]);
        assert!(technique("T1552.099").is_none());
        assert_eq!(tactics("T9999"), []);
        assert_eq!(tactics(""), []);
        assert_eq!(parent("T1552"), None);
    }
}
