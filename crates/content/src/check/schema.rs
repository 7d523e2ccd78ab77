//! The keys of each kind of file, as data: which there are, which are needed, what they hold.
//!
//! Taken from the models of contentctl 5.6 (`contentctl/objects`), which refuse keys that they do not know.

use jiff::civil::Date;

use crate::lookup::{Lookup, LookupKind};

/// The keys of a mapping.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What has these keys, with its article.
    pub(crate) what: &'static str,
    pub(crate) keys: &'static [Key],
}

/// A key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// What a key holds.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Whatever.
    Anything,
    /// Text of a length in characters.
    Text { from: usize, to: usize },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text of a form.
    Written(Form),
    /// A whole number.
    Number { from: u64, to: u64 },
    /// True or false.
    Truth,
    /// A list.
    List { of: &'static Kind, at_least: usize },
    /// Keys of its own.
    Keys(&'static Shape),
}

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Cve,
    Date,
    MatchType,
    Mitre,
    Period,
    Url,
    Uuid,
}

impl Kind {
    /// What to write.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Anything => "a value".to_owned(),
            Self::Text { .. } => "text".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Written(form) => form.described().to_owned(),
            Self::Number { from, to: u64::MAX } => format!("a whole number from {from} on"),
            Self::Number { from, to } => format!("a whole number from {from} to {to}"),
            Self::Truth => "true or false".to_owned(),
            Self::List { of, .. } => format!("a list, each entry on a line of its own behind `- `: {}", of.described()),
            Self::Keys(shape) => {
                let needed: Vec<&str> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
                format!("the keys {} below it", needed.join(", "))
            }
        }
    }
}

impl Form {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cve => "vulnerability's number",
            Self::Date => "date",
            Self::MatchType => "match type",
            Self::Mitre => "MITRE ATT&CK technique",
            Self::Period => "period",
            Self::Url => "web address",
            Self::Uuid => "UUID",
        }
    }

    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Cve => "`CVE-2024-12345`",
            Self::Date => "a day as year-month-day, such as '2026-11-25'",
            Self::MatchType => "`WILDCARD(field)` or `CIDR(field)`; a field that is not listed is compared as it is",
            Self::Mitre => "a technique as `T1552` or `T1552.007`",
            Self::Period => "a number of seconds, minutes or hours, such as `3600s`, `60m` or `1h`",
            Self::Url => "an address that starts with `https://`",
            Self::Uuid => "a fresh UUID, as `uuidgen` prints it",
        }
    }

    pub(crate) fn fits(self, text: &str) -> bool {
        let digits = |text: &str, length: std::ops::RangeInclusive<usize>| {
            length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        match self {
            Self::Cve => {
                text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, number)| {
                    digits(year, 4..=4) && year.starts_with(['1', '2']) && digits(number, 1..=usize::MAX)
                })
            }
            Self::Date => text.len() == 10 && text.parse::<Date>().is_ok(),
            Self::MatchType => {
                ["WILDCARD(", "CIDR("].iter().any(|kind| text.starts_with(kind))
                    && text.ends_with(')')
                    && !text.contains("()")
            }
            Self::Mitre => text.strip_prefix('T').is_some_and(|rest| match rest.split_once('.') {
                Some((technique, part)) => digits(technique, 4..=4) && digits(part, 3..=3),
                None => digits(rest, 4..=4),
            }),
            Self::Period => text.strip_suffix(['s', 'm', 'h']).is_some_and(|number| digits(number, 1..=usize::MAX)),
            Self::Url => ["https://", "http://"].iter().any(|scheme| {
                text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            }),
            Self::Uuid => {
                let parts: Vec<&str> = text.split('-').collect();
                let lengths = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]);
                lengths && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
            }
        }
    }
}

const fn needs(name: &'static str, kind: Kind) -> Key {
    Key { name, required: true, kind }
}

const fn may(name: &'static str, kind: Kind) -> Key {
    Key { name, required: false, kind }
}

