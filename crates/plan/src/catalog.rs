//! What the planner asks of the world: tables of events, lookups, and runs of subsearches. The engine answers, with
//! the scan; nothing here knows files or log formats.

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

    /// The names of the fields that events which may satisfy the condition have. Reads the logs.
    fn discover(&self, request: &EventRequest) -> Result<Vec<String>, CatalogError>;

    /// A lookup table by the name that a search uses, with a row number column `__row` (UInt64) after its own text
    /// columns.
    ///
    /// # Errors
    /// What is wrong, for the user, and what to do about it.
    fn lookup(&self, name: &str) -> Result<Lookup, LookupFault>;

    /// A table of rows in memory.
    fn rows(&self, batch: RecordBatch) -> Result<Arc<dyn TableSource>, CatalogError>;

    /// Runs a plan now: a subsearch whose rows the rest of the search needs before it can be planned. Its rows are held in
    /// memory, so they have to be few.
    fn run(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, CatalogError>;

    /// Runs a plan now and gives a table of its rows, however many: the part of a search before a barrier.
    fn materialize(&self, plan: LogicalPlan) -> Result<Arc<dyn TableSource>, CatalogError>;

    /// The values of `index` or `sourcetype` that rows have where a search may say `value` (`linux:audit` for
    /// `linux_audit`), ignoring case; `value` may have wildcards.
    fn other_names(&self, field: &str, value: &Pattern) -> Vec<String>;

    /// When the search began, microseconds since 1970 UTC: `now()` and relative times refer to it.
    fn now(&self) -> i64;
}

/// A lookup table and how values are looked for in it.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The table.
    pub rows: RecordBatch,
    /// The rules of its definition.
    pub rules: LookupRules,
}

/// How values are looked for in a lookup table (Splunk's transforms.conf; the lookup files of security content).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupRules {
    /// Columns that hold patterns rather than values.
    pub match_types: Vec<(String, MatchKind)>,
    /// Whether upper and lower case differ.
    pub case_sensitive: bool,
    /// How many rows count for one match.
    pub max_matches: usize,
    /// The value of every output where no row matches.
    pub default_match: Option<String>,
}

impl Default for LookupRules {
    fn default() -> Self {
        Self { match_types: Vec::new(), case_sensitive: true, max_matches: MOST_MATCHES, default_match: None }
    }
}

impl LookupRules {
    /// How a column is compared.
    pub fn kind_of(&self, column: &str) -> MatchKind {
        self.match_types.iter().find(|(name, _)| name == column).map_or(MatchKind::Exact, |(_, kind)| *kind)
    }
}

/// As many rows of a table as count for one match unless its definition says otherwise, as in Splunk (`max_matches`
/// of transforms.conf).
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
    /// The wanted fields beside [`EVENT_COLUMNS`].
    pub fields: Vec<String>,
    /// Whether the search reads the events' text (`_raw`).
    pub raw: bool,
    /// What every wanted event satisfies.
    pub condition: Condition,
    /// The first wanted instant, microseconds since 1970 UTC.
    pub earliest: Option<i64>,
    /// The first instant that is too late.
    pub latest: Option<i64>,
}

/// The name that plans have for a table of events.
pub const EVENTS_TABLE: &str = "events";

/// The name that plans have for a table whose rows are only joined to others.
pub const JOINED_TABLE: &str = "joined";

/// The name that plans have for a table that brings rows of its own, whatever is in the logs.
pub const OWN_TABLE: &str = "rows";

/// The columns that every table of events has; they cost nothing where nothing reads them. `_time` is a timestamp in
/// microseconds, `__seq` (UInt64) the place of the event in the input, the others are text.
pub const EVENT_COLUMNS: &[&str] = &["_time", "_raw", "host", "source", "sourcetype", "index", "event_id", "__seq"];
