//! Runs detections over logs in one pass, and turns their rows into findings.
//!
//! [`Session::detections`] plans every detection by itself ([`RuleSet`]), so that a broken one is reported and the others
//! run. The logs are then read once for all ([`dogwatch_scan::SharedScan`]), each plan runs over its own rows, and each
//! row becomes a [`Finding`](dogwatch_content::Finding), kept in a buffer that spills to disk. A detection with a
//! subsearch or a barrier needs the rows of that part before it can be planned: the part runs over the rows of the first
//! pass, the detection is planned again with the result, and one more pass reads the logs for all such detections.

mod check;
mod collection;
mod evidence;
mod finding_buffer;
mod ground_truth;
mod macros;
mod row;
mod rule_set;
mod secrets;
mod stages;
mod test_runner;
pub mod tuning;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::runtime::SpawnedTask;
use datafusion::prelude::SessionContext;
use dogwatch_content::{Content, Detection, SecretRules};
use dogwatch_scan::{InputError, Inputs, ScanStats, SharedScan, SharedTable, SpillBudget};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

pub use check::placed;
pub use finding_buffer::{FindingFilter, Findings};
pub(crate) use macros::DetectionMacros;
pub use rule_set::RuleSet;
pub use stages::StageCount;
pub use test_runner::{TestOutcome, TestRunner, TestStatus};

use crate::catalog::LogCatalog;
use crate::error::EngineError;
use crate::options::Text;
use crate::session::Session;
use crate::stage::StageResult;
use collection::Collection;
use evidence::Records;
use rule_set::{Next, PlannedDetection, Rule};
use secrets::secret_rules;

/// The detail in which a finding lists its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Their ids.
    Ids,
    /// Also their files and lines. Files with findings are read once more, up to the last finding.
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
    shared: Arc<SharedScan>,
    /// Context in which detections are planned and run: with one partition, since a detection has few rows.
    catalog: LogCatalog,
    /// Context in which the logs are read again for records.
    context: SessionContext,
    /// Memory budget for the rows of all passes.
    budget: Arc<SpillBudget>,
    threads: usize,
    /// Rules for masking the secrets of findings; `None` if they are shown.
    secrets: Option<Arc<SecretRules>>,
    cancel: CancellationToken,
}

/// A detection whose stage has run.
struct Answered {
    rule: Arc<Rule>,
    results: Vec<StageResult>,
    tables: Vec<Arc<SharedTable>>,
}

impl Session {
    /// Plans detections over the logs behind some paths. [`DetectionRun::findings`] reads the logs.
    ///
    /// # Errors
    /// If DataFusion cannot be set up. Problems of single detections or logs are reported elsewhere: see
    /// [`DetectionRun::take_failed`] and [`DetectionRun::take_input_errors`].
    pub async fn detections(
        &self,
        content: &Content,
        detections: &[Arc<Detection>],
        paths: &[String],
    ) -> Result<DetectionRun, EngineError> {
        let mut rules = self.rule_set(content, detections).await?;
        let mut run = self.run_rules(&rules, paths).await?;
        run.failed.extend(rules.take_failed());
        Ok(run)
    }