const TEXT: Kind = Kind::Text { from: 0, to: usize::MAX };
const SOME_TEXT: Kind = Kind::Text { from: 1, to: usize::MAX };
/// contentctl wants a word or two here.
const WORDS: Kind = Kind::Text { from: 4, to: usize::MAX };
/// With what Enterprise Security puts around it a name has 99 characters (`CONTENTCTL_MAX_SEARCH_NAME_LENGTH`).
const SEARCH_NAME: Kind = Kind::Text { from: 1, to: 67 };
const NAME: Kind = Kind::Text { from: 1, to: 99 };
const AUTHOR: Kind = Kind::Text { from: 0, to: 255 };
const DESCRIPTION: Kind = Kind::Text { from: 0, to: 10_000 };
const DATE: Kind = Kind::Written(Form::Date);
const ID: Kind = Kind::Written(Form::Uuid);
const VERSION: Kind = Kind::Number { from: 0, to: u64::MAX };
const TEXTS: Kind = Kind::List { of: &TEXT, at_least: 0 };
const URL: Kind = Kind::Written(Form::Url);
const URLS: Kind = Kind::List { of: &URL, at_least: 0 };
const ANYTHINGS: Kind = Kind::List { of: &Kind::Anything, at_least: 0 };
const CVE: Kind = Kind::Written(Form::Cve);
const CVES: Kind = Kind::List { of: &CVE, at_least: 0 };
const MITRE: Kind = Kind::Written(Form::Mitre);
const IN_PRODUCTION: Kind = Kind::OneOf(&["production"]);
const SECURITY_DOMAINS: Kind = Kind::OneOf(&["endpoint", "network", "threat", "identity", "access", "audit"]);
const PRODUCT: Kind = Kind::OneOf(&[
    "Splunk Enterprise",
    "Splunk Enterprise Security",
    "Splunk Cloud",
    "Splunk Security Analytics for AWS",
    "Splunk Behavioral Analytics",
]);
const PRODUCTS: Kind = Kind::List { of: &PRODUCT, at_least: 1 };

/// Keys of older content, with what contentctl 5 has instead.
pub(crate) const RETIRED: &[(&str, &str)] = &[
    ("collection", "the collection of a KV store lookup is called as the lookup: remove the line"),
    ("confidence", "the score of each risk object under `rba` stands for it: remove the line"),
    ("fields_list", "write `fields`, a list that starts with `_key`"),
    ("filename", "the table is the file of the same name that ends with `.csv`: remove the line"),
    ("impact", "the score of each risk object under `rba` stands for it: remove the line"),
    ("message", "write it as `message` under `rba`"),
    ("observable", "write victims as `risk_objects` and attackers as `threat_objects` under `rba`"),
    ("required_fields", "the fields are those of the data source: remove the lines"),
    ("risk_score", "write it as the `score` of each risk object under `rba`"),
];

pub(crate) static DETECTION: Shape = Shape {
    what: "a detection",
    keys: &[
        needs("name", SEARCH_NAME),
        needs("id", ID),
        needs("version", VERSION),
        needs("date", DATE),
        needs("author", AUTHOR),
        needs("status", Kind::OneOf(&["experimental", "production", "deprecated"])),
        needs("type", Kind::OneOf(&["TTP", "Anomaly", "Hunting", "Correlation"])),
        needs("description", DESCRIPTION),
        may("data_source", TEXTS),
        needs("search", SOME_TEXT),
        needs("how_to_implement", WORDS),
        needs("known_false_positives", WORDS),
        may("references", URLS),
        may("drilldown_searches", Kind::List { of: &Kind::Keys(&DRILLDOWN), at_least: 0 }),
        may("rba", Kind::Keys(&RBA)),
        needs("tags", Kind::Keys(&DETECTION_TAGS)),
        may("tests", Kind::List { of: &Kind::Keys(&TEST), at_least: 0 }),
        may("explanation", TEXT),
        may("enabled_by_default", Kind::Truth),
        may("deployment", Kind::Anything),
    ],
};

static DRILLDOWN: Shape = Shape {
    what: "a drilldown",
    keys: &[
        needs("name", Kind::Text { from: 5, to: usize::MAX }),
        needs("search", SOME_TEXT),
        needs("earliest_offset", Kind::Anything),
        needs("latest_offset", Kind::Anything),
    ],
};

static RBA: Shape = Shape {
    what: "`rba`",
    keys: &[
        needs("message", TEXT),
        needs("risk_objects", Kind::List { of: &Kind::Keys(&RISK_OBJECT), at_least: 1 }),
        needs("threat_objects", Kind::List { of: &Kind::Keys(&THREAT_OBJECT), at_least: 0 }),
    ],
};

static RISK_OBJECT: Shape = Shape {
    what: "a risk object",
    keys: &[
        needs("field", SOME_TEXT),
        needs("type", Kind::OneOf(&["system", "user", "other"])),
        needs("score", Kind::Number { from: 1, to: 100 }),
    ],
};

static THREAT_OBJECT: Shape = Shape {
    what: "a threat object",
    keys: &[
        needs("field", SOME_TEXT),
        needs(
            "type",
            Kind::OneOf(&[
                "certificate_common_name",
                "certificate_organization",
                "certificate_serial",
                "certificate_unit",
                "command",
                "domain",
                "email_address",
                "email_subject",
                "file_hash",
                "file_name",
                "file_path",
                "http_user_agent",
                "ip_address",
                "process",
                "process_name",
                "parent_process",
                "parent_process_name",
                "process_hash",
                "registry_path",
                "registry_value_name",
                "registry_value_text",
                "service",
                "signature",
                "system",
                "tls_hash",
                "url",
            ]),
        ),
    ],
};

