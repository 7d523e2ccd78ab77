//! The facade: a [`Session`] runs SPL over logs.
//!
//! [`Session::search`] parses and checks a search, plans it over the logs behind some paths and returns its results as
//! record batches; [`Session::explain`] describes what it would do. Parsing is in `dogwatch-syntax`, commands in
//! `dogwatch-plan`, reading in `dogwatch-scan`; this crate wires them together with DataFusion. It knows nothing about
//! terminals.

mod allow_list;
mod catalog;
mod coverage;
mod datafusion_context;
mod detect;
mod error;
mod explain;
mod lookups;
mod macros;
mod options;
mod search;
mod session;
mod stage;
mod unknown_fields;
mod window_memory;

pub use allow_list::SessionAllowList;
pub use coverage::{Coverage, Telemetry};
pub use datafusion_context::Runtime;
pub use detect::{
    DetectionRun, Evidence, FailedDetection, FindingFilter, Findings, RuleSet, StageCount, TestOutcome, TestRunner,
    TestStatus, placed, tuning,
};
pub use dogwatch_plan::EventFields;
pub use dogwatch_scan::{InputError, MalformedFile, MalformedSample, ReadFailure, ScanStats, Snapshot};
pub use error::{EngineError, Failure};
pub use explain::{Explanation, Read};
pub use lookups::{Table, tables_of};
pub use options::{SessionOptions, Text};
pub use search::Search;
pub use session::{Session, clock};
