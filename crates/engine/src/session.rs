//! Sessions: from the text of a search to its results.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::OptimizerRule;
use datafusion::optimizer::eliminate_filter::EliminateFilter;
use datafusion::optimizer::eliminate_limit::EliminateLimit;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::optimize_unions::OptimizeUnions;
use datafusion::optimizer::propagate_empty_relation::PropagateEmptyRelation;
use datafusion::optimizer::push_down_limit::PushDownLimit;
use datafusion::optimizer::replace_distinct_aggregate::ReplaceDistinctWithAggregate;
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use dogwatch_plan::commands::Registry;
use dogwatch_plan::{Planned, Planner};
use dogwatch_scan::{InputError, InputOptions, Inputs, NameTable, ScanStats};
use dogwatch_syntax::{Diagnostic, Macros, Pipeline, Severity, Sources, Span, Spanned, walk};
use futures::Stream;

use crate::catalog::LogCatalog;
use crate::error::{EngineError, Failure};
use crate::explain::{Explanation, Read};
use crate::macros::MacroTable;
use crate::options::{SessionOptions, Text};
use crate::unseen;

/// Runs searches over logs.
///
/// Its methods need a multi-threaded tokio runtime.
pub struct Session {
    pub(crate) options: SessionOptions,
    pub(crate) macros: MacroTable,
    names: NameTable,
}

/// A search that was understood and planned.
struct Prepared {
    pipeline: Pipeline,
    sources: Sources,
    planned: Planned,
    catalog: LogCatalog,
    errors: Vec<InputError>,
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
    /// With everything that is wrong with the search. Logs that cannot be read are no error: the others are searched, and
    /// [`Search::take_input_errors`] tells.
    pub async fn search(&self, text: &Text, paths: &[String]) -> Result<Search, EngineError> {
        let prepared = self.prepare(text, paths)?;
        let mut plan = prepared.planned.plan.clone();
        if let Some(limit) = self.options.limit {
            plan = LogicalPlanBuilder::new(plan).limit(0, Some(limit))?.build()?;
        }
        let schema = plan.schema().inner().clone();
        size_batches(&prepared);
        let physical = physical(&prepared.catalog.context, plan).await?;
        let columns = schema.fields().len();
        Ok(Search {
            schema,
            physical,
            prepared,
            seen: Arc::new(Seen {
                rows: AtomicU64::new(0),
                columns: (0..columns).map(|_| AtomicBool::new(false)).collect(),
            }),
        })
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
            search: dogwatch_syntax::print(&prepared.pipeline),
            splunk_form: dogwatch_syntax::splunk_form(&prepared.pipeline),
            reads,
            plan: optimized.display_indent().to_string(),
            diagnostics: prepared.planned.diagnostics,
            sources: prepared.sources,
        })
    }

    fn prepare(&self, text: &Text, paths: &[String]) -> Result<Prepared, EngineError> {
        let (inputs, errors) = Inputs::list(paths, &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), self.context(self.threads())?);
        let (pipeline, sources, planned) = self.plan(text, &self.macros, &catalog)?;
        Ok(Prepared { pipeline, sources, planned, catalog, errors })
    }

    /// Parses, checks and plans a search over the tables of a catalog.
    pub(crate) fn plan(
        &self,
        text: &Text,
        macros: &dyn Macros,
        catalog: &LogCatalog,
    ) -> Result<(Pipeline, Sources, Planned), EngineError> {
        let (pipeline, sources, diagnostics) = parse(text, macros, catalog);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(EngineError::Search(Box::new(Failure { diagnostics, sources })));
        }
        let mut planner = Planner::new(catalog);
        planner.time_range = self.time_range(catalog.now)?;
        planner.diagnostics = diagnostics;
        let planned = planner.plan(&pipeline, self.options.events).map_err(|e| EngineError::from_plan(e, &sources))?;
        Ok((pipeline, sources, planned))
    }

    /// A catalog of inputs, with the lookups and the time of this session.
    pub(crate) fn catalog(&self, inputs: Arc<Inputs>, stats: Arc<ScanStats>, context: SessionContext) -> LogCatalog {
        LogCatalog {
            inputs,
            stats,
            context,
            lookups: self.options.lookups.clone(),
            tables: Arc::clone(&self.options.tables),
            prefilter: self.options.prefilter,
            now: self.options.now.unwrap_or_else(clock),
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

    fn time_range(&self, now: i64) -> Result<(Option<i64>, Option<i64>), EngineError> {
        let bound = |given: &Option<String>, option: &str| {
            given
                .as_ref()
                .map(|modifier| {
                    let spanned = Spanned::new(modifier.clone(), Span::new(0, modifier.len()));
                    dogwatch_plan::instant(&spanned, now).map_err(|error| {
                        let sources = Sources::plain(option, modifier);
                        EngineError::from_plan(error, &sources)
                    })
                })
                .transpose()
        };
        Ok((bound(&self.options.earliest, "--earliest")?, bound(&self.options.latest, "--latest")?))
    }

    /// How many threads read and compute.
    pub(crate) fn threads(&self) -> usize {
        let given = self.options.threads;
        given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into)).max(1)
    }

    /// Where plans run, in so many partitions.
    pub(crate) fn context(&self, partitions: usize) -> Result<SessionContext, EngineError> {
        let mut config = SessionConfig::new()
            .with_target_partitions(partitions)
            .with_batch_size(BATCH)
            .with_information_schema(false);
        config.options_mut().execution.sort_spill_reservation_bytes = MERGE;
        // One pass of the rewrites below does all that they can do.
        config.options_mut().optimizer.max_passes = 1;
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(self.options.memory_limit)))
            .build_arc()?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_optimizer_rules(optimizer_rules())
            .with_physical_optimizer_rules(physical_rules())
            .build();
        Ok(SessionContext::new_with_state(state))
    }
}