    /// Like [`Session::detections`], for detections that are already parsed.
    ///
    /// # Errors
    /// As [`Session::detections`].
    pub async fn run_rules(&self, rules: &RuleSet, paths: &[String]) -> Result<DetectionRun, EngineError> {
        let (inputs, errors) = Inputs::list(paths, &self.input_options());
        let (inputs, stats) = (Arc::new(inputs), Arc::new(ScanStats::default()));
        let (runtime, threads) = (self.runtime()?, self.threads());
        let budget = runtime.pass_budget();
        let shared = SharedScan::new(Arc::clone(&inputs), Arc::clone(&stats), Arc::clone(&budget));
        let mut run = DetectionRun {
            planned: Vec::new(),
            failed: Vec::new(),
            errors,
            shared,
            catalog: self.catalog(inputs, stats, &runtime, 1),
            context: runtime.context(threads),
            budget,
            threads,
            secrets: (!self.options.show_secrets).then(|| Arc::new(secret_rules(self.names()))),
            cancel: CancellationToken::new(),
        };
        let planned = run.in_parallel(&rules.rules, &|rule| rule.prepare(&run.catalog, &run.shared));
        for planned in planned {
            match planned {
                Ok(planned) => run.planned.push(planned),
                Err(failed) => run.failed.push(failed),
            }
        }
        Ok(run)
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

    /// Number of detections that run.
    pub fn len(&self) -> usize {
        self.planned.len()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// Number of files in directories that were skipped because they are not logs.
    pub fn skipped(&self) -> usize {
        self.catalog.inputs.skipped()
    }

    /// Counts of what is read, while it runs and after.
    pub fn stats(&self) -> Arc<ScanStats> {
        Arc::clone(&self.catalog.stats)
    }

    /// Token that cancels the run: [`DetectionRun::findings`] then soon fails with [`EngineError::Cancelled`].
    pub fn canceller(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Reads the logs and returns the findings, newest first.
    ///
    /// # Errors
    /// If the shared pass fails, or the run is cancelled. A detection that fails by itself is added to the failed ones.
    pub async fn findings(&mut self, evidence: Evidence, filter: FindingFilter) -> Result<Findings, EngineError> {
        let collection = Collection::new(filter, evidence >= Evidence::Places, self.secrets.clone());
        let mut shared = Arc::clone(&self.shared);
        let mut planned = std::mem::take(&mut self.planned);
        loop {
            tokio::task::block_in_place(|| shared.run(self.threads, &|| self.cancel.is_cancelled()))?;
            let answered = self.run(planned, &collection).await?;
            if answered.is_empty() {
                break;
            }
            // The first pass has already counted the same input.
            let stats = Arc::new(ScanStats::default());
            shared = SharedScan::new(Arc::clone(&self.catalog.inputs), stats, Arc::clone(&self.budget));
            planned = self.plan_again(answered, &shared);
        }
        self.failed.sort_by(|a, b| a.detection.name.cmp(&b.detection.name));
        let mut findings = tokio::task::block_in_place(|| collection.finish(&self.shared, self.threads))?;
        if evidence >= Evidence::Records {
            let inputs = &self.catalog.inputs;
            findings.records = Records::read(&mut findings, inputs, &self.context, self.secrets.as_deref()).await?;
        }
        Ok(findings)
    }

    /// Runs the planned searches over the rows of a pass, collects their findings, and returns the detections whose stage
    /// has run.
    async fn run(
        &mut self,
        planned: Vec<PlannedDetection>,
        collection: &Arc<Collection>,
    ) -> Result<Vec<Answered>, EngineError> {
        let catalog = &self.catalog;
        let mut ran = futures::stream::iter(planned)
            .map(|PlannedDetection { rule, next, tables }| {
                let (context, spill) = (catalog.context.clone(), Arc::clone(&catalog.spill));
                let (collection, catalog, shared) = (Arc::clone(collection), catalog.clone(), Arc::clone(&self.shared));
                // Dropped, and thereby stopped, if the run is cancelled.
                SpawnedTask::spawn(async move {
                    let ran = match next {
                        Next::Unplanned => match rule.over_filled(&catalog, &shared, &tables) {
                            Ok(Some(ready)) => {
                                collection.run(&rule.detection, ready, &context, &tables).await.map(|()| None)
                            }
                            Ok(None) => Ok(None),
                            Err(error) => Err(error),
                        },
                        Next::Search(ready) => {
                            collection.run(&rule.detection, ready, &context, &tables).await.map(|()| None)
                        }
                        Next::Stage(stage, mut results) => match stage.run(&context, &spill).await {
                            Ok(result) => {
                                results.push(result);
                                Ok(Some(results))
                            }
                            Err(error) => Err(error.into()),
                        },
                    };
                    (rule, ran, tables)
                })
            })
            .buffer_unordered(self.threads);
        let mut answered = Vec::new();
        loop {
            let ended = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(EngineError::Cancelled),
                ended = ran.next() => ended,
            };
            let Some(ended) = ended else { break };
            let (rule, ran, tables) = ended.map_err(|error| EngineError::Internal(error.to_string()))?;
            match ran {
                Ok(None) => {}
                Ok(Some(results)) => answered.push(Answered { rule, results, tables }),
                Err(error) => self.failed.push(FailedDetection { detection: Arc::clone(&rule.detection), error }),
            }
        }
        Ok(answered)
    }

    /// Plans detections over another pass, with the results of their stages.
    fn plan_again(&mut self, answered: Vec<Answered>, shared: &Arc<SharedScan>) -> Vec<PlannedDetection> {
        let mut planned = Vec::new();
        for Answered { rule, results, mut tables } in answered {
            match rule.plan(&self.catalog, shared, results) {
                Ok(mut one) => {
                    one.tables.append(&mut tables);
                    planned.push(one);
                }
                Err(failed) => self.failed.push(failed),
            }
        }
        planned
    }

    /// Runs work for each item in parallel from an async context. Results are in the order of the items.
    fn in_parallel<T: Sync, R: Send>(&self, items: &[T], work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
        let handle = tokio::runtime::Handle::current();
        let inside = |item: &T| handle.block_on(async { work(item) });
        tokio::task::block_in_place(|| in_parallel(self.threads, items, &inside))
    }
}

/// Runs work for each item in this many threads. Results are in the order of the items. Planning dozens of searches takes
/// longer than reading a small log. Neighbouring searches are much alike, so concurrent threads work on items far apart:
/// a result cached by one is then ready when another needs it.
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

/// The search of a detection, named by its file.
pub(crate) fn search_of(detection: &Detection) -> Text {
    Text { name: detection.path.display().to_string(), text: detection.search.text.clone() }
}
