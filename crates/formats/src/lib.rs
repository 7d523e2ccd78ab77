//! Raw log bytes to fields.
//!
//! One folder or file per log format, each a [`Format`]; [`FORMATS`] lists them. A format reads a [`Chunk`] of a file and
//! pushes rows into a [`RowVisitor`], which may decline a field. Nothing here knows Arrow, async or files.

mod auditd;
mod cloudtrail;
mod decoder;
pub mod documents;
mod format;
pub mod json;
mod json_lines;
mod kube_audit;
mod lines;
mod literal_filter;
mod okta;
mod rule_filter;
mod secrets;
mod text_log;
mod visitor;

pub use decoder::Decoder;
pub use format::{About, Format, Framing, Needle, Prefilter, TelemetryField};
pub use rule_filter::RuleFilter;
pub use secrets::{SecretObject, Secrets};
pub use text_log::{TakeField, TextLog, TextRow};
pub use visitor::{Chunk, Malformed, Reason, RowMeta, RowVisitor, Slot};

/// All formats, most specific first.
pub static FORMATS: &[&dyn Format] =
    &[&auditd::Auditd, &cloudtrail::FORMAT, &kube_audit::FORMAT, &okta::FORMAT, &json_lines::FORMAT];
