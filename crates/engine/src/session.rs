//! Sessions: from the text of a search to its results.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use datafusion::logical_expr::LogicalPlanBuilder;
use dogwatch_plan::commands::Registry;
use dogwatch_plan::{EventFields, Planned, Planner, SourceCatalog};
use dogwatch_scan::{InputError, InputOptions, Inputs, NameTable, ScanStats};
use dogwatch_syntax::{Diagnostic, Macros, Pipeline, Sources, Span, Spanned};

use crate::catalog::LogCatalog;
use crate::datafusion_context::{self, Runtime, physical};
use crate::error::{EngineError, Failure};
use crate::explain::{self, Explanation, Read};
use crate::macros::MacroTable;
use crate::options::{SessionOptions, Text};
use crate::search::Search;

/// Runs searches over logs.
///
/// Its methods need a multi-threaded tokio runtime.
pub struct Session {
    pub(crate) options: SessionOptions,
    pub(crate) macros: MacroTable,
    names: NameTable,
}

/// A parsed search. It can be planned several times, over different tables.
pub(crate) struct Parsed {
    pub(crate) pipeline: Pipeline,
    pub(crate) sources: Sources,
    diagnostics: Vec<Diagnostic>,
    /// Time bounds given outside the search, as written.
    time_range: (Option<String>, Option<String>),
    events: EventFields,
    /// Whether each result carries the values of its group (see [`Planner::names_groups`]).
    pub(crate) names_groups: bool,
}

/// A parsed and planned search.
pub(crate) struct Prepared {
    pub(crate) parsed: Parsed,
    pub(crate) planned: Planned,
    pub(crate) catalog: LogCatalog,
    pub(crate) errors: Vec<InputError>,
}

impl Session {
    /// A session.
    ///
    /// # Errors
    /// If the names, macros or lookup directories that the options point to cannot be read.
    pub fn new(options: SessionOptions) -> Result<Self, EngineError> {
        for directory in &options.lookups {
            std::fs::read_dir(directory)
                .map_err(|why| EngineError::Setup(format!("lookups in {}: {why}", directory.display())))?;
        }
        let macros = MacroTable::load(&options.macros)?;
        let mut names = NameTable::default();
        if let Some(path) = &options.config {
            names.load(path).map_err(|e| EngineError::Setup(e.to_string()))?;
        }
        Ok(Self { options, macros, names })
    }

    /// Plans a search over the logs behind some paths. It runs when its [stream](Search::stream) is read.
    ///
    /// # Errors
    /// All mistakes in the search. Unreadable logs are not an error: the others are searched, and
    /// [`Search::take_input_errors`] returns the failures.
    pub async fn search(&self, text: &Text, paths: &[String]) -> Result<Search, EngineError> {
        let prepared = self.prepare(text, paths)?;
        let mut plan = prepared.planned.plan.clone();
        if let Some(limit) = self.options.limit {
            plan = LogicalPlanBuilder::new(plan).limit(0, Some(limit))?.build()?;
        }
        let schema = plan.schema().inner().clone();
        size_batches(&prepared);
        let physical = physical(&prepared.catalog.context, plan).await?;
        Ok(Search::new(schema, physical, prepared))
    }

    /// The text of a lookup's table, and its file if it is one of the lookup directories'.
    pub fn lookup_bytes(&self, name: &str) -> Option<(Option<std::path::PathBuf>, Arc<[u8]>)> {
        crate::lookups::bytes(&self.options.lookups, &self.options.tables, name)
    }

    /// Says what a search would do.
    ///
    /// # Errors
    /// As [`Session::search`].
    pub async fn explain(&self, text: &Text, paths: &[String]) -> Result<Explanation, EngineError> {
        let prepared = self.prepare(text, paths)?;
        let optimized = prepared.catalog.context.state().optimize(&prepared.planned.plan)?;
        let reads = prepared.planned.reads.iter().map(Read::of).collect();
        Ok(Explanation {
            search: dogwatch_syntax::print(&prepared.parsed.pipeline),
            splunk_form: dogwatch_syntax::splunk_form(&prepared.parsed.pipeline),
            reads,
            plan: explain::shown(optimized)?,
            diagnostics: prepared.planned.diagnostics,
            sources: prepared.parsed.sources,
        })
    }

    /// The names of the formats.
    pub(crate) fn names(&self) -> &NameTable {
        &self.names
    }

