//! The options of a session.

use std::path::PathBuf;
use std::sync::Arc;

use dogwatch_plan::EventFields;

use crate::lookups::Table;

/// A search, and its name in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// `search`, or the path of its file.
    pub name: String,
    /// The SPL.
    pub text: String,
}

/// The options of a session.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Directories with lookup tables: CSV files, called by their file names.
    pub lookups: Vec<PathBuf>,
    /// Lookup tables in memory, used for names that are in no directory.
    pub tables: Arc<[Table]>,
    /// Directories with macros: YAML files as in Splunk's security content.
    pub macros: Vec<PathBuf>,
    /// A TOML file with names of indexes and sourcetypes.
    pub config: Option<PathBuf>,
    /// Only events from this time on, as a Splunk time modifier.
    pub earliest: Option<String>,
    /// Only events before this time.
    pub latest: Option<String>,
    /// Maximum number of results.
    pub limit: Option<usize>,
    /// The host of events that name none.
    pub host: Option<String>,
    /// The sourcetype of all events.
    pub sourcetype: Option<String>,
    /// The index of all events.
    pub index: Option<String>,
    /// Number of threads that read and compute; one per processor if not given.
    pub threads: Option<usize>,
    /// Memory limit for sorting, grouping and the like, bytes. Beyond it they spill to temporary files or fail.
    pub memory_limit: usize,
    /// Whether to prefilter raw bytes before parsing.
    pub prefilter: bool,
    /// The fields of results that are events.
    pub events: EventFields,
    /// Whether findings show tokens, passwords and the like instead of masking them.
    pub show_secrets: bool,
    /// The time that relative times refer to, microseconds since 1970 UTC; the clock's if not given.
    pub now: Option<i64>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            lookups: Vec::new(),
            tables: Arc::default(),
            macros: Vec::new(),
            config: None,
            earliest: None,
            latest: None,
            limit: None,
            host: None,
            sourcetype: None,
            index: None,
            threads: None,
            memory_limit: 512 << 20,
            prefilter: true,
            events: EventFields::All,
            show_secrets: false,
            now: None,
        }
    }
}
