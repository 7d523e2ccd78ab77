//! Answers the planner's questions: tables from the scan, lookups from files, subsearches from DataFusion.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::prelude::SessionContext;
use dogwatch_plan::{CatalogError, EventRequest, Lookup, LookupFault, SourceCatalog};
use dogwatch_scan::{Inputs, ScanRequest, ScanStats, SharedScan, SharedTable, SpillBudget};
use dogwatch_syntax::Pattern;
use tokio::runtime::Handle;

use crate::lookups::{LoadedLookup, LoadedLookups, Table};
use crate::stage::{self, Stage, StageKind, StageResult};

/// A shared pass over the logs, from the point of view of one search.
pub struct SharedPass {
    /// The pass.
    pub scan: Arc<SharedScan>,
    /// Results of the search's stages that ran in earlier passes, in the order in which the planner asks for them.
    pub results: Vec<StageResult>,
    /// The tables that the pass has filled for the search before it is planned, in the order in which the planner asks for them.
    filled: Vec<Arc<SharedTable>>,
    state: Mutex<PassState>,
}

#[derive(Default)]
struct PassState {
    tables: Vec<Arc<SharedTable>>,
    /// Number of stages that the planner has asked for.
    asked: usize,
    /// The first stage without a result, on which planning stopped.
    next: Option<Stage>,
    questions: Questions,
}

/// The questions of a planner to its catalog. A plan depends only on the answers, so the same answers give the same plan.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// The requests for events, in order.
    pub events: Vec<EventRequest>,
    /// The lookups, with their versions.
    pub lookups: Vec<(String, u64)>,
    /// Whether a question was asked whose answer differs from run to run, such as the time or the contents of the logs.
    pub differs: bool,
}

impl SharedPass {
    /// A search's part in a pass, with the results of its first stages.
    pub fn new(scan: Arc<SharedScan>, results: Vec<StageResult>) -> Self {
        Self { scan, results, filled: Vec::new(), state: Mutex::default() }
    }

    /// Like [`SharedPass::new`], for a search whose tables the pass has already filled.
    pub fn over(scan: Arc<SharedScan>, filled: Vec<Arc<SharedTable>>) -> Self {
        Self { scan, results: Vec::new(), filled, state: Mutex::default() }
    }

    /// The tables that the search's plan reads from the pass, and the stage that has to run before the search can be
    /// planned, if there is one. Called when the planner is done.
    pub fn take(&self) -> (Vec<Arc<SharedTable>>, Option<Stage>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tables = std::mem::take(&mut state.tables);
        // Planning requests stages with known results again, and with them tables that no plan reads; the pass would fill
        // these.
        tables.retain(|table| Arc::strong_count(table) > 1);
        (tables, state.next.take())
    }

    /// The tables that the planner has asked for so far, whether or not a plan reads them.
    pub fn tables(&self) -> Vec<Arc<SharedTable>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).tables.clone()
    }

    /// The planner's questions so far.
    pub fn questions(&self) -> Questions {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).questions.clone()
    }

    fn note(&self, note: impl FnOnce(&mut Questions)) {
        note(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).questions);
    }

    /// The result of the stage that the planner asks for now, or a note that it has to run first.
    fn answer(&self, plan: LogicalPlan, kind: StageKind) -> Result<StageResult, CatalogError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.questions.differs = true;
        if let Some(result) = self.results.get(state.asked) {
            state.asked += 1;
            return Ok(result.clone());
        }
        state.next = Some(Stage { plan, kind });
        Err(CatalogError::Deferred)
    }
}

/// The catalog of one search.
#[derive(Clone)]
pub struct LogCatalog {
    /// The logs.
    pub inputs: Arc<Inputs>,
    /// Counts of what is read.
    pub stats: Arc<ScanStats>,
    /// The context in which plans run.
    pub context: SessionContext,
    /// Directories of lookup tables.
    pub lookups: Vec<PathBuf>,
    /// Lookup tables in memory.
    pub tables: Arc<[Table]>,
    /// Whether to prefilter raw bytes.
    pub prefilter: bool,
    /// Memory budget for the rows of stages.
    pub spill: Arc<SpillBudget>,
    /// The lookups that this run has loaded.
    pub loaded: Arc<LoadedLookups>,
    /// The shared pass, if this search takes part in one.
    pub shared: Option<Arc<SharedPass>>,
    /// The time of the search, microseconds since 1970 UTC.
    pub now: i64,
}

