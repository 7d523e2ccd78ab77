//! Detections that are parsed once and can run over logs any number of times: [`RuleSet`].
//!
//! A plan depends on the answers of the catalog: the columns of its tables, the rows of its lookups, the time, the rows
//! of its stages. A rule keeps its plan together with these questions and answers. A later run with the same answers
//! reuses the plan with its own tables; with different ones (a lookup was edited, a row of the allow-list has expired,
//! the logs are of another format) the search is planned again. Nothing that can change is baked into a rule.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::internal_datafusion_err;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use dogwatch_content::{Content, Detection};
use dogwatch_plan::OWN_TABLE;
use dogwatch_scan::{Inputs, ScanStats, SharedScan, SharedTable};

use super::{DetectionMacros, FailedDetection, search_of};
use crate::catalog::{LogCatalog, Questions, SharedPass};
use crate::error::EngineError;
use crate::session::{Parsed, Session};
use crate::stage::{Stage, StageResult};

/// Parsed detections. [`Session::run_rules`] runs them over logs any number of times.
pub struct RuleSet {
    pub(super) rules: Vec<Arc<Rule>>,
    failed: Vec<FailedDetection>,
}

/// A parsed detection.
pub(super) struct Rule {
    pub(super) detection: Arc<Detection>,
    parsed: Parsed,
    /// Whether its search is known to be valid, so that planning can wait until there are rows for it.
    trusted: bool,
    asked: Mutex<Option<Asked>>,
    compiled: Mutex<Option<Arc<Compiled>>>,
    /// Number of times its search was planned.
    planned: AtomicUsize,
}

/// A rule's requests to the logs, which do not depend on the logs.
#[derive(Clone)]
struct Asked {
    questions: Arc<Questions>,
    /// Whether the search has no results if there are no events.
    events_only: bool,
}

/// A plan, and the answers that it depends on.
struct Compiled {
    /// Its tables of events are [`TableSlot`]s.
    plan: LogicalPlan,
    /// The columns of its tables.
    schemas: Vec<SchemaRef>,
    questions: Questions,
    makes_rows: bool,
}

/// A detection with something to run over the rows of a pass.
pub(super) struct PlannedDetection {
    pub(super) rule: Arc<Rule>,
    pub(super) next: Next,
    /// The tables that it and its stages read, in which the events of findings are looked up.
    pub(super) tables: Vec<Arc<SharedTable>>,
}

/// The next step for a detection's rows.
pub(super) enum Next {
    /// Its search, to be planned only if there are rows: most detections match nothing in most logs.
    Unplanned,
    /// Its search: the rows are findings.
    Search(Ready),
    /// A stage that has to run before the search can be planned, after others that have.
    Stage(Stage, Vec<StageResult>),
}

/// A search that is planned over the tables of a pass.
pub(super) struct Ready {
    pub(super) plan: LogicalPlan,
    /// Whether it returns rows even if no event matches: because of a global aggregate, or rows of its own.
    pub(super) makes_rows: bool,
}

impl RuleSet {
    /// The detections that cannot run on any logs, and why.
    pub fn take_failed(&mut self) -> Vec<FailedDetection> {
        std::mem::take(&mut self.failed)
    }

    /// Number of searches planned in all runs together: a run over other rows of the same kind plans none.
    pub fn planned(&self) -> usize {
        self.rules.iter().map(|rule| rule.planned.load(Ordering::Relaxed)).sum()
    }
}

impl Session {
    /// Parses detections so that they can run. A broken detection is not an error here: see [`RuleSet::take_failed`].
    ///
    /// # Errors
    /// If DataFusion cannot be set up.
    pub async fn rule_set(&self, content: &Content, detections: &[Arc<Detection>]) -> Result<RuleSet, EngineError> {
        let (inputs, _) = Inputs::list(&[], &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), &self.runtime()?, 1);
        let macros = DetectionMacros { session: &self.macros, content };
        // Mistakes in a search have to be reported even if no event matches. The bundled ones are known to be valid.
        let trusted = content.is_bundled() && self.options.macros.is_empty();
        let understand = |detection: &Arc<Detection>| {
            let failed = |error| FailedDetection { detection: Arc::clone(detection), error };
            let mut parsed = self.parse(&search_of(detection), &macros, &catalog).map_err(failed)?;
            parsed.names_groups = true;
            Ok(Arc::new(Rule {
                detection: Arc::clone(detection),
                parsed,
                trusted,
                asked: Mutex::default(),
                compiled: Mutex::default(),
                planned: AtomicUsize::new(0),
            }))
        };
        let (mut rules, mut failed) = (Vec::new(), Vec::new());
        for understood in super::in_parallel(self.threads(), detections, &understand) {
            match understood {
                Ok(rule) => rules.push(rule),
                Err(why) => failed.push(why),
            }
        }
        Ok(RuleSet { rules, failed })
    }
}

