//! The runtime profile: configuration, functions, rewrites and memory of everything that runs a plan.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SendableRecordBatchStream, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
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
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use dogwatch_functions::registry;
use dogwatch_functions::search_time::SearchTime;
use dogwatch_scan::SpillBudget;

use crate::window_memory;

/// Resources shared by everything that runs for one search, or for one run of detections: one memory pool, from which
/// sorts, groupings, windows and buffered rows reserve, and the temporary files.
pub struct Runtime {
    environment: Arc<RuntimeEnv>,
    memory: usize,
    now: i64,
}

impl Runtime {
    /// A runtime with this many bytes of memory. `now` is the time of its searches, microseconds since 1970 UTC.
    ///
    /// # Errors
    /// If DataFusion cannot be set up.
    pub fn new(memory: usize, now: i64) -> Result<Self> {
        let pool = Arc::new(FairSpillPool::new(memory));
        Ok(Self { environment: RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc()?, memory, now })
    }

    /// A context in which plans run, in this many partitions. All functions are registered, so that deserialized plans
    /// run in it too.
    pub fn context(&self, partitions: usize) -> SessionContext {
        let mut config = SessionConfig::new()
            .with_target_partitions(partitions)
            .with_batch_size(BATCH)
            .with_information_schema(false);
        config.options_mut().execution.sort_spill_reservation_bytes = MERGE;
        config.options_mut().extensions.insert(SearchTime(self.now));
        // One pass of the rewrites below reaches their fixed point.
        config.options_mut().optimizer.max_passes = 1;
        let functions = registry();
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(Arc::clone(&self.environment))
            .with_scalar_functions(functions.scalars().cloned().collect())
            .with_aggregate_functions(functions.aggregates().cloned().collect())
            .with_window_functions(functions.windows().cloned().collect())
            .with_default_features()
            .with_optimizer_rules(optimizer_rules())
            .with_physical_optimizer_rules(physical_rules())
            .build();
        SessionContext::new_with_state(state)
    }

    /// Budget for the rows that a pass buffers: at most half of the memory. Beyond it, they spill to temporary files.
    pub(crate) fn pass_budget(&self) -> Arc<SpillBudget> {
        self.budget(self.memory / 2)
    }

    /// Budget for the rows of a search's stages: an eighth of the memory.
    pub(crate) fn stage_budget(&self) -> Arc<SpillBudget> {
        self.budget(self.memory / 8)
    }

    fn budget(&self, most: usize) -> Arc<SpillBudget> {
        Arc::new(SpillBudget::new(most, &self.environment.memory_pool))
    }
}

/// The time of the searches that run in a context, microseconds since 1970 UTC.
pub(crate) fn search_time(context: &SessionContext) -> i64 {
    context.state_ref().read().config_options().extensions.get::<SearchTime>().copied().unwrap_or_default().0
}

/// Rows of a batch. An event with a request body can have ten or a hundred kilobytes, and a sort needs memory for two
/// batches before it can begin to spill.
const BATCH: usize = 2048;

/// Memory that a sort reserves for merging its spilled runs, bytes. Detections run concurrently and share the pool, and
/// one that finds less than this left fails.
const MERGE: usize = 2 << 20;

/// The optimizer rules that benefit searches. The others either have no effect here (subqueries, inner and outer joins,
/// `DISTINCT`), or cost more than they save: pushing filters and common subexpressions through the many projections of a
/// search duplicates the expressions again and again, so that planning a detection takes longer than reading the logs.
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

/// The physical optimizer rules, without filter and projection pushdown: no table accepts filters, and the attempt copies
/// every expression of every operator.
fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let pushes = |rule: &Arc<dyn PhysicalOptimizerRule + Send + Sync>| {
        rule.name().starts_with("FilterPushdown") || rule.name() == "ProjectionPushdown"
    };
    PhysicalOptimizer::new().rules.into_iter().filter(|rule| !pushes(rule)).collect()
}

/// Makes a physical plan. The logical plan is rewritten in place where it is not shared, whereas DataFusion's data frame
/// would copy all of it for each rule.
///
/// # Errors
/// If DataFusion cannot plan it.
pub(crate) async fn physical(context: &SessionContext, plan: LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    let state = context.state();
    let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    let plan = state.optimizer().optimize(plan, &state, |_, _| {})?;
    state.query_planner().create_physical_plan(&plan, &state).await
}

/// Runs a physical plan. Dropping the stream stops it.
///
/// # Errors
/// If DataFusion cannot start it.
pub(crate) fn run(plan: Arc<dyn ExecutionPlan>, context: &SessionContext) -> Result<SendableRecordBatchStream> {
    execute_stream(window_memory::reserve(plan)?, context.task_ctx())
}
