//! One pass over the inputs for many searches: [`SharedScan`].
//!
//! Each search gets a table of its own ([`SharedScan::table`]). When it is planned, DataFusion tells the table which
//! columns the search reads and by which condition it filters. [`SharedScan::gather`] then reads the inputs once, with
//! the fields and the prefilters of all, and lays each search's rows aside; after that the plans run, each over its own
//! rows. What is laid aside has a limit in memory and continues on disk.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{Schema, SchemaRef, UInt64Type};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::DFSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use dogwatch_formats::Condition;
use futures::StreamExt;

use crate::columns::{self, SystemColumn};
use crate::exec::LogScanExec;
use crate::gathered::{Budget, GatheredExec, Store};
use crate::inputs::Inputs;
use crate::stats::ScanStats;
use crate::table::ScanRequest;

/// A pass over the inputs that several searches share.
pub struct SharedScan {
    inputs: Arc<Inputs>,
    stats: Arc<ScanStats>,
    budget: Arc<Budget>,
    consumers: Mutex<Vec<Consumer>>,
}

/// What one table of one plan wants of the pass.
#[derive(Clone)]
struct Consumer {
    request: Arc<ScanRequest>,
    filters: Vec<Expr>,
    store: Arc<Store>,
}

impl SharedScan {
    /// A pass over these inputs that counts into `stats` and lays at most `memory` bytes of rows aside in memory.
    pub fn new(inputs: Arc<Inputs>, stats: Arc<ScanStats>, memory: usize) -> Arc<Self> {
        Arc::new(Self { inputs, stats, budget: Arc::new(Budget::new(memory)), consumers: Mutex::default() })
    }

    /// A table for one search, with the columns of [`crate::table`]. It has no rows before [`SharedScan::gather`].
    pub fn table(self: &Arc<Self>, request: ScanRequest) -> Arc<SharedTable> {
        let schema = Arc::new(columns::schema(&request.fields, &self.inputs));
        Arc::new(SharedTable { shared: Arc::clone(self), request: Arc::new(request), schema, stores: Mutex::default() })
    }

    /// Reads the inputs, once, for all tables that were planned so far.
    ///
    /// # Errors
    /// If a filter cannot be evaluated, or rows cannot be laid aside. Inputs that cannot be read are counted in the
    /// stats.
    pub async fn gather(&self, state: &dyn Session, context: Arc<TaskContext>) -> Result<()> {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if consumers.is_empty() {
            return Ok(());
        }
        let request = Arc::new(together(&consumers));
        let schema = Arc::new(columns::schema(&request.fields, &self.inputs));
        let takers = consumers.iter().map(|c| Taker::new(c, &schema, state)).collect::<Result<Vec<_>>>()?;
        let takers = Arc::new(takers);
        let partitions = state.config().target_partitions();
        let scan = Arc::new(LogScanExec::new(
            Arc::clone(&self.inputs),
            request,
            Arc::clone(&self.stats),
            schema,
            partitions,
            None,
        ));
        let mut workers = tokio::task::JoinSet::new();
        for partition in 0..partitions.max(1) {
            let mut rows = scan.execute(partition, Arc::clone(&context))?;
            let takers = Arc::clone(&takers);
            workers.spawn(async move {
                while let Some(batch) = rows.next().await {
                    let batch = batch?;
                    tokio::task::block_in_place(|| takers.iter().try_for_each(|taker| taker.take(&batch)))?;
                }
                Ok::<_, DataFusionError>(())
            });
        }
        while let Some(ended) = workers.join_next().await {
            ended.map_err(|error| DataFusionError::External(Box::new(error)))??;
        }
        Ok(())
    }
}

/// The request that all consumers' requests are part of.
fn together(consumers: &[Consumer]) -> ScanRequest {
    let mut all = ScanRequest {
        condition: Condition::Any(consumers.iter().map(|c| c.request.condition.clone()).collect()),
        prefilter: consumers.iter().all(|c| c.request.prefilter),
        earliest: consumers.iter().map(|c| c.request.earliest).min().flatten(),
        latest: None,
        ..ScanRequest::default()
    };
    if consumers.iter().all(|c| c.request.latest.is_some()) {
        all.latest = consumers.iter().filter_map(|c| c.request.latest).max();
    }
    for field in consumers.iter().flat_map(|c| &c.request.fields) {
        if !all.fields.contains(field) {
            all.fields.push(field.clone());
        }
    }
    all
}