static DETECTION_TAGS: Shape = Shape {
    what: "the tags of a detection",
    keys: &[
        needs("analytic_story", TEXTS),
        needs("asset_type", Kind::OneOf(ASSET_TYPES)),
        may("group", TEXTS),
        may("mitre_attack_id", Kind::List { of: &MITRE, at_least: 0 }),
        may("nist", TEXTS),
        needs("product", PRODUCTS),
        may("throttling", Kind::Keys(&THROTTLING)),
        needs("security_domain", SECURITY_DOMAINS),
        may("cve", CVES),
        may("atomic_guid", Kind::List { of: &ID, at_least: 0 }),
        may("research_site_url", URL),
        may("event_schema", TEXT),
        may("mappings", ANYTHINGS),
        may("manual_test", TEXT),
    ],
};

const ASSET_TYPES: &[&str] = &[
    "AWS Account",
    "AWS EKS Kubernetes cluster",
    "AWS Federated Account",
    "AWS Instance",
    "Account",
    "Amazon EKS Kubernetes cluster",
    "Amazon EKS Kubernetes cluster Pod",
    "Amazon Elastic Container Registry",
    "Azure Tenant",
    "Azure AKS Kubernetes cluster",
    "Azure Active Directory",
    "CircleCI",
    "Cloud Compute Instance",
    "Cloud Instance",
    "DNS Servers",
    "Database Server",
    "Domain Server",
    "EC2 Snapshot",
    "Endpoint",
    "GCP",
    "GCP Account",
    "GCP GKE EKS Kubernetes cluster",
    "GCP GKE Kubernetes cluster",
    "GCP Kubernetes cluster",
    "GCP Storage Bucket",
    "GDrive",
    "GSuite",
    "GitHub",
    "Google Cloud Platform tenant",
    "Identity",
    "Infrastructure",
    "Instance",
    "Kubernetes",
    "Network",
    "O365 Tenant",
    "Okta Tenant",
    "Proxy",
    "S3 Bucket",
    "Splunk Server",
    "VPN Appliance",
    "Web Server",
    "Web Proxy",
    "Web Application",
    "Windows",
];

static THROTTLING: Shape = Shape {
    what: "throttling",
    keys: &[needs("fields", Kind::List { of: &TEXT, at_least: 1 }), needs("period", Kind::Written(Form::Period))],
};

static TEST: Shape = Shape {
    what: "a test",
    keys: &[
        needs("name", TEXT),
        needs("attack_data", Kind::List { of: &Kind::Keys(&ATTACK_DATA), at_least: 0 }),
        may("test_type", Kind::OneOf(&["unit", "integration", "manual"])),
        may("earliest_time", TEXT),
        may("latest_time", TEXT),
    ],
};

static ATTACK_DATA: Shape = Shape {
    what: "a log of a test",
    keys: &[
        needs("data", SOME_TEXT),
        needs("source", TEXT),
        needs("sourcetype", TEXT),
        may("custom_index", TEXT),
        may("host", TEXT),
    ],
};

pub(crate) static BASELINE: Shape = Shape {
    what: "a baseline",
    keys: &[
        needs("name", SEARCH_NAME),
        needs("id", ID),
        needs("version", VERSION),
        needs("date", DATE),
        needs("author", AUTHOR),
        needs("status", Kind::OneOf(&["production", "deprecated"])),
        needs("type", Kind::OneOf(&["Baseline"])),
        needs("description", DESCRIPTION),
        needs("search", WORDS),
        needs("how_to_implement", WORDS),
        needs("known_false_positives", WORDS),
        may("references", URLS),
        needs("tags", Kind::Keys(&BASELINE_TAGS)),
        may("deployment", Kind::Anything),
    ],
};

static BASELINE_TAGS: Shape = Shape {
    what: "the tags of a baseline",
    keys: &[
        needs("analytic_story", TEXTS),
        needs("detections", TEXTS),
        needs("product", PRODUCTS),
        needs("security_domain", SECURITY_DOMAINS),
    ],
};

pub(crate) static MACRO: Shape = Shape {
    what: "a macro",
    keys: &[
        needs("name", NAME),
        needs("definition", SOME_TEXT),
        needs("description", DESCRIPTION),
        may("arguments", TEXTS),
        may("id", ID),
        may("version", VERSION),
        may("date", DATE),
        may("author", AUTHOR),
        may("status", IN_PRODUCTION),
        may("references", URLS),
    ],
};

/// The shape of a lookup of its kind.
pub(crate) fn lookup(lookup: &Lookup) -> &'static Shape {
    if lookup.kind == LookupKind::KvStore { &KV_STORE } else { &TABLE }
}

