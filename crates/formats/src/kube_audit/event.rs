//! Tells an audit event from other objects, and finds in it what every row has: its id and its time.

use std::ops::Range;

use crate::json::timestamp;
use dogwatch_json::scan::Member;
use dogwatch_json::text::{decode, unquoted};

/// The values of an object's members that tell what it is, as places in its text. Where a key stands twice, the
/// last one counts, as for the API server itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape<'a> {
    kind: Option<&'a [u8]>,
    api_version: Option<&'a [u8]>,
    audit_id: Option<&'a [u8]>,
    stage: Option<&'a [u8]>,
    verb: Option<&'a [u8]>,
    received: Option<&'a [u8]>,
    staged: Option<&'a [u8]>,
    timestamp: Option<&'a [u8]>,
}

impl<'a> Shape<'a> {
    /// Looks through the members of an object.
    pub(crate) fn of(text: &'a [u8], members: &[Member]) -> Self {
        let mut shape = Self::default();
        for member in members {
            let place = match text.get(member.key.clone()).unwrap_or_default() {
                b"kind" => &mut shape.kind,
                b"apiVersion" => &mut shape.api_version,
                b"auditID" => &mut shape.audit_id,
                b"stage" => &mut shape.stage,
                b"verb" => &mut shape.verb,
                b"requestReceivedTimestamp" => &mut shape.received,
                b"stageTimestamp" => &mut shape.staged,
                b"timestamp" => &mut shape.timestamp,
                _ => continue,
            };
            let value = text.get(member.value.clone()).unwrap_or_default();
            *place = value.starts_with(b"\"").then(|| unquoted(value));
        }
        shape
    }

    /// Whether the object is an audit event. It is one if
    ///
    /// - its `apiVersion` is of `audit.k8s.io`, and its `kind`, if it has one, is `Event`; or
    /// - it has an `auditID`, or a `stage` that is one of the four; or
    /// - its `kind` is `Event`, it has no `apiVersion` and it has a `verb`.
    ///
    /// The second is for the items of lists and for what carriers have stripped, the third for samples that were
    /// stripped further. A core event (`"kind":"Event","apiVersion":"v1"`) has none of these.
    pub(crate) fn is_event(&self) -> bool {
        if self.is_of_audit_group() {
            return matches!(self.kind, None | Some(b"Event"));
        }
        let stage =
            matches!(self.stage, Some(b"RequestReceived" | b"ResponseStarted" | b"ResponseComplete" | b"Panic"));
        let stripped = self.kind == Some(b"Event") && self.api_version.is_none();
        self.audit_id.is_some() || stage || stripped && self.verb.is_some()
    }

    /// Whether the object can be a list of events: an `EventList`, or something without a `kind`.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.kind, None | Some(b"EventList"))
    }

    /// Whether the `apiVersion` is `audit.k8s.io/v1`, or one of the versions before it.
    pub(super) fn is_of_audit_group(&self) -> bool {
        self.api_version.is_some_and(|version| version.starts_with(b"audit.k8s.io/"))
    }

    /// The `auditID`.
    pub(super) fn id<'b>(&self, buffer: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        decode(self.audit_id.unwrap_or_default(), buffer)
    }

    /// When the request was received; else when the stage was reached; else (`v1alpha1`, `v1beta1`) the
    /// `timestamp`, or the `creationTimestamp` of the metadata, which is given by `created`.
    pub(super) fn time(&self, created: impl FnOnce() -> Option<&'a [u8]>) -> Option<i64> {
        let mut buffer = String::new();
        let mut read = |text| timestamp::iso(decode(text, &mut buffer));
        let own = [self.received, self.staged, self.timestamp];
        own.into_iter().flatten().find_map(&mut read).or_else(|| created().and_then(read))
    }
}

/// The value of the first member with this key.
pub(super) fn member(text: &[u8], members: &[Member], key: &[u8]) -> Option<Range<usize>> {
    members.iter().find(|member| text.get(member.key.clone()) == Some(key)).map(|member| member.value.clone())
}
