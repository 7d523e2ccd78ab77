//! `dogwatch test [DIR]`: runs the tests of detections, without Splunk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::{Content, Detection, DetectionTest, Expectation, Finding, TestKind};
use dogwatch_engine::{Evidence, FindingFilter, Session, SessionOptions, StageCount, tables_of};

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::{named, open, tell};
use crate::exit::{Exit, Failure};
use crate::run::{self, runtime};
use crate::{junit, truth};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "test", command, run: test };

const AFTER_HELP: &str = "\
Examples:
  dogwatch test content/
  dogwatch test content/ --detection 'Kubernetes Exec Reads Credentials'
  dogwatch test content/detections/cloud --junit report.xml

A test fires or fails as contentctl's do: its search has to find something in its logs. One whose \
name starts with \"True Negative\" has to find nothing. Logs are read where they lie; one that is \
not there is reported as missing, never fetched and never passed.
Exit codes: 0 all passed, 1 a test failed, 2 bad usage, 3 a test's logs are missing.";

#[derive(Debug, Args)]
struct TestCommand {
    /// A contentctl project, a folder of detections or a file [default: content]
    #[arg(value_name = "DIR", value_hint = ValueHint::AnyPath)]
    dir: Option<PathBuf>,
    /// Only this detection, by its name or that of its file; can be repeated
    #[arg(long, value_name = "NAME")]
    detection: Vec<String>,
    /// Also write the results as JUnit XML
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<PathBuf>,
    /// A directory with lookup tables that stand in for those of the detections; can be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    lookups: Vec<PathBuf>,
    /// Also say what each test that passed found
    #[arg(short, long)]
    verbose: bool,
    /// Only what did not pass
    #[arg(short, long)]
    quiet: bool,
}

fn command() -> Command {
    TestCommand::augment_args(
        Command::new("test").about("Run the tests of detections, without Splunk").after_help(AFTER_HELP),
    )
}

/// How much of a command is shown, characters. Macros can make it long.
const LONGEST: usize = 160;

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// As it should.
    Passed,
    /// Not as it should.
    Failed,
    /// Its logs are not there.
    Missing,
    /// It is not for a program, or needs more than logs.
    Skipped,
}

/// A test and how it went.
pub struct Outcome {
    /// The detection's name.
    pub detection: String,
    /// The test's name.
    pub test: String,
    /// How it went.
    pub status: Status,
    /// What it found, or what is wrong, in a line.
    pub summary: String,
    /// More about it, a line each.
    pub details: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

fn test(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: TestCommand = read(matches)?;
    let dir = match &arguments.dir {
        Some(dir) => dir.clone(),
        None if Path::new("content").is_dir() => "content".into(),
        None => {
            let help = "give a contentctl project or a folder of detections: dogwatch test content/";
            return Err(Failure::usage("there is no folder `content` here", help));
        }
    };
    let content = open(Some(&dir))?;
    tell(&content.problems, console);
    let chosen = match arguments.detection.as_slice() {
        [] => content.detections.clone(),
        names => named(&content, names)?,
    };
    let runner = Runner { content: &content, lookups: arguments.lookups.clone() };
    let runtime = runtime(None)?;
    let outcomes = runtime.block_on(async {
        let mut outcomes = Vec::new();
        for detection in &chosen {
            for outcome in runner.detection(detection).await? {
                if let Some(text) = line(&outcome, &arguments) {
                    print(&text)?;
                }
                outcomes.push(outcome);
            }
        }
        Ok::<_, Failure>(outcomes)
    })?;
    if let Some(path) = &arguments.junit {
        let written = std::fs::write(path, junit::report(&outcomes));
        written.map_err(|error| Failure::files(format!("cannot write {}: {error}", path.display())))?;
    }
    let count = |status| outcomes.iter().filter(|outcome| outcome.status == status).count();
    let (failed, missing, skipped) = (count(Status::Failed), count(Status::Missing), count(Status::Skipped));
    let passed = count(Status::Passed);
    console.tell(&format!(
        "{} detections: {passed} tests passed, {failed} failed, {missing} without their logs, {skipped} skipped",
        chosen.len()
    ));
    let broken = content.problems.iter().filter(|problem| problem.is_error()).count();
    Ok(match (failed, missing + broken) {
        (0, 0) => Exit::Ran,
        (0, _) => Exit::Files,
        _ => Exit::Found,
    })
}

fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    Ok(writeln!(out, "{text}")?)
}

fn line(outcome: &Outcome, arguments: &TestCommand) -> Option<String> {
    if arguments.quiet && matches!(outcome.status, Status::Passed | Status::Skipped) {
        return None;
    }
    let word = match outcome.status {
        Status::Passed => "pass",
        Status::Failed => "FAIL",
        Status::Missing => "MISSING",
        Status::Skipped => "skip",
    };
    let mut text = format!("{word:<7} {} / {}: {}", outcome.detection, outcome.test, outcome.summary);
    if arguments.verbose || outcome.status == Status::Failed {
        for detail in &outcome.details {
            text.push_str("\n          ");
            text.push_str(detail);
        }
    }
    Some(dogwatch_output::visible::visible_except(&text, &['\n']).into_owned())
}

