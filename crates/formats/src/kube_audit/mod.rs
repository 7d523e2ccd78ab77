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

use dogwatch_predicate::Condition;

use crate::documents;
use crate::format::{Format, Framing, Prefilter};
use crate::json::{atoms, needles, rows};
use crate::visitor::{Chunk, RowVisitor};

use carrier::Reader;
use early_fields::AuditEventFields;

/// The Kubernetes audit format.
#[derive(Debug)]
pub struct KubeAudit;

impl Format for KubeAudit {
    fn name(&self) -> &'static str {
        "kube_audit"
    }

    fn sourcetype(&self) -> &'static str {
        "kube:audit"
    }

    fn index(&self) -> &'static str {
        "kubernetes"
    }

    fn sourcetype_aliases(&self) -> &'static [&'static str] {
        fields::SOURCETYPES
    }

    fn index_aliases(&self) -> &'static [&'static str] {
        fields::INDEXES
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        let seen = rows::sample(head, self);
        match (seen.rows, seen.faults) {
            (0, _) if looks_like_events(head) && seen.is_cut() => 80,
            (0, _) => 0,
            (events, others) => 60 + (39 * events / (events + others)).min(39) as u8,
        }
    }

    fn framing(&self, head: &[u8]) -> Framing {
        documents::framing(head)
    }

    fn is_multivalue(&self, field: &str) -> bool {
        field.contains("{}")
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::lines(chunk, filter, &mut Reader::new(visitor));
    }

    fn read_documents(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        rows::documents(chunk, filter, &mut Reader::new(visitor));
    }

    fn compile_rules(&self, conditions: &[Condition]) -> Prefilter {
        atoms::rules(conditions, Some(&AuditEventFields))
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        needles::prefilter(condition)
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        fields::FIELDS
    }
}

/// Whether the beginning of one long value has an audit event's names in it.
fn looks_like_events(head: &[u8]) -> bool {
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    has("audit.k8s.io/") || has("\"auditID") || has("\\\"auditID")
}