macro_rules! lookup_shape {
    ($what:literal, $($more:expr),*) => {
        Shape {
            what: $what,
            keys: &[
                needs("name", NAME),
                needs("id", ID),
                needs("version", VERSION),
                needs("date", DATE),
                needs("author", AUTHOR),
                needs("description", DESCRIPTION),
                may("status", IN_PRODUCTION),
                may("references", URLS),
                needs("lookup_type", Kind::OneOf(&["csv", "kvstore", "mlmodel"])),
                may("default_match", Kind::Anything),
                may("match_type", Kind::List { of: &Kind::Written(Form::MatchType), at_least: 0 }),
                may("min_matches", VERSION),
                may("max_matches", Kind::Number { from: 1, to: 1000 }),
                may("case_sensitive_match", Kind::Truth),
                $($more),*
            ],
        }
    };
}

static TABLE: Shape = lookup_shape!("a lookup",);
static KV_STORE: Shape = lookup_shape!("a KV store lookup", needs("fields", Kind::List { of: &TEXT, at_least: 1 }));

pub(crate) static STORY: Shape = Shape {
    what: "a story",
    keys: &[
        needs("name", NAME),
        needs("id", ID),
        needs("version", VERSION),
        needs("date", DATE),
        needs("author", AUTHOR),
        needs("status", Kind::OneOf(&["production", "deprecated"])),
        needs("description", DESCRIPTION),
        needs("narrative", TEXT),
        may("references", URLS),
        needs("tags", Kind::Keys(&STORY_TAGS)),
    ],
};

static STORY_TAGS: Shape = Shape {
    what: "the tags of a story",
    keys: &[
        needs("category", Kind::List { of: &STORY_CATEGORY, at_least: 1 }),
        needs("product", PRODUCTS),
        needs(
            "usecase",
            Kind::OneOf(&[
                "Fraud Detection",
                "Compliance",
                "Application Security",
                "Security Monitoring",
                "Advanced Threat Detection",
                "Insider Threat",
                "Other",
            ]),
        ),
        may("cve", CVES),
        may("group", TEXTS),
        may("mitre_attack_tactics", TEXTS),
        may("datamodels", TEXTS),
        may("kill_chain_phases", TEXTS),
    ],
};

const STORY_CATEGORY: Kind = Kind::OneOf(&[
    "Abuse",
    "Adversary Tactics",
    "Best Practices",
    "Cloud Security",
    "Compliance",
    "Malware",
    "Uncategorized",
    "Vulnerability",
    "Account Compromise",
    "Data Destruction",
    "Lateral Movement",
    "Privilege Escalation",
    "Ransomware",
    "Unauthorized Software",
]);

pub(crate) static DATA_SOURCE: Shape = Shape {
    what: "a data source",
    keys: &[
        needs("name", NAME),
        needs("id", ID),
        needs("version", VERSION),
        needs("date", DATE),
        needs("author", AUTHOR),
        needs("description", DESCRIPTION),
        needs("source", TEXT),
        needs("sourcetype", TEXT),
        may("status", IN_PRODUCTION),
        may("references", URLS),
        may("separator", TEXT),
        may("separator_value", TEXT),
        may("configuration", TEXT),
        may("supported_TA", Kind::List { of: &Kind::Keys(&ADD_ON), at_least: 0 }),
        may("fields", ANYTHINGS),
        may("field_mappings", ANYTHINGS),
        may("mitre_components", TEXTS),
        may("convert_to_log_source", ANYTHINGS),
        may("example_log", TEXT),
        may("output_fields", TEXTS),
    ],
};

static ADD_ON: Shape =
    Shape { what: "an add-on", keys: &[needs("name", TEXT), needs("version", TEXT), may("url", URL)] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        for (form, good, bad) in [
            (Form::Cve, "CVE-2021-44228", "CVE-21-1"),
            (Form::Date, "2026-02-28", "2026-02-29"),
            (Form::Date, "2026-02-28", "28.2.2026"),
            (Form::MatchType, "CIDR(src)", "EXACT(src)"),
            (Form::Mitre, "T1552.007", "T1552.7"),
            (Form::Mitre, "T1552", "t1552"),
            (Form::Period, "86400s", "1d"),
            (Form::Url, "https://a/b", "www.a"),
            (Form::Uuid, "1c9f5f0e-6d0b-4f0a-9c55-1f7f2b9f6f01", "1c9f5f0e-6d0b-4f0a-9c55-1f7f2b9f6f0g"),
        ] {
            assert!(form.fits(good), "{good}");
            assert!(!form.fits(bad), "{bad}");
            assert!(!form.fits(""));
        }
    }
}