/// How many rows an operator hands on at once. An event with the body of a request can have ten or a hundred kilobytes, and a
/// sort has to have place for twice a batch before it can begin to write to disk.
const BATCH: usize = 2048;

/// What a sort sets aside for putting together what it has on disk, bytes. Detections run side by side and share the memory,
/// and one that finds less than this left ends.
const MERGE: usize = 2 << 20;

/// The rewrites of plans that searches gain from. The others either have nothing to do here (subqueries, inner and
/// outer joins, `DISTINCT`), or cost more than they save: moving filters and shared expressions between the many
/// projections of a search writes out the expressions again and again, and a detection's plan then takes longer to
/// make than the logs take to read.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OptimizeUnions::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(ReplaceDistinctWithAggregate::new()),
        Arc::new(EliminateFilter::new()),
        Arc::new(EliminateLimit::new()),
        Arc::new(PropagateEmptyRelation::new()),
        Arc::new(PushDownLimit::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// The rewrites of physical plans, without those that push filters and projections down: no table takes a filter, and to
/// try it copies every expression of every operator.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let pushes = |rule: &Arc<dyn PhysicalOptimizerRule + Send + Sync>| {
        rule.name().starts_with("FilterPushdown") || rule.name() == "ProjectionPushdown"
    };
    PhysicalOptimizer::new().rules.into_iter().filter(|rule| !pushes(rule)).collect()
}

/// Understands a search, and says all that is wrong with it, in the order of its text.
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

/// Events are much wider than rows of a table. Sorting and merging hold several batches of them at once, so batches of
/// events have fewer rows.
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

/// A plan made ready to run. It is rewritten in place as far as nobody else holds parts of it, where DataFusion's own way
/// through a data frame would copy all of it for each rule.
pub(crate) async fn physical(
    context: &SessionContext,
    plan: LogicalPlan,
) -> Result<Arc<dyn ExecutionPlan>, EngineError> {
    let state = context.state();
    let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    let plan = state.optimizer().optimize(plan, &state, |_, _| {})?;
    Ok(state.query_planner().create_physical_plan(&plan, &state).await?)
}

/// A planned search.
pub struct Search {
    schema: SchemaRef,
    physical: Arc<dyn ExecutionPlan>,
    prepared: Prepared,
    seen: Arc<Seen>,
}

/// What came out so far.
struct Seen {
    rows: AtomicU64,
    /// For each column, whether a row had a value.
    columns: Vec<AtomicBool>,
}

impl Search {
    /// The columns of the results, in order.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Notes and warnings about the search.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.prepared.planned.diagnostics
    }

    /// The texts that the diagnostics refer to.
    pub fn sources(&self) -> &Sources {
        &self.prepared.sources
    }

    /// Whether the results are events as they stand in the log.
    pub fn is_events(&self) -> bool {
        self.prepared.planned.events
    }

    /// The inputs that are not searched, and why.
    pub fn take_input_errors(&mut self) -> Vec<InputError> {
        std::mem::take(&mut self.prepared.errors)
    }

    /// How many files in directories are left out because they are no logs.
    pub fn skipped(&self) -> usize {
        self.prepared.catalog.inputs.skipped()
    }

    /// Counts of what is read, while it runs and after.
    pub fn stats(&self) -> Arc<ScanStats> {
        Arc::clone(&self.prepared.catalog.stats)
    }

    /// Runs the search. Dropping the stream stops it.
    ///
    /// # Errors
    /// If DataFusion cannot start the plan.
    pub fn stream(
        &mut self,
    ) -> Result<impl Stream<Item = Result<RecordBatch, EngineError>> + Unpin + use<>, EngineError> {
        let context = self.prepared.catalog.context.task_ctx();
        let stream = execute_stream(Arc::clone(&self.physical), context)?;
        Ok(Results { stream, seen: Arc::clone(&self.seen) })
    }

    /// What only the run could tell, after the stream has ended: fields that no event has.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let rows = self.seen.rows.load(Ordering::Relaxed);
        if let Some(cut) = dogwatch_plan::commands::after_run(&self.prepared.pipeline, rows) {
            return vec![cut];
        }
        let empty = |(i, _): (usize, &AtomicBool)| !self.seen.columns[i].load(Ordering::Relaxed);
        if rows > 0 && !self.seen.columns.iter().enumerate().any(empty) {
            return vec![];
        }
        let reads: Vec<BTreeSet<String>> =
            self.prepared.planned.reads.iter().map(|request| request.fields.iter().cloned().collect()).collect();
        let mut warnings =
            unseen::warnings(&self.prepared.catalog.inputs, &reads, &walk::field_references(&self.prepared.pipeline));
        warnings.retain(|w| w.severity == Severity::Warning);
        warnings
    }
}

/// The results, watched for what comes out.
struct Results {
    stream: SendableRecordBatchStream,
    seen: Arc<Seen>,
}

impl Stream for Results {
    type Item = Result<RecordBatch, EngineError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled: Poll<Option<Result<RecordBatch, DataFusionError>>> = self.stream.as_mut().poll_next(context);
        polled.map(|next| {
            next.map(|result| {
                let batch = result?;
                self.seen.rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                for (column, seen) in batch.columns().iter().zip(&self.seen.columns) {
                    if column.logical_null_count() < column.len() {
                        seen.store(true, Ordering::Relaxed);
                    }
                }
                Ok(batch)
            })
        })
    }
}