impl LogCatalog {
    /// Translates a request for the scan.
    pub fn scan_request(&self, request: &EventRequest) -> ScanRequest {
        ScanRequest {
            fields: request.fields.clone(),
            condition: request.condition.clone(),
            prefilter: self.prefilter,
            earliest: request.earliest,
            latest: request.latest,
            ..ScanRequest::default()
        }
    }

    /// A lookup as this run sees it.
    pub fn loaded_lookup(&self, name: &str) -> LoadedLookup {
        self.loaded.get(name, || crate::lookups::load(&self.lookups, &self.tables, name, self.now))
    }

    fn note(&self, note: impl FnOnce(&mut Questions)) {
        if let Some(shared) = &self.shared {
            shared.note(note);
        }
    }

    /// Runs a stage immediately, unless it reads logs that a shared pass has not read yet.
    fn stage(&self, plan: LogicalPlan, kind: StageKind) -> Result<StageResult, CatalogError> {
        match &self.shared {
            Some(shared) if stage::reads_logs(&plan)? => shared.answer(plan, kind),
            _ => {
                let run = Stage { plan, kind }.run(&self.context, &self.spill);
                Ok(tokio::task::block_in_place(|| Handle::current().block_on(run))?)
            }
        }
    }
}

impl SourceCatalog for LogCatalog {
    fn events(&self, request: &EventRequest) -> Result<Arc<dyn TableSource>, CatalogError> {
        if let Some(shared) = &self.shared {
            let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            let table = match shared.filled.get(state.tables.len()) {
                Some(filled) => Arc::clone(filled),
                None => shared.scan.table(self.scan_request(request), request.raw),
            };
            state.tables.push(Arc::clone(&table));
            state.questions.events.push(request.clone());
            return Ok(provider_as_source(table));
        }
        let table = dogwatch_scan::table(Arc::clone(&self.inputs), self.scan_request(request), Arc::clone(&self.stats));
        Ok(provider_as_source(table))
    }

    fn discover(&self, request: &EventRequest) -> Result<Vec<String>, CatalogError> {
        self.note(|questions| questions.differs = true);
        // The counts of this pass are discarded: the search itself counts the same input again.
        let stats = Arc::new(ScanStats::default());
        let request = self.scan_request(request);
        let found = dogwatch_scan::discover(&self.inputs, &request, &stats, &AtomicBool::new(false));
        Ok(found.fields.into_iter().map(|field| field.name).collect())
    }

    fn lookup(&self, name: &str) -> Result<Lookup, LookupFault> {
        let LoadedLookup { version, lookup } = self.loaded_lookup(name);
        self.note(|questions| questions.lookups.push((name.to_owned(), version)));
        lookup
    }

    fn rows(&self, batch: RecordBatch) -> Result<Arc<dyn TableSource>, CatalogError> {
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        Ok(provider_as_source(Arc::new(table)))
    }

    fn run(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>, CatalogError> {
        self.stage(plan, StageKind::Rows)?.into_rows()
    }

    fn materialize(&self, plan: LogicalPlan) -> Result<Arc<dyn TableSource>, CatalogError> {
        self.stage(plan, StageKind::Table)?.into_table()
    }

    fn other_names(&self, field: &str, value: &Pattern) -> Vec<String> {
        let matcher = value.matcher();
        let matches = |name: &str| matcher.matches(name);
        let names = self.inputs.names();
        let found = match field {
            "sourcetype" => names.sourcetypes(&matches),
            _ => names.indexes(&matches),
        };
        found.into_iter().map(str::to_owned).collect()
    }

    fn now(&self) -> i64 {
        self.note(|questions| questions.differs = true);
        self.now
    }
}
