//! The planner's interface to its environment: tables of events, lookups, and runs of subsearches. The engine implements
//! it with the scan; nothing here knows about files or log formats.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion_expr::{LogicalPlan, TableSource};
use dogwatch_functions::operators::MatchKind;
use dogwatch_predicate::{Condition, Pattern};

use crate::error::CatalogError;

/// Answers the planner's questions.
pub trait SourceCatalog: Sync {
    /// A table of all events that may satisfy the condition, with the columns of [`EVENT_COLUMNS`] and these fields.
    fn events(&self, request: &EventRequest) -> Result<Arc<dyn TableSource>, CatalogError>;

    /// The names of all fields of events that may satisfy the condition. Reads the logs.
    fn discover(&self, request: &EventRequest) -> Result<Vec<String>, CatalogError>;

    /// A lookup table by the name that a search uses, with a row number column `__row` (UInt64) after its own text
    /// columns.
    ///
    /// # Errors
    /// The problem and its remedy, as a message for the user.
    fn lookup(&self, name: &str) -> Result<Lookup, LookupFault>;

    /// A table of rows in memory.
    fn rows(&self, batch: RecordBatch) -> Result<Arc<dyn TableSource>, CatalogError>;

    /// Runs a plan now: a subsearch whose rows are needed to plan the rest of the search. The rows are held in memory, so
    /// they must be few.
    fn run(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, CatalogError>;

    /// Runs a plan now and returns a table of its rows, of any number: the part of a search before a barrier.
    fn materialize(&self, plan: LogicalPlan) -> Result<Arc<dyn TableSource>, CatalogError>;

    /// The values of `index` or `sourcetype` in the rows for which `value` is an alias (`linux:audit` for `linux_audit`),
    /// ignoring case; `value` may contain wildcards.
    fn other_names(&self, field: &str, value: &Pattern) -> Vec<String>;

    /// The start time of the search, microseconds since 1970 UTC, to which `now()` and relative times refer.
    fn now(&self) -> i64;
}

/// A lookup table and its matching rules.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The table.
    pub rows: RecordBatch,
    /// The rules of its definition.
    pub rules: LookupRules,
}

/// The matching rules of a lookup table (Splunk's transforms.conf; the lookup files of security content).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupRules {
    /// Columns that hold patterns rather than values.
    pub match_types: Vec<(String, MatchKind)>,
    /// Whether matching is case-sensitive.
    pub case_sensitive: bool,
    /// Maximum number of rows for one match.
    pub max_matches: usize,
    /// The value of every output field if no row matches.
    pub default_match: Option<String>,
}

impl Default for LookupRules {
    fn default() -> Self {
        Self { match_types: Vec::new(), case_sensitive: true, max_matches: MOST_MATCHES, default_match: None }
    }
}

impl LookupRules {
    /// The kind of match of a column.
    pub fn kind_of(&self, column: &str) -> MatchKind {
        self.match_types.iter().find(|(name, _)| name == column).map_or(MatchKind::Exact, |(_, kind)| *kind)
    }
}

/// Default maximum number of rows for one match, as in Splunk (`max_matches` of transforms.conf).
pub const MOST_MATCHES: usize = 1000;

/// Why a lookup cannot be had.
#[derive(Clone, Debug)]
pub struct LookupFault {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A request for events.
#[derive(Clone, Debug)]
pub struct EventRequest {
    /// The projected fields besides [`EVENT_COLUMNS`].
    pub fields: Vec<String>,
    /// Whether the search reads the events' text (`_raw`).
    pub raw: bool,
    /// The condition that every wanted event satisfies.
    pub condition: Condition,
    /// The earliest time, inclusive, microseconds since 1970 UTC.
    pub earliest: Option<i64>,
    /// The latest time, exclusive.
    pub latest: Option<i64>,
}

/// The name of a table of events in plans.
pub const EVENTS_TABLE: &str = "events";

/// The name, in plans, of a table whose rows are only joined to others.
pub const JOINED_TABLE: &str = "joined";

/// The name, in plans, of a table with rows of its own, independent of the logs.
pub const OWN_TABLE: &str = "rows";

/// The columns that every table of events has; they cost nothing unless they are read. `_time` is a timestamp in
/// microseconds, `__seq` (UInt64) the position of the event in the input, the others are text.
pub const EVENT_COLUMNS: &[&str] = &["_time", "_raw", "host", "source", "sourcetype", "index", "event_id", "__seq"];
