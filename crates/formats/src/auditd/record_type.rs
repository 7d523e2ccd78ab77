//! Record types: the numbers and names of the kernel's and auditd's message types, and the few that matter for
//! joining.
//!
//! A log can have a type by name (`SYSCALL`), by number (`1300`, from the kernel log) or as `UNKNOWN[1327]` (an
//! auditd older than its kernel). A row always has the name. Numbers are from `linux/audit.h` and auditd's
//! `audit-records.h`. Numbers without a name here stay as ausearch prints them: `UNKNOWN[2999]`.

use std::borrow::Cow;

/// What a record is for its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Syscall,
    Execve,
    Cwd,
    Path,
    Sockaddr,
    Other,
}

impl Kind {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 6] = [Self::Syscall, Self::Execve, Self::Cwd, Self::Path, Self::Sockaddr, Self::Other];

    pub(super) fn of(text: &[u8]) -> Self {
        match text {
            b"SYSCALL" => Self::Syscall,
            b"EXECVE" => Self::Execve,
            b"CWD" => Self::Cwd,
            b"PATH" => Self::Path,
            b"SOCKADDR" => Self::Sockaddr,
            _ => match number(text) {
                Some(1300) => Self::Syscall,
                Some(1302) => Self::Path,
                Some(1306) => Self::Sockaddr,
                Some(1307) => Self::Cwd,
                Some(1309) => Self::Execve,
                _ => Self::Other,
            },
        }
    }
}

/// The name of the type that stands in the log as `text`.
pub(super) fn name(text: &[u8]) -> Cow<'_, str> {
    match number(text) {
        None => String::from_utf8_lossy(text),
        Some(number) => match NAMES.binary_search_by_key(&number, |(n, _)| *n) {
            Ok(at) => Cow::Borrowed(NAMES[at].1),
            Err(_) => Cow::Owned(format!("UNKNOWN[{number}]")),
        },
    }
}

