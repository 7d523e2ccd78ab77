//! Security content as `contentctl` projects keep it: detections with what they need and what they mean, checked.
//!
//! [`Content`] is the main type. [`Content::open`] reads a project, a folder of detections or a single file, and
//! [`Content::bundled`] what the tool brings along. A file that cannot be used is a [`Problem`] and hides no other;
//! what contentctl would refuse, and what is doubtful, is reported by [`Content::check`], with the place in the file.
//!
//! A [`Detection`] has its search as an [`EmbeddedSearch`], which leads from a place in the search to the one in the
//! YAML file, so that a complaint about the search can be shown where somebody wrote it. Its macros come from the
//! content itself, which is a [`dogwatch_syntax::Macros`]; its [`Lookup`]s hold their tables. What it finds is a
//! [`Finding`], with secrets taken out by [`mask`], and the [`AllowList`] says which of them are known to be harmless.
//!
//! Nothing here runs a search or knows what a command means, opens a log, or goes to the network.
//!
//! ```
//! use dogwatch_content::{Content, Detection};
//! use dogwatch_syntax::{Code, Diagnostic, Macros, Span};
//! use std::path::Path;
//!
//! let file = "name: Token Read\ntype: Hunting\nsearch: |-\n  type=PATH name=*token\n  | stats count BY exe\n";
//! let detection = Detection::parse(Path::new("token_read.yml"), file.into()).expect("it has a name and a search");
//! assert_eq!(detection.filter_macro(), "token_read_filter");
//!
//! // A complaint about `stats` in the search is one about the fifth line of the file.
//! let at = detection.search.text.find("stats").unwrap_or_default();
//! let found = detection.search.place(Diagnostic::note(Code::Unsupported, Span::new(at, at + 5), "an example"));
//! assert_eq!(&file[found.span.range()], "stats");
//!
//! let content = Content::bundled();
//! assert!(content.get("kube_audit", 0).is_some());
//! ```

mod allow_list;
mod check;
mod content;
mod data_source;
mod detection;
mod detection_test;
mod embedded_search;
mod files;
mod finding;
mod finding_builder;
mod finding_json;
mod finding_key;
mod loader;
mod lookup;
mod lookup_names;
mod macro_file;
mod mask;
mod pages;
mod problem;
mod rba;
mod story;
mod template;
mod time_text;
mod yaml;
mod yaml_position;

pub use allow_list::{
    ALLOW_LIST, AllowList, AllowRow, COLUMNS as ALLOW_LIST_COLUMNS, RowState, append, csv_line, day_of,
    leaves_out_suppressed,
};
pub use content::{Content, ContentError};
pub use data_source::DataSource;
pub use detection::{Detection, DetectionKind, Drilldown, Status, Tags};
pub use detection_test::{AttackData, DetectionTest, Expectation, TestKind};
pub use embedded_search::EmbeddedSearch;
pub use files::FileTree;
pub use finding::{EvidenceEvent, Finding, RiskObject, ThreatObject};
pub use finding_builder::{FindingBuilder, Row, RowValue, TIME_FIELDS};
pub use finding_json::RowObject;
pub use finding_key::{FindingKey, Revision};
pub use lookup::{Lookup, LookupKind, MatchType};
pub use macro_file::MacroFile;
pub use mask::{MASKED, SecretMembers, SecretRules, is_json, mask, mask_field, mask_json, mask_raw};
pub use pages::detection_page;
pub use problem::Problem;
pub use rba::{Rba, RiskField, ThreatField};
pub use story::Story;
pub use template::{fill_template, template_fields};
pub use time_text::rfc3339;
