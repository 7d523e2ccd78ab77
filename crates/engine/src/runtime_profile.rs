//! The runtime profile: configuration, rewrites and memory of everything that runs a plan.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
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
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use dogwatch_functions::search_time::SearchTime;

/// A context in which plans run, in this many partitions, with this many bytes for sorting and grouping. `now` is the time of
/// their searches, microseconds since 1970 UTC.
///
/// # Errors
/// If DataFusion cannot be set up.
pub(crate) fn context(partitions: usize, memory: usize, now: i64) -> Result<SessionContext> {
    let mut config =
        SessionConfig::new().with_target_partitions(partitions).with_batch_size(BATCH).with_information_schema(false);
    config.options_mut().execution.sort_spill_reservation_bytes = MERGE;
    config.options_mut().extensions.insert(SearchTime(now));
    // One pass of the rewrites below does all that they can do.
    config.options_mut().optimizer.max_passes = 1;
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory))).build_arc()?;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .with_optimizer_rules(optimizer_rules())
        .with_physical_optimizer_rules(physical_rules())
        .build();
    Ok(SessionContext::new_with_state(state))
}

/// The time of the searches that run in a context, microseconds since 1970 UTC.
pub(crate) fn search_time(context: &SessionContext) -> i64 {
    context.state_ref().read().config_options().extensions.get::<SearchTime>().copied().unwrap_or_default().0
}

/// Rows of a batch. An event with the body of a request can have ten or a hundred kilobytes, and a
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

/// A physical plan, ready to run. The logical plan is rewritten in place where it is not shared, while DataFusion's own way
/// through a data frame would copy all of it for each rule.
///
/// # Errors
/// If DataFusion cannot plan it.
pub(crate) async fn physical(context: &SessionContext, plan: LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    let state = context.state();
    let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    let plan = state.optimizer().optimize(plan, &state, |_, _| {})?;
    state.query_planner().create_physical_plan(&plan, &state).await
}
