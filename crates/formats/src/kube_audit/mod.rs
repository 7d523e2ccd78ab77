//! The Kubernetes API audit log: what an API server writes about every request.
//!
//! Read: the log backend's lines, the webhook backend's `EventList`s, arrays, documents one after the other, the API
//! versions `v1alpha1` to `v1`, and events in the envelopes of EKS (CloudWatch), AKS (Azure) and Splunk's collectors.
//! Every event is one row, wherever it was found: its `_raw` is the event's own JSON. Not read: GKE's
//! `protoPayload`, which is another schema; it is counted as [`crate::Reason::NotAnAuditEvent`].
//!
//! `event` tells what an audit event is, `carrier` finds it in what it came in, `fields` has the names,
//! `early_fields` those that decide for most rules.

mod carrier;
mod early_fields;
mod event;
mod fields;
mod klog;

use crate::format::TelemetryField;
use crate::json::log::JsonLog;
use crate::json::rows::Sample;
use crate::secrets::{SecretObject, Secrets};

use carrier::Reader;
use early_fields::AuditEventFields;

/// The Kubernetes audit format.
pub(crate) static FORMAT: JsonLog = JsonLog {
    name: "kube_audit",
    sourcetype: "kube:audit",
    index: "kubernetes",
    sourcetype_aliases: fields::SOURCETYPES,
    index_aliases: fields::INDEXES,
    names_itself: false,
    fields: fields::FIELDS,
    telemetry: &[TelemetryField::of_all_rows("level"), TelemetryField::of_all_rows("stage")],
    origin: "the API server's audit log (--audit-log-path, --audit-policy-file)",
    secrets: SECRETS,
    early_fields: Some(&AuditEventFields),
    confidence,
    reader: |visitor| Box::new(Reader::new(visitor)),
};

/// What is in a Secret's `data` is secret whatever it looks like. It comes in bodies of requests and answers, in the items of
/// lists, in the objects of table rows, in patches, and once more as text in an annotation of kubectl's. The keys are those of
/// kubeconfig files and of Docker's configuration.
const SECRETS: Secrets = Secrets {
    keys: &["client-key-data", "dockerconfigjson", "identityToken"],
    public_keys: &[],
    objects: &[SecretObject {
        kind: ("kind", &["Secret", "SecretList"]),
        row: ("objectRef", "resource", "secrets"),
        members: &["data", "stringData"],
        field_parts: &["Object.data.", "Object.stringData."],
    }],
};

fn confidence(seen: &Sample, head: &[u8]) -> u8 {
    match (seen.rows, seen.faults) {
        (0, _) if looks_like_events(head) && seen.is_cut() => 80,
        (0, _) => 0,
        (events, others) => 60 + (39 * events / (events + others)).min(39) as u8,
    }
}

/// Whether the beginning of one long value has an audit event's names in it.
fn looks_like_events(head: &[u8]) -> bool {
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    has("audit.k8s.io/") || has("\"auditID") || has("\\\"auditID")
}
