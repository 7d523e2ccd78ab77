//! Detections over logs: all of them in one pass, and their rows as findings.
//!
//! [`Session::detections`] plans every detection by itself, so that a bad one is reported and the others run. The logs
//! are then read once for all ([`dogwatch_scan::SharedScan`]), each plan runs over its own rows, and each row becomes a
//! [`Finding`]. A detection whose search has a subsearch has to know its result before it can be planned; it reads the
//! logs by itself.

mod check;
mod evidence;
mod macros;
mod row;
mod stages;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;
use dogwatch_content::{Content, Detection, Finding};
use dogwatch_plan::OWN_TABLE;
use dogwatch_scan::{InputError, Inputs, ScanStats, SharedScan, SharedTable};
use futures::StreamExt;

pub use check::placed;
pub(crate) use macros::DetectionMacros;
pub use stages::Stage;

use crate::catalog::SharedPass;
use crate::error::EngineError;
use crate::options::Text;
use crate::session::{Session, physical};
use evidence::Found;

/// How much of what the pass lays aside stays in memory, bytes. Beyond it, temporary files are used.
const ASIDE: usize = 256 << 20;

/// How much a finding says of the events that it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Their ids.
    Ids,
    /// Also the files and lines on which they stand. Files with findings are read once more, up to the last of them.
    Places,
    /// Also their records, for the first events of each finding. The logs are read once more.
    Records,
}

/// A detection that cannot run.
#[derive(Debug)]
pub struct FailedDetection {
    /// The detection.
    pub detection: Arc<Detection>,
    /// Why.
    pub error: EngineError,
}

/// Detections that are planned over some logs.
pub struct DetectionRun {
    planned: Vec<PlannedDetection>,
    failed: Vec<FailedDetection>,
    errors: Vec<InputError>,
    inputs: Arc<Inputs>,
    stats: Arc<ScanStats>,
    shared: Arc<SharedScan>,
    context: SessionContext,
    threads: usize,
    show_secrets: bool,
}

struct PlannedDetection {
    detection: Arc<Detection>,
    plan: LogicalPlan,
    context: SessionContext,
    tables: Vec<Arc<SharedTable>>,
}

impl Session {
    /// Plans detections over the logs behind some paths. The logs are read by [`DetectionRun::findings`].
    ///
    /// # Errors
    /// If DataFusion cannot be set up. What is wrong with a detection or a log is no error: see
    /// [`DetectionRun::take_failed`] and [`DetectionRun::take_input_errors`].
    pub async fn detections(
        &self,
        content: &Content,
        detections: &[Arc<Detection>],
        paths: &[String],
    ) -> Result<DetectionRun, EngineError> {
        let (inputs, errors) = Inputs::list(paths, &self.input_options());
        let (inputs, stats) = (Arc::new(inputs), Arc::new(ScanStats::default()));
        let shared = SharedScan::new(Arc::clone(&inputs), Arc::clone(&stats), ASIDE);
        let threads = self.threads();
        let context = self.context(threads)?;
        // A detection's own rows are few: a plan in one piece costs less than one in many.
        let narrow = self.context(1)?;
        let mut run = DetectionRun {
            planned: Vec::new(),
            failed: Vec::new(),
            errors,
            inputs,
            stats,
            shared,
            context,
            threads,
            show_secrets: self.options.show_secrets,
        };
        let handle = tokio::runtime::Handle::current();
        let plan = |detection: &Arc<Detection>| {
            handle.block_on(async { self.plan_detection(content, detection, &run, &narrow) })
        };
        let planned = tokio::task::block_in_place(|| in_parallel(threads, detections, &plan));
        for (detection, planned) in detections.iter().zip(planned) {
            match planned {
                Ok(planned) => run.planned.push(planned),
                Err(error) => run.failed.push(FailedDetection { detection: Arc::clone(detection), error }),
            }
        }
        Ok(run)
    }

    fn plan_detection(
        &self,
        content: &Content,
        detection: &Arc<Detection>,
        run: &DetectionRun,
        narrow: &SessionContext,
    ) -> Result<PlannedDetection, EngineError> {
        let text = search_of(detection);
        let macros = DetectionMacros { session: &self.macros, content };
        let mut catalog = self.catalog(Arc::clone(&run.inputs), Arc::clone(&run.stats), narrow.clone());
        catalog.shared =
            Some(SharedPass { scan: Arc::clone(&run.shared), tables: Mutex::default(), ran: AtomicBool::new(false) });
        let mut planned = self.plan(&text, &macros, &catalog);
        if catalog.shared.as_ref().is_some_and(|shared| shared.ran.load(Ordering::Relaxed)) {
            catalog.shared = None;
            catalog.context = run.context.clone();
            planned = self.plan(&text, &macros, &catalog);
        }
        let (_, _, planned) = planned?;
        let tables = catalog.shared.map(|s| s.tables.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(PlannedDetection {
            detection: Arc::clone(detection),
            plan: planned.plan,
            context: catalog.context,
            tables: tables.unwrap_or_default(),
        })
    }
}

impl DetectionRun {
    /// The inputs that are not searched, and why.
    pub fn take_input_errors(&mut self) -> Vec<InputError> {
        std::mem::take(&mut self.errors)
    }

