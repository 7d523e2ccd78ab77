//! Staged planning: a part of a search that has to run before the rest can be planned, and its result.
//!
//! A subsearch becomes search terms, and a command that is a barrier needs its input's rows to know its columns. The
//! planner asks the catalog for the result. A single search gets it immediately; detections share a pass over the logs,
//! so the stage waits for the rows that the pass finds for it, and the detection is planned again with the result
//! ([`crate::detect`]).

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::TreeNode;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::prelude::SessionContext;
use dogwatch_plan::{CatalogError, EVENTS_TABLE};
use dogwatch_scan::{SpillBudget, SpillBuffer, SpillTable};
use futures::TryStreamExt;

use crate::datafusion_context::{physical, run};

/// A part of a search that runs before the rest is planned.
pub struct Stage {
    /// Its plan.
    pub plan: LogicalPlan,
    /// The use of its rows.
    pub kind: StageKind,
}

/// The use of a stage's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageKind {
    /// The planner looks at them.
    Rows,
    /// The rest of the search is planned over a table of them.
    Table,
}

/// The result of a stage.
#[derive(Clone)]
pub enum StageResult {
    /// Rows, held in memory.
    Rows(Vec<RecordBatch>),
    /// A table of rows.
    Table(Arc<dyn TableSource>),
}

impl Stage {
    /// Runs it.
    ///
    /// # Errors
    /// If the plan fails, or a temporary file cannot be written.
    pub async fn run(self, context: &SessionContext, budget: &Arc<SpillBudget>) -> Result<StageResult> {
        let plan = physical(context, self.plan).await?;
        let schema = plan.schema();
        let mut stream = run(plan, context)?;
        if self.kind == StageKind::Rows {
            return Ok(StageResult::Rows(stream.try_collect().await?));
        }
        let buffer = SpillBuffer::new(schema, Arc::clone(budget));
        while let Some(batch) = stream.try_next().await? {
            buffer.push(batch)?;
        }
        Ok(StageResult::Table(provider_as_source(Arc::new(SpillTable::new(buffer)))))
    }
}

impl StageResult {
    /// The rows, if the planner asked for rows.
    ///
    /// # Errors
    /// If it asked for a table: the planner asks for the same stages each time.
    pub fn into_rows(self) -> std::result::Result<Vec<RecordBatch>, CatalogError> {
        match self {
            Self::Rows(batches) => Ok(batches),
            Self::Table(_) => Err(internal_datafusion_err!("a stage gave a table instead of rows").into()),
        }
    }

    /// The table, if the planner asked for one.
    ///
    /// # Errors
    /// If it asked for rows.
    pub fn into_table(self) -> std::result::Result<Arc<dyn TableSource>, CatalogError> {
        match self {
            Self::Table(table) => Ok(table),
            Self::Rows(_) => Err(internal_datafusion_err!("a stage gave rows instead of a table").into()),
        }
    }
}

/// Whether a plan reads logs.
///
/// # Errors
/// If DataFusion cannot walk the plan.
pub fn reads_logs(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| Ok(matches!(node, LogicalPlan::TableScan(scan) if scan.table_name.table() == EVENTS_TABLE)))
}