/// The numbers whose names satisfy `wanted`.
pub(super) fn numbers(wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = u32> {
    NAMES.iter().filter(move |(_, name)| wanted(name)).map(|(number, _)| *number)
}

/// Whether a type is of user space (its numbers are those of `linux/audit.h`): such a record is an event of its own.
pub(super) fn is_of_user_space(text: &[u8]) -> bool {
    let of_name = || NAMES.iter().find(|(_, name)| name.as_bytes() == text).map(|(number, _)| *number);
    matches!(number(text).or_else(of_name), Some(1100..=1299 | 2100..=2999))
}

fn number(text: &[u8]) -> Option<u32> {
    let first = *text.first()?;
    let digits = match first {
        b'0'..=b'9' => text,
        b'U' => text.strip_prefix(b"UNKNOWN[")?.strip_suffix(b"]")?,
        _ => return None,
    };
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const NAMES: &[(u32, &str)] = &[
    (1006, "LOGIN"),
    (1100, "USER_AUTH"),
    (1101, "USER_ACCT"),
    (1102, "USER_MGMT"),
    (1103, "CRED_ACQ"),
    (1104, "CRED_DISP"),
    (1105, "USER_START"),
    (1106, "USER_END"),
    (1107, "USER_AVC"),
    (1108, "USER_CHAUTHTOK"),
    (1109, "USER_ERR"),
    (1110, "CRED_REFR"),
    (1111, "USYS_CONFIG"),
    (1112, "USER_LOGIN"),
    (1113, "USER_LOGOUT"),
    (1114, "ADD_USER"),
    (1115, "DEL_USER"),
    (1116, "ADD_GROUP"),
    (1117, "DEL_GROUP"),
    (1118, "DAC_CHECK"),
    (1119, "CHGRP_ID"),
    (1120, "TEST"),
    (1121, "TRUSTED_APP"),
    (1122, "USER_SELINUX_ERR"),
    (1123, "USER_CMD"),
    (1124, "USER_TTY"),
    (1125, "CHUSER_ID"),
    (1126, "GRP_AUTH"),
    (1127, "SYSTEM_BOOT"),
    (1128, "SYSTEM_SHUTDOWN"),
    (1129, "SYSTEM_RUNLEVEL"),
    (1130, "SERVICE_START"),
    (1131, "SERVICE_STOP"),
    (1132, "GRP_MGMT"),
    (1133, "GRP_CHAUTHTOK"),
    (1134, "MAC_CHECK"),
    (1135, "ACCT_LOCK"),
    (1136, "ACCT_UNLOCK"),
    (1137, "USER_DEVICE"),
    (1138, "SOFTWARE_UPDATE"),
    (1200, "DAEMON_START"),
    (1201, "DAEMON_END"),
    (1202, "DAEMON_ABORT"),
    (1203, "DAEMON_CONFIG"),
    (1204, "DAEMON_RECONFIG"),
    (1205, "DAEMON_ROTATE"),
    (1206, "DAEMON_RESUME"),
    (1207, "DAEMON_ACCEPT"),
    (1208, "DAEMON_CLOSE"),
    (1209, "DAEMON_ERR"),
    (1300, "SYSCALL"),
    (1302, "PATH"),
    (1303, "IPC"),
    (1304, "SOCKETCALL"),
    (1305, "CONFIG_CHANGE"),
    (1306, "SOCKADDR"),
    (1307, "CWD"),
    (1309, "EXECVE"),
    (1311, "IPC_SET_PERM"),
    (1312, "MQ_OPEN"),
    (1313, "MQ_SENDRECV"),
    (1314, "MQ_NOTIFY"),
    (1315, "MQ_GETSETATTR"),
    (1316, "KERNEL_OTHER"),
    (1317, "FD_PAIR"),
    (1318, "OBJ_PID"),
    (1319, "TTY"),
    (1320, "EOE"),
    (1321, "BPRM_FCAPS"),
    (1322, "CAPSET"),
    (1323, "MMAP"),
    (1324, "NETFILTER_PKT"),
    (1325, "NETFILTER_CFG"),
    (1326, "SECCOMP"),
    (1327, "PROCTITLE"),
    (1328, "FEATURE_CHANGE"),
    (1329, "REPLACE"),
    (1330, "KERN_MODULE"),
    (1331, "FANOTIFY"),
    (1332, "TIME_INJOFFSET"),
    (1333, "TIME_ADJNTPVAL"),
    (1334, "BPF"),
    (1335, "EVENT_LISTENER"),
    (1336, "URINGOP"),
    (1337, "OPENAT2"),
    (1338, "DM_CTRL"),
    (1339, "DM_EVENT"),
    (1400, "AVC"),
    (1401, "SELINUX_ERR"),
    (1402, "AVC_PATH"),
    (1403, "MAC_POLICY_LOAD"),
    (1404, "MAC_STATUS"),
    (1405, "MAC_CONFIG_CHANGE"),
    (1406, "MAC_UNLBL_ALLOW"),
    (1407, "MAC_CIPSOV4_ADD"),
    (1408, "MAC_CIPSOV4_DEL"),
    (1409, "MAC_MAP_ADD"),
    (1410, "MAC_MAP_DEL"),
    (1415, "MAC_IPSEC_EVENT"),
    (1416, "MAC_UNLBL_STCADD"),
    (1417, "MAC_UNLBL_STCDEL"),
    (1418, "MAC_CALIPSO_ADD"),
    (1419, "MAC_CALIPSO_DEL"),
    (1700, "ANOM_PROMISCUOUS"),
    (1701, "ANOM_ABEND"),
    (1702, "ANOM_LINK"),
    (1703, "ANOM_CREAT"),
    (1800, "INTEGRITY_DATA"),
    (1801, "INTEGRITY_METADATA"),
    (1802, "INTEGRITY_STATUS"),
    (1803, "INTEGRITY_HASH"),
    (1804, "INTEGRITY_PCR"),
    (1805, "INTEGRITY_RULE"),
    (1806, "INTEGRITY_EVM_XATTR"),
    (1807, "INTEGRITY_POLICY_RULE"),
    (2000, "KERNEL"),
    (2100, "ANOM_LOGIN_FAILURES"),
    (2101, "ANOM_LOGIN_TIME"),
    (2102, "ANOM_LOGIN_SESSIONS"),
    (2103, "ANOM_LOGIN_ACCT"),
    (2104, "ANOM_LOGIN_LOCATION"),
    (2105, "ANOM_MAX_DAC"),
    (2106, "ANOM_MAX_MAC"),
    (2107, "ANOM_AMTU_FAIL"),
    (2108, "ANOM_RBAC_FAIL"),
    (2109, "ANOM_RBAC_INTEGRITY_FAIL"),
    (2110, "ANOM_CRYPTO_FAIL"),
    (2111, "ANOM_ACCESS_FS"),
    (2112, "ANOM_EXEC"),
    (2113, "ANOM_MK_EXEC"),
    (2114, "ANOM_ADD_ACCT"),
    (2115, "ANOM_DEL_ACCT"),
    (2116, "ANOM_MOD_ACCT"),
    (2117, "ANOM_ROOT_TRANS"),
    (2118, "ANOM_LOGIN_SERVICE"),
    (2300, "USER_ROLE_CHANGE"),
    (2301, "ROLE_ASSIGN"),
    (2302, "ROLE_REMOVE"),
    (2303, "LABEL_OVERRIDE"),
    (2304, "LABEL_LEVEL_CHANGE"),
    (2305, "USER_LABELED_EXPORT"),
    (2306, "USER_UNLABELED_EXPORT"),
    (2307, "DEV_ALLOC"),
    (2308, "DEV_DEALLOC"),
    (2309, "FS_RELABEL"),
    (2310, "USER_MAC_POLICY_LOAD"),
    (2311, "ROLE_MODIFY"),
    (2312, "USER_MAC_CONFIG_CHANGE"),
    (2313, "USER_MAC_STATUS"),
    (2400, "CRYPTO_TEST_USER"),
    (2401, "CRYPTO_PARAM_CHANGE_USER"),
    (2402, "CRYPTO_LOGIN"),
    (2403, "CRYPTO_LOGOUT"),
    (2404, "CRYPTO_KEY_USER"),
    (2405, "CRYPTO_FAILURE_USER"),
    (2406, "CRYPTO_REPLAY_USER"),
    (2407, "CRYPTO_SESSION"),
    (2408, "CRYPTO_IKE_SA"),
    (2409, "CRYPTO_IPSEC_SA"),
    (2500, "VIRT_CONTROL"),
    (2501, "VIRT_RESOURCE"),
    (2502, "VIRT_MACHINE_ID"),
    (2503, "VIRT_INTEGRITY_CHECK"),
    (2504, "VIRT_CREATE"),
    (2505, "VIRT_DESTROY"),
    (2506, "VIRT_MIGRATE_IN"),
    (2507, "VIRT_MIGRATE_OUT"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_number() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_type_is_named_however_it_is_written() {
        let cases: &[(&str, &str, Kind)] = &[
            ("SYSCALL", "SYSCALL", Kind::Syscall),
            ("1300", "SYSCALL", Kind::Syscall),
            ("UNKNOWN[1309]", "EXECVE", Kind::Execve),
            ("UNKNOWN[1327]", "PROCTITLE", Kind::Other),
            ("1307", "CWD", Kind::Cwd),
            ("2999", "UNKNOWN[2999]", Kind::Other),
            ("UNKNOWN[2999]", "UNKNOWN[2999]", Kind::Other),
            ("UNKNOWN[x]", "UNKNOWN[x]", Kind::Other),
            ("USER_CMD", "USER_CMD", Kind::Other),
        ];
        for (text, expected, kind) in cases {
            assert_eq!(name(text.as_bytes()), *expected);
            assert_eq!(Kind::of(text.as_bytes()), *kind, "{text}");
        }
    }
}
