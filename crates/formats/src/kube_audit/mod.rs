//! The Kubernetes API audit log: what an API server writes about every request.
//!
//! Read: the log backend's lines, the webhook backend's `EventList`s, arrays, documents one after the other, the API
//! versions `v1alpha1` to `v1`, and events in the envelopes of EKS (CloudWatch), AKS (Azure) and Splunk's collectors.
//! Every event is one row, wherever it was found: its `_raw` is the event's own JSON. Not read: GKE's
//! `protoPayload`, which is another schema; it is counted as [`crate::Reason::NotAnEvent`].
//!
//! `event` tells what an audit event is, `fields` has the names, `early_fields` those that decide for most rules.

mod early_fields;
mod event;
mod fields;
mod klog;

use crate::format::{About, TelemetryField};
use crate::json::envelope;
use crate::json::events::{Envelope, Events};
use crate::json::log::{JsonLog, RowKind};
use crate::secrets::{SecretObject, Secrets};

use early_fields::AuditEventFields;
use event::Shape;

/// The Kubernetes audit format.
pub(crate) static FORMAT: JsonLog = JsonLog {
    about: About {
        name: "kube_audit",
        sourcetype: "kube:audit",
        index: "kubernetes",
        sourcetype_aliases: fields::SOURCETYPES,
        index_aliases: fields::INDEXES,
        fields: fields::FIELDS,
        telemetry: &[TelemetryField::of_all_rows("level"), TelemetryField::of_all_rows("stage")],
        origin: "the API server's audit log (--audit-log-path, --audit-policy-file)",
        secrets: SECRETS,
        ..About::BASE
    },
    early_fields: Some(&AuditEventFields),
    rows: RowKind::Events(&Events {
        is_event: |object| Shape::of(object).is_event(),
        marks: &[&["audit.k8s.io/"], &["\"auditID"], &["\\\"auditID"]],
        claims_minority: true,
        envelopes: ENVELOPES,
        id: "auditID",
        times: TIMES,
        aliases: fields::ALIASES,
        is_other_text: klog::is_klog,
    }),
};

/// `items`: the webhook backend's lists. `log` is also Docker's json-file driver and Fluentd. EKS comes by CloudWatch, AKS by
/// Azure.
const ENVELOPES: &[Envelope] = {
    let [records, properties, log] = envelope::AZURE;
    let [log_events, events, message, at_message] = envelope::CLOUDWATCH;
    let [event, result, raw] = envelope::SPLUNK;
    let items = Envelope { carries: |object| Shape::of(object).carries(), ..Envelope::of("items") };
    &[items, records, log_events, events, event, properties, log, message, at_message, result, raw]
};

/// When the request was received; else when the stage was reached; else (`v1alpha1`, `v1beta1`) the event's own time.
const TIMES: &[&str] = &["requestReceivedTimestamp", "stageTimestamp", "timestamp", "metadata.creationTimestamp"];

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