impl Rule {
    /// Requests the events of the search from a pass, and plans the search if the plan is needed before the pass.
    pub(super) fn prepare(
        self: &Arc<Self>,
        catalog: &LogCatalog,
        scan: &Arc<SharedScan>,
    ) -> Result<PlannedDetection, FailedDetection> {
        if let Some(planned) = self.prepare_again(catalog, scan).map_err(|error| self.failed(error))? {
            return Ok(planned);
        }
        if self.trusted {
            let (shared, with_pass) = part(catalog, SharedPass::new(Arc::clone(scan), Vec::new()));
            if self.parsed.plan_events(&with_pass).map_err(|error| self.failed(error))? {
                self.ask(shared.questions(), true);
                return Ok(self.with(Next::Unplanned, shared.tables()));
            }
        }
        self.plan(catalog, scan, Vec::new())
    }

    /// Like `prepare`, but without the planner, if the event requests of an earlier run can be reused.
    fn prepare_again(
        self: &Arc<Self>,
        catalog: &LogCatalog,
        scan: &Arc<SharedScan>,
    ) -> Result<Option<PlannedDetection>> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Asked { questions, events_only }) = asked else { return Ok(None) };
        let table = |request| scan.table(catalog.scan_request(request), request.raw);
        let tables: Vec<_> = questions.events.iter().map(table).collect();
        let next = match events_only {
            true => Next::Unplanned,
            false => match self.compiled_for(catalog, &tables) {
                Some(compiled) => Next::Search(compiled.over(&tables)?),
                None => return Ok(None),
            },
        };
        Ok(Some(self.with(next, tables)))
    }

    /// Plans the search over a pass, up to the first stage without a result.
    pub(super) fn plan(
        self: &Arc<Self>,
        catalog: &LogCatalog,
        scan: &Arc<SharedScan>,
        results: Vec<StageResult>,
    ) -> Result<PlannedDetection, FailedDetection> {
        let (shared, with_pass) = part(catalog, SharedPass::new(Arc::clone(scan), results.clone()));
        let planned = self.parsed.plan(&with_pass);
        self.planned.fetch_add(1, Ordering::Relaxed);
        let (tables, stage) = shared.take();
        let next = match (stage, planned) {
            (Some(stage), _) => Next::Stage(stage, results),
            (None, Ok(planned)) => {
                let ready = self.compile(planned.plan, &tables, &shared.questions());
                Next::Search(ready.map_err(|error| self.failed(error))?)
            }
            (None, Err(error)) => return Err(self.failed(error)),
        };
        Ok(self.with(next, tables))
    }

    /// The search over the tables that a pass has filled for it; `None` if they are empty.
    pub(super) fn over_filled(
        &self,
        catalog: &LogCatalog,
        scan: &Arc<SharedScan>,
        tables: &[Arc<SharedTable>],
    ) -> Result<Option<Ready>, EngineError> {
        if tables.iter().all(|table| table.is_empty()) {
            return Ok(None);
        }
        if let Some(compiled) = self.compiled_for(catalog, tables) {
            return Ok(Some(compiled.over(tables)?));
        }
        let (shared, with_pass) = part(catalog, SharedPass::over(Arc::clone(scan), tables.to_vec()));
        let plan = self.parsed.plan(&with_pass)?.plan;
        self.planned.fetch_add(1, Ordering::Relaxed);
        Ok(Some(self.compile(plan, tables, &shared.questions())?))
    }

    /// Keeps a plan for later runs, unless it depends on answers that are specific to this run.
    fn compile(&self, plan: LogicalPlan, tables: &[Arc<SharedTable>], questions: &Questions) -> Result<Ready> {
        let ready = Ready { makes_rows: makes_rows(&plan)?, plan };
        if questions.differs || questions.events.len() != tables.len() {
            return Ok(ready);
        }
        let compiled = Compiled {
            plan: with_slots(ready.plan.clone(), tables)?,
            schemas: tables.iter().map(|table| table.schema()).collect(),
            questions: questions.clone(),
            makes_rows: ready.makes_rows,
        };
        self.ask(questions.clone(), false);
        *self.compiled.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(compiled));
        Ok(ready)
    }

    /// The plan of an earlier run, if this one gives the same answers.
    fn compiled_for(&self, catalog: &LogCatalog, tables: &[Arc<SharedTable>]) -> Option<Arc<Compiled>> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let same_tables =
            compiled.schemas.iter().eq(tables.iter().map(|table| table.schema()).collect::<Vec<_>>().iter());
        let mut lookups = compiled.questions.lookups.iter();
        let same = same_tables && lookups.all(|(name, version)| catalog.loaded_lookup(name).version == *version);
        same.then_some(compiled)
    }

    /// Keeps the requests of the search to the logs: those of the plan that is kept, since a lookup's rows can be part of them.
    fn ask(&self, questions: Questions, events_only: bool) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = asked.as_ref().is_some_and(|asked| asked.events_only);
        if !questions.differs && !known {
            *asked = Some(Asked { questions: Arc::new(questions), events_only });
        }
    }

    fn with(self: &Arc<Self>, next: Next, tables: Vec<Arc<SharedTable>>) -> PlannedDetection {
        PlannedDetection { rule: Arc::clone(self), next, tables }
    }

    fn failed(&self, error: impl Into<EngineError>) -> FailedDetection {
        FailedDetection { detection: Arc::clone(&self.detection), error: error.into() }
    }
}

