//! Tells an audit event from other objects.

use crate::json::events::{Carries, Object};
use dogwatch_json::text::unquoted;

/// The values of an object's members that tell what it is, as places in its text. Where a key stands twice, the
/// last one counts, as for the API server itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape<'a> {
    kind: Option<&'a [u8]>,
    api_version: Option<&'a [u8]>,
    audit_id: Option<&'a [u8]>,
    stage: Option<&'a [u8]>,
    verb: Option<&'a [u8]>,
}

impl<'a> Shape<'a> {
    /// Looks through the members of an object.
    pub(super) fn of(object: &Object<'a>) -> Self {
        let mut shape = Self::default();
        for member in object.members {
            let place = match object.text.get(member.key.clone()).unwrap_or_default() {
                b"kind" => &mut shape.kind,
                b"apiVersion" => &mut shape.api_version,
                b"auditID" => &mut shape.audit_id,
                b"stage" => &mut shape.stage,
                b"verb" => &mut shape.verb,
                _ => continue,
            };
            let value = object.text.get(member.value.clone()).unwrap_or_default();
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
    pub(super) fn is_event(&self) -> bool {
        if self.is_of_audit_group() {
            return matches!(self.kind, None | Some(b"Event"));
        }
        let stage =
            matches!(self.stage, Some(b"RequestReceived" | b"ResponseStarted" | b"ResponseComplete" | b"Panic"));
        let stripped = self.kind == Some(b"Event") && self.api_version.is_none();
        self.audit_id.is_some() || stage || stripped && self.verb.is_some()
    }

    /// What an object with items carries: an `EventList`, or something without a `kind`, can be a list of events.
    pub(super) fn carries(&self) -> Carries {
        match self.kind {
            None | Some(b"EventList") if self.is_of_audit_group() => Carries::Events,
            None | Some(b"EventList") => Carries::Anything,
            Some(_) => Carries::Nothing,
        }
    }

    /// Whether the `apiVersion` is `audit.k8s.io/v1`, or one of the versions before it.
    fn is_of_audit_group(&self) -> bool {
        self.api_version.is_some_and(|version| version.starts_with(b"audit.k8s.io/"))
    }
}