    /// The detections that cannot run, and why: those that could not be planned, after
    /// [`DetectionRun::findings`] also those that failed.
    pub fn take_failed(&mut self) -> Vec<FailedDetection> {
        std::mem::take(&mut self.failed)
    }

    /// How many detections run.
    pub fn len(&self) -> usize {
        self.planned.len()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// How many files in directories are left out because they are no logs.
    pub fn skipped(&self) -> usize {
        self.inputs.skipped()
    }

    /// Counts of what is read, while it runs and after.
    pub fn stats(&self) -> Arc<ScanStats> {
        Arc::clone(&self.stats)
    }

    /// Reads the logs and returns what was found, newest first.
    ///
    /// # Errors
    /// If the logs cannot be read for all. A detection that fails by itself is among the failed ones.
    pub async fn findings(&mut self, evidence: Evidence) -> Result<Vec<Finding>, EngineError> {
        tokio::task::block_in_place(|| self.shared.gather(self.threads))?;
        let show_secrets = self.show_secrets;
        let mut results = futures::stream::iter(std::mem::take(&mut self.planned))
            .map(|PlannedDetection { detection, plan, context, tables }| {
                tokio::spawn(async move {
                    let batches = run_plan(plan, &context, &tables).await;
                    (batches.map(|batches| row::findings(&detection, &batches, show_secrets)), detection, tables)
                })
            })
            .buffer_unordered(self.threads);
        let mut found = Found::default();
        while let Some(ended) = results.next().await {
            let (findings, detection, tables) = ended.map_err(|error| EngineError::Internal(error.to_string()))?;
            let added = findings.and_then(|findings| found.add(findings, &tables, evidence));
            if let Err(error) = added {
                self.failed.push(FailedDetection { detection, error });
            }
        }
        self.failed.sort_by(|a, b| a.detection.name.cmp(&b.detection.name));
        found.place(&self.shared, self.threads);
        // So that those that are shown first get their records, if not all can.
        found.findings.sort_by(|a, b| b.time.cmp(&a.time).then_with(|| a.detection.name.cmp(&b.detection.name)));
        if evidence >= Evidence::Records {
            evidence::records(&mut found.findings, &self.inputs, &self.context, self.show_secrets).await?;
        }
        Ok(found.findings)
    }
}

/// What work comes to for each item, in order, in so many threads. To plan tens of searches takes longer than to read a
/// small log. Neighbours are much alike, so the threads work far apart from each other: what one has found out the other
/// finds known.
fn in_parallel<T: Sync, R: Send>(threads: usize, items: &[T], work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        let half = items.len().div_ceil(2);
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            if turn >= 2 * half {
                break;
            }
            let number = turn / 2 + if turn.is_multiple_of(2) { 0 } else { half };
            if let Some(item) = items.get(number) {
                done.push((number, work(item)));
            }
        }
        done
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mut results = worker();
        for other in workers {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What a detection's plan gives over the rows of its tables.
async fn run_plan(
    plan: LogicalPlan,
    context: &SessionContext,
    tables: &[Arc<SharedTable>],
) -> Result<Vec<RecordBatch>, EngineError> {
    // Most detections find nothing to look at, and to make a plan ready to run takes longer than to run it on few rows.
    let nothing = !tables.is_empty() && tables.iter().all(|table| table.is_empty());
    if nothing && !makes_rows(&plan)? {
        return Ok(Vec::new());
    }
    Ok(collect(physical(context, plan).await?, context.task_ctx()).await?)
}

/// Whether a search has rows at its end even where no event fits: one that counts over everything, or that brings rows
/// of its own.
fn makes_rows(plan: &LogicalPlan) -> Result<bool, EngineError> {
    Ok(plan.exists(|node| {
        Ok(match node {
            LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
            LogicalPlan::TableScan(scan) => scan.table_name.table() == OWN_TABLE,
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => true,
            _ => false,
        })
    })?)
}

/// The search of a detection, named by its file.
pub(crate) fn search_of(detection: &Detection) -> Text {
    Text { name: detection.path.display().to_string(), text: detection.search.text.clone() }
}
