//! Runs the tests of detections without Splunk: a test must find something in its logs, or nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dogwatch_content::{Content, Detection, DetectionTest, Expectation, Finding, TestKind};

use super::finding_buffer::FindingFilter;
use super::{Evidence, StageCount, ground_truth};
use crate::error::EngineError;
use crate::lookups::tables_of;
use crate::options::SessionOptions;
use crate::session::Session;

/// Maximum length of a command in the output, characters. Macros can make it long.
const LONGEST: usize = 160;

/// The outcome of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestStatus {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed,
    /// Its logs are not there.
    Missing,
    /// It is a manual test, or needs more than logs.
    Skipped,
}

/// A test and how it went.
#[derive(Clone, Debug)]
pub struct TestOutcome {
    /// The detection's name.
    pub detection: String,
    /// The test's name.
    pub test: String,
    /// The outcome.
    pub status: TestStatus,
    /// The result or the error, in one line.
    pub summary: String,
    /// More about it, a line each.
    pub details: Vec<String>,
    /// Its duration.
    pub took: Duration,
}

/// Runs the tests of detections.
#[derive(Clone, Debug)]
pub struct TestRunner<'a> {
    /// The content that the detections belong to.
    pub content: &'a Content,
    /// Directories whose tables override those of the content.
    pub lookups: Vec<PathBuf>,
}

impl TestRunner<'_> {
    /// Runs all tests of a detection.
    ///
    /// # Errors
    /// If the engine cannot be set up.
    pub async fn detection(&self, detection: &Arc<Detection>) -> Result<Vec<TestOutcome>, EngineError> {
        let mut outcomes = Vec::new();
        if detection.tests.is_empty() {
            let summary = "the detection has no tests".to_owned();
            outcomes.push(outcome(detection, "tests", TestStatus::Failed, summary, vec![], Duration::ZERO));
        }
        for test in &detection.tests {
            outcomes.push(self.test(detection, test).await?);
        }
        Ok(outcomes)
    }

    async fn test(&self, detection: &Arc<Detection>, test: &DetectionTest) -> Result<TestOutcome, EngineError> {
        let started = Instant::now();
        let end = |status, summary: String, details| {
            outcome(detection, &test.name, status, summary, details, started.elapsed())
        };
        match test.kind {
            TestKind::Unit => {}
            TestKind::Integration => {
                return Ok(end(
                    TestStatus::Skipped,
                    "an integration test needs Enterprise Security".to_owned(),
                    vec![],
                ));
            }
            TestKind::Manual => return Ok(end(TestStatus::Skipped, "to be tested by a person".to_owned(), vec![])),
        }
        let mut paths = Vec::new();
        for data in &test.attack_data {
            match self.content.attack_data_path(data).filter(|path| path.is_file()) {
                Some(path) => paths.push(path),
                None if data.is_url() => {
                    return Ok(end(
                        TestStatus::Missing,
                        format!("{} is not on disk; nothing is fetched", data.data),
                        vec![],
                    ));
                }
                None => return Ok(end(TestStatus::Missing, format!("there is no file {}", data.data), vec![])),
            }
        }
        if paths.is_empty() {
            return Ok(end(TestStatus::Missing, "the test names no logs".to_owned(), vec![]));
        }
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let session = Session::new(self.options(test))?;
        let mut run = session.detections(self.content, std::slice::from_ref(detection), &names).await?;
        let unreadable: Vec<String> = run.take_input_errors().iter().map(ToString::to_string).collect();
        if !unreadable.is_empty() {
            return Ok(end(TestStatus::Missing, unreadable.join("; "), vec![]));
        }
        let found = run.findings(Evidence::Ids, FindingFilter::default()).await?;
        if let Some(failed) = run.take_failed().into_iter().next() {
            let why = failed.error.complaint();
            return Ok(end(TestStatus::Failed, format!("the search cannot run: {why}"), vec![]));
        }
        let found = found.collect::<Result<Vec<Finding>, _>>()?;
        let summary = match found.len() {
            0 => "no finding".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        Ok(match (test.expects, found.is_empty()) {
            (Expectation::Fires, true) => {
                let stages = session.stages(self.content, detection, &names).await;
                let expected = ground_truth::expected(&paths);
                let details = stages.map_or_else(|error| vec![error.complaint()], |s| lost(&s, &expected));
                end(TestStatus::Failed, "no finding, although there has to be one".to_owned(), details)
            }
            (Expectation::Silent, false) => {
                let details = found.iter().map(described).collect();
                end(TestStatus::Failed, format!("{summary}, although there has to be none"), details)
            }
            _ => end(TestStatus::Passed, summary, found.iter().map(described).collect()),
        })
    }

    fn options(&self, test: &DetectionTest) -> SessionOptions {
        let mut sourcetypes: Vec<&String> = test.attack_data.iter().map(|data| &data.sourcetype).collect();
        sourcetypes.dedup();
        // Logs of different kinds are recognised by their content.
        let sourcetype = match sourcetypes.as_slice() {
            [one] if !one.is_empty() => Some((*one).clone()),
            _ => None,
        };
        SessionOptions {
            lookups: self.lookups.clone(),
            tables: tables_of(self.content),
            sourcetype,
            host: test.attack_data.first().and_then(|data| data.host.clone()),
            ..SessionOptions::default()
        }
    }
}

fn outcome(
    detection: &Detection,
    test: &str,
    status: TestStatus,
    summary: String,
    details: Vec<String>,
    took: Duration,
) -> TestOutcome {
    TestOutcome { detection: detection.name.clone(), test: test.to_owned(), status, summary, details, took }
}

fn described(finding: &Finding) -> String {
    let ids: Vec<&str> = finding.events.iter().take(3).map(|event| event.event_id.as_str()).collect();
    let more = if finding.events.len() > 3 { ", …" } else { "" };
    format!("risk {}: {} ({}{more})", finding.risk_score, finding.message, ids.join(", "))
}

/// The stages of a search with the rows that each leaves, up to the first that loses an expected event.
fn lost(stages: &[StageCount], expected: &ground_truth::Expected) -> Vec<String> {
    let left = |stage: &StageCount| match (&stage.events, expected.is_empty()) {
        (Some(events), false) => events.iter().filter(|id| expected.contains(id)).count() as u64,
        _ => stage.rows,
    };
    let first = stages.iter().position(|stage| left(stage) == 0);
    let mut lines: Vec<String> = Vec::new();
    for (i, stage) in stages.iter().enumerate().take(first.map_or(stages.len(), |at| at + 1)) {
        let count = match (&stage.events, expected.is_empty()) {
            (Some(_), false) => format!("{} rows, {} expected events", stage.rows, left(stage)),
            _ => format!("{} rows", stage.rows),
        };
        let mark = if first == Some(i) { "   <- lost here" } else { "" };
        let mut command: String = stage.command.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = command.char_indices().nth(LONGEST) {
            command.truncate(end);
            command.push('…');
        }
        lines.push(format!("{}. {command}: {count}{mark}", i + 1));
    }
    lines
}