    fn prepare(&self, text: &Text, paths: &[String]) -> Result<Prepared, EngineError> {
        let (inputs, errors) = Inputs::list(paths, &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), &self.runtime()?, self.threads());
        let parsed = self.parse(text, &self.macros, &catalog)?;
        let planned = parsed.plan(&catalog)?;
        Ok(Prepared { parsed, planned, catalog, errors })
    }

    /// Parses and checks a search.
    pub(crate) fn parse(&self, text: &Text, macros: &dyn Macros, catalog: &LogCatalog) -> Result<Parsed, EngineError> {
        let (pipeline, sources, diagnostics) = parse(text, macros, catalog);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(EngineError::Search(Box::new(Failure { diagnostics, sources })));
        }
        let time_range = (self.options.earliest.clone(), self.options.latest.clone());
        Ok(Parsed { pipeline, sources, diagnostics, time_range, events: self.options.events, names_groups: false })
    }

    /// A catalog of inputs, with the lookups and the time of this session. Its plans run in this many partitions.
    pub(crate) fn catalog(
        &self,
        inputs: Arc<Inputs>,
        stats: Arc<ScanStats>,
        runtime: &Runtime,
        partitions: usize,
    ) -> LogCatalog {
        let context = runtime.context(partitions);
        LogCatalog {
            inputs,
            stats,
            now: datafusion_context::search_time(&context),
            context,
            lookups: self.options.lookups.clone(),
            tables: Arc::clone(&self.options.tables),
            prefilter: self.options.prefilter,
            spill: runtime.stage_budget(),
            loaded: Arc::default(),
            shared: None,
        }
    }

    pub(crate) fn input_options(&self) -> InputOptions {
        InputOptions {
            host: self.options.host.clone(),
            sourcetype: self.options.sourcetype.clone(),
            index: self.options.index.clone(),
            names: self.names.clone(),
            ..InputOptions::default()
        }
    }

    /// The time that relative times and the days of the allow-list refer to, microseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.options.now.unwrap_or_else(clock)
    }

    /// Number of threads that read and compute.
    pub(crate) fn threads(&self) -> usize {
        let given = self.options.threads;
        given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into)).max(1)
    }

    /// The shared resources of a run.
    pub(crate) fn runtime(&self) -> Result<Runtime, EngineError> {
        Ok(Runtime::new(self.options.memory_limit, self.now())?)
    }
}

impl Parsed {
    /// Plans the search over the tables of a catalog.
    ///
    /// # Errors
    /// Mistakes in the search. Over a shared pass, planning also ends with an error if a stage has to run first: see
    /// [`SharedPass::take`](crate::catalog::SharedPass::take).
    pub(crate) fn plan(&self, catalog: &LogCatalog) -> Result<Planned, EngineError> {
        let planned = self.planner(catalog)?.plan(&self.pipeline, self.events);
        planned.map_err(|e| EngineError::from_plan(e, &self.sources))
    }

    /// Requests the search's events from the catalog without planning the rest, if the search has no results without
    /// events. Returns whether that is the case.
    ///
    /// # Errors
    /// As [`Parsed::plan`].
    pub(crate) fn plan_events(&self, catalog: &LogCatalog) -> Result<bool, EngineError> {
        let requests = self.planner(catalog)?.events_alone(&self.pipeline);
        requests.map(|requests| requests.is_some()).map_err(|e| EngineError::from_plan(e, &self.sources))
    }

    fn planner<'a>(&self, catalog: &'a LogCatalog) -> Result<Planner<'a>, EngineError> {
        let mut planner = Planner::new(catalog);
        let (earliest, latest) = &self.time_range;
        planner.time_range = (bound(earliest, "--earliest", catalog)?, bound(latest, "--latest", catalog)?);
        planner.diagnostics.clone_from(&self.diagnostics);
        planner.names_groups = self.names_groups;
        Ok(planner)
    }
}

/// The instant that an option denotes, relative to the catalog's time if need be.
fn bound(given: &Option<String>, option: &str, catalog: &LogCatalog) -> Result<Option<i64>, EngineError> {
    let Some(modifier) = given else { return Ok(None) };
    let spanned = Spanned::new(modifier.clone(), Span::new(0, modifier.len()));
    let instant = dogwatch_plan::instant(&spanned, catalog.now());
    instant.map(Some).map_err(|error| EngineError::from_plan(error, &Sources::plain(option, modifier)))
}

/// Parses a search, and reports all mistakes in the order of its text.
pub(crate) fn parse(text: &Text, macros: &dyn Macros, catalog: &LogCatalog) -> (Pipeline, Sources, Vec<Diagnostic>) {
    let parsed = dogwatch_syntax::parse(&text.text, macros, &Registry);
    let (pipeline, mut sources, mut diagnostics) = (parsed.pipeline, parsed.sources, parsed.diagnostics);
    if let Some(first) = sources.sources.first_mut() {
        first.name.clone_from(&text.name);
    }
    diagnostics.extend(dogwatch_plan::check::check(&pipeline, catalog));
    diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    (pipeline, sources, diagnostics)
}

/// Sets smaller batches for events, which are much wider than rows of a table: sorting and merging hold several batches
/// at once.
fn size_batches(prepared: &Prepared) {
    let rows = match (prepared.planned.events, prepared.planned.plan.schema().fields().len()) {
        (false, _) => return,
        (true, ..10) => 2048,
        (true, _) => 512,
    };
    let state = prepared.catalog.context.state_ref();
    let mut state = state.write();
    let config = std::mem::take(state.config_mut()).with_batch_size(rows);
    *state.config_mut() = config;
}

/// The clock, microseconds since 1970 UTC.
pub fn clock() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
}