impl Compiled {
    /// The plan over the tables of a run.
    fn over(&self, tables: &[Arc<SharedTable>]) -> Result<Ready> {
        let missing = || internal_datafusion_err!("a plan has more tables than its rule has asked for");
        let plan = map_tables(self.plan.clone(), &|source| {
            let Some(slot) = source.downcast_ref::<TableSlot>() else { return Ok(None) };
            let table = tables.get(slot.number).ok_or_else(missing)?;
            Ok(Some(provider_as_source(Arc::clone(table) as Arc<dyn TableProvider>)))
        })?;
        Ok(Ready { plan, makes_rows: self.makes_rows })
    }
}

/// Placeholder for a table of events in a kept plan, which must not keep the rows of its run.
#[derive(Debug)]
struct TableSlot {
    number: usize,
    schema: SchemaRef,
}

impl TableSource for TableSlot {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A plan with its tables replaced by slots.
fn with_slots(plan: LogicalPlan, tables: &[Arc<SharedTable>]) -> Result<LogicalPlan> {
    map_tables(plan, &|source| {
        let Ok(provider) = source_as_provider(source) else { return Ok(None) };
        let Some(table) = provider.downcast_ref::<SharedTable>() else { return Ok(None) };
        let number = tables.iter().position(|known| std::ptr::eq(Arc::as_ptr(known), table));
        let number = number.ok_or_else(|| internal_datafusion_err!("a plan reads a table that was not asked for"))?;
        Ok(Some(Arc::new(TableSlot { number, schema: source.schema() }) as Arc<dyn TableSource>))
    })
}

type Source = Arc<dyn TableSource>;

/// A plan with the table sources replaced for which the function returns another.
fn map_tables(plan: LogicalPlan, replace: &dyn Fn(&Source) -> Result<Option<Source>>) -> Result<LogicalPlan> {
    let mapped = plan.transform_up(|node| match node {
        LogicalPlan::TableScan(mut scan) => match replace(&scan.source)? {
            Some(source) => {
                scan.source = source;
                Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
            }
            None => Ok(Transformed::no(LogicalPlan::TableScan(scan))),
        },
        node => Ok(Transformed::no(node)),
    })?;
    Ok(mapped.data)
}

/// One search's view of a pass, and a catalog for it.
fn part(catalog: &LogCatalog, shared: SharedPass) -> (Arc<SharedPass>, LogCatalog) {
    let shared = Arc::new(shared);
    let with_pass = LogCatalog { shared: Some(Arc::clone(&shared)), ..catalog.clone() };
    (shared, with_pass)
}

/// Whether a search returns rows even if no event matches: because of a global aggregate, or rows of its own.
fn makes_rows(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| {
        Ok(match node {
            LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
            LogicalPlan::TableScan(scan) => scan.table_name.table() == OWN_TABLE,
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => true,
            _ => false,
        })
    })
}
