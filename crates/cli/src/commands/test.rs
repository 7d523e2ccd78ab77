//! `dogwatch test [DIR]`: runs the tests of detections, without Splunk.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_engine::{TestOutcome, TestRunner, TestStatus};

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::{named, open, tell};
use crate::exit::{Exit, Failure};
use crate::junit;
use crate::run::runtime;

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
    let runner = TestRunner { content: &content, lookups: arguments.lookups.clone() };
    let runtime = runtime(None)?;
    let outcomes = runtime.block_on(async {
        let mut outcomes = Vec::new();
        for detection in &chosen {
            for outcome in runner.detection(detection).await.map_err(|error| Failure::files(error.complaint()))? {
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
    let (failed, missing, skipped) =
        (count(TestStatus::Failed), count(TestStatus::Missing), count(TestStatus::Skipped));
    let passed = count(TestStatus::Passed);
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

fn line(outcome: &TestOutcome, arguments: &TestCommand) -> Option<String> {
    if arguments.quiet && matches!(outcome.status, TestStatus::Passed | TestStatus::Skipped) {
        return None;
    }
    let word = match outcome.status {
        TestStatus::Passed => "pass",
        TestStatus::Failed => "FAIL",
        TestStatus::Missing => "MISSING",
        TestStatus::Skipped => "skip",
    };
    let mut text = format!("{word:<7} {} / {}: {}", outcome.detection, outcome.test, outcome.summary);
    if arguments.verbose || outcome.status == TestStatus::Failed {
        for detail in &outcome.details {
            text.push_str("\n          ");
            text.push_str(detail);
        }
    }
    Some(dogwatch_output::visible::visible_except(&text, &['\n']).into_owned())
}
