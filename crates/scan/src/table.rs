//! The table that a search reads: [`table`] makes one from inputs and a [`ScanRequest`].

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::project_schema;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use dogwatch_predicate::Condition;

use crate::columns;
use crate::exec::LogScanExec;
use crate::inputs::Inputs;
use crate::row_builder::TimeBounds;
use crate::stats::ScanStats;
use crate::window::ChunkSizes;

/// A search's request to the inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanRequest {
    /// The projected fields, in the order of the columns. System columns ([`crate::SystemColumn`]) are always present and
    /// need not be named.
    pub fields: Vec<String>,
    /// The condition that every wanted row satisfies. Other rows are dropped where that is cheap, and may otherwise be
    /// emitted.
    pub condition: Condition,
    /// Whether the prefilter tests raw bytes before they are parsed. Off only to check that the results are the same.
    pub prefilter: bool,
    /// Only rows of this time or later, microseconds since 1970 UTC. Rows without a time are always emitted.
    pub earliest: Option<i64>,
    /// Only rows before this time.
    pub latest: Option<i64>,
    /// Sizes of the pieces in which files are read.
    pub sizes: ChunkSizes,
}

impl Default for ScanRequest {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            condition: Condition::Anything,
            prefilter: true,
            earliest: None,
            latest: None,
            sizes: ChunkSizes::default(),
        }
    }
}

impl ScanRequest {
    pub(crate) fn bounds(&self) -> TimeBounds {
        TimeBounds { earliest: self.earliest, latest: self.latest }
    }
}

/// The inputs as a table: the system columns, then the projected fields. A field that is multivalue in one of the formats
/// present is a list of strings, all others are strings; multiple values in a string column are joined by line feeds.
/// `__seq` holds the order of the rows.
pub fn table(inputs: Arc<Inputs>, request: ScanRequest, stats: Arc<ScanStats>) -> Arc<dyn TableProvider> {
    let schema = Arc::new(columns::schema(&request.fields, &inputs));
    Arc::new(LogTable { inputs, request: Arc::new(request), stats, schema })
}

/// See [`table`].
#[derive(Debug)]
struct LogTable {
    inputs: Arc<Inputs>,
    request: Arc<ScanRequest>,
    stats: Arc<ScanStats>,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for LogTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = project_schema(&self.schema, projection)?;
        Ok(Arc::new(LogScanExec::new(
            Arc::clone(&self.inputs),
            Arc::clone(&self.request),
            Arc::clone(&self.stats),
            schema,
            state.config().target_partitions(),
            limit,
        )))
    }
}