/// A consumer ready to take its rows out of the pass's batches.
struct Taker {
    filters: Vec<Arc<dyn PhysicalExpr>>,
    /// Which of the batch's columns it keeps, in the order of its store.
    columns: Vec<usize>,
    store: Arc<Store>,
}

impl Taker {
    fn new(consumer: &Consumer, schema: &SchemaRef, state: &dyn Session) -> Result<Self> {
        let known = DFSchema::try_from(schema.as_ref().clone())?;
        let filters = consumer
            .filters
            .iter()
            .map(|filter| state.create_physical_expr(filter.clone(), &known))
            .collect::<Result<Vec<_>>>()?;
        let columns = consumer
            .store
            .schema()
            .fields()
            .iter()
            .map(|field| schema.index_of(field.name()).map_err(DataFusionError::from))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { filters, columns, store: Arc::clone(&consumer.store) })
    }

    fn take(&self, batch: &RecordBatch) -> Result<()> {
        let mut mask: Option<BooleanArray> = None;
        for filter in &self.filters {
            let value = filter.evaluate(batch)?.into_array(batch.num_rows())?;
            let value = value.as_boolean();
            let value = if value.null_count() > 0 { prep_null_mask_filter(value) } else { value.clone() };
            let both = match mask {
                Some(mask) => and(&mask, &value)?,
                None => value,
            };
            if both.true_count() == 0 {
                return Ok(());
            }
            mask = Some(both);
        }
        let mut rows = batch.project(&self.columns)?;
        if let Some(mask) = mask {
            rows = filter_record_batch(&rows, &mask)?;
        }
        self.store.push(rows)
    }
}

/// See [`SharedScan::table`].
pub struct SharedTable {
    shared: Arc<SharedScan>,
    request: Arc<ScanRequest>,
    schema: SchemaRef,
    stores: Mutex<Vec<Arc<Store>>>,
}

impl SharedTable {
    /// Where the rows of these events stand: for each of the table's rows whose `event_id` is wanted, the id and the row's
    /// `__seq`. In no order.
    ///
    /// # Errors
    /// If what was laid aside on disk cannot be read.
    pub fn places(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<(String, u64)>> {
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut places = Vec::new();
        for store in stores {
            store.each(&mut |batch| {
                let ids = batch.column(store.column(SystemColumn::EventId)).as_string::<i32>();
                let seqs = batch.column(store.column(SystemColumn::Seq)).as_primitive::<UInt64Type>();
                for row in (0..batch.num_rows()).filter(|row| ids.is_valid(*row) && wanted(ids.value(*row))) {
                    places.push((ids.value(row).to_owned(), seqs.value(row)));
                }
            })?;
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }
}

impl std::fmt::Debug for SharedTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedTable").field("request", &self.request).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for SharedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shown = match projection {
            Some(columns) => self.schema.project(columns)?,
            None => self.schema.as_ref().clone(),
        };
        // A finding names its events and their places, whatever the search itself reads.
        let mut kept: Vec<_> = shown.fields().iter().cloned().collect();
        for column in [SystemColumn::EventId, SystemColumn::Seq] {
            if shown.index_of(column.name()).is_err() {
                kept.push(Arc::new(self.schema.field_with_name(column.name())?.clone()));
            }
        }
        let store = Arc::new(Store::new(Arc::new(Schema::new(kept)), Arc::clone(&self.shared.budget)));
        self.stores.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&store));
        self.shared.consumers.lock().unwrap_or_else(PoisonError::into_inner).push(Consumer {
            request: Arc::clone(&self.request),
            filters: filters.to_vec(),
            store: Arc::clone(&store),
        });
        Ok(Arc::new(GatheredExec::new(store, Arc::new(shown), state.config().target_partitions())))
    }
}