/// Runs tests.
pub struct Runner<'a> {
    /// What the detections belong to.
    pub content: &'a Content,
    /// Directories whose tables stand in for the content's.
    pub lookups: Vec<PathBuf>,
}

impl Runner<'_> {
    /// Runs all tests of a detection.
    ///
    /// # Errors
    /// If the engine cannot be set up.
    pub async fn detection(&self, detection: &Arc<Detection>) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::new();
        if detection.tests.is_empty() {
            let summary = "the detection has no tests".to_owned();
            outcomes.push(outcome(detection, "tests", Status::Failed, summary, vec![], Duration::ZERO));
        }
        for test in &detection.tests {
            outcomes.push(self.test(detection, test).await?);
        }
        Ok(outcomes)
    }

    async fn test(&self, detection: &Arc<Detection>, test: &DetectionTest) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let end = |status, summary: String, details| {
            outcome(detection, &test.name, status, summary, details, started.elapsed())
        };
        match test.kind {
            TestKind::Unit => {}
            TestKind::Integration => {
                return Ok(end(Status::Skipped, "an integration test needs Enterprise Security".to_owned(), vec![]));
            }
            TestKind::Manual => return Ok(end(Status::Skipped, "to be tested by a person".to_owned(), vec![])),
        }
        let mut paths = Vec::new();
        for data in &test.attack_data {
            match self.content.attack_data_path(data).filter(|path| path.is_file()) {
                Some(path) => paths.push(path),
                None if data.is_url() => {
                    return Ok(end(
                        Status::Missing,
                        format!("{} is not on disk; nothing is fetched", data.data),
                        vec![],
                    ));
                }
                None => return Ok(end(Status::Missing, format!("there is no file {}", data.data), vec![])),
            }
        }
        if paths.is_empty() {
            return Ok(end(Status::Missing, "the test names no logs".to_owned(), vec![]));
        }
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let session = Session::new(self.options(test)).map_err(setup)?;
        let mut run = session.detections(self.content, std::slice::from_ref(detection), &names).await.map_err(setup)?;
        let unreadable: Vec<String> = run.take_input_errors().iter().map(ToString::to_string).collect();
        if !unreadable.is_empty() {
            return Ok(end(Status::Missing, unreadable.join("; "), vec![]));
        }
        let found = run.findings(Evidence::Ids, FindingFilter::default()).await.map_err(setup)?;
        if let Some(failed) = run.take_failed().into_iter().next() {
            let why = run::complaint(&failed.error);
            return Ok(end(Status::Failed, format!("the search cannot run: {why}"), vec![]));
        }
        let found = found.collect::<Result<Vec<Finding>, _>>().map_err(setup)?;
        let summary = match found.len() {
            0 => "no finding".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        Ok(match (test.expects, found.is_empty()) {
            (Expectation::Fires, true) => {
                let stages = session.stages(self.content, detection, &names).await;
                let expected = truth::expected(&paths);
                let details = stages.map_or_else(|error| vec![run::complaint(&error)], |s| lost(&s, &expected));
                end(Status::Failed, "no finding, although there has to be one".to_owned(), details)
            }
            (Expectation::Silent, false) => {
                let details = found.iter().map(described).collect();
                end(Status::Failed, format!("{summary}, although there has to be none"), details)
            }
            _ => end(Status::Passed, summary, found.iter().map(described).collect()),
        })
    }

    fn options(&self, test: &DetectionTest) -> SessionOptions {
        let mut sourcetypes: Vec<&String> = test.attack_data.iter().map(|data| &data.sourcetype).collect();
        sourcetypes.dedup();
        // Logs of several kinds say themselves what they are.
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

fn setup(error: dogwatch_engine::EngineError) -> Failure {
    Failure::files(run::complaint(&error))
}

fn outcome(
    detection: &Detection,
    test: &str,
    status: Status,
    summary: String,
    details: Vec<String>,
    took: Duration,
) -> Outcome {
    Outcome { detection: detection.name.clone(), test: test.to_owned(), status, summary, details, took }
}

fn described(finding: &Finding) -> String {
    let ids: Vec<&str> = finding.events.iter().take(3).map(|event| event.event_id.as_str()).collect();
    let more = if finding.events.len() > 3 { ", …" } else { "" };
    format!("risk {}: {} ({}{more})", finding.risk_score, finding.message, ids.join(", "))
}

/// The stages of a search with what each left, and the first at which what was expected is gone.
fn lost(stages: &[StageCount], expected: &truth::Expected) -> Vec<String> {
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
