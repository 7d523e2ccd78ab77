//! `dogwatch detect PATH…`: runs detections over logs, in one pass, and prints what they found.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::PossibleValue;
use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::{Content, Detection, Problem};
use dogwatch_engine::{
    DetectionRun, Evidence, FailedDetection, FindingFilter, Findings, InputError, ScanStats, Session, SessionAllowList,
};
use dogwatch_output::findings::{self, Entities, FINDING_FORMATS, FindingOptions};
use dogwatch_output::{OutputError, sink};

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::ContentArguments;
use crate::exit::{Exit, Failure};
use crate::inputs::{LogArguments, logs_or_stdin};
use crate::interruptible::watch;
use crate::progress::Progress;
use crate::run::runtime;
use crate::units::count;
use crate::{render, run, summary};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "detect", command, run: detect };

const AFTER_HELP: &str = "\
Examples:
  dogwatch detect /var/log/audit/ kube-audit.jsonl
  dogwatch detect --min-risk 50 --verbose logs/
  dogwatch detect --by entity logs/*.gz
  dogwatch detect --tag T1528 --format sarif -o findings.sarif logs/
  dogwatch detect --content ../security_content --tag 'Kubernetes Security' logs/

Risk is 0 to 100: from 50 on somebody should look now; below, it adds up per entity (--by entity).
Findings go to standard output, everything else to standard error.
Exit codes: 0 ran, 1 found something (with --exit-code), 2 bad usage, 3 a log or a detection could \
not be used or the result not be written, 4 a bug in Dogwatch, 130 interrupted.";

#[derive(Debug, Args)]
struct DetectCommand {
    /// Files, directories, globs, or - for standard input, which is also read when it is piped in and no path is given
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<String>,
    #[command(flatten)]
    content: ContentArguments,
    #[command(flatten)]
    logs: LogArguments,
    /// Only findings of this risk or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100),
          hide_default_value = true, help_heading = "Result")]
    min_risk: u8,
    /// How to print the findings
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Result",
          value_parser = clap::builder::PossibleValuesParser::new(format_names()))]
    format: String,
    /// Write the findings to a file, which appears only when they are complete
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Result")]
    output: Option<PathBuf>,
    /// Add up the findings: `entity` gives each user and system its risk
    #[arg(long, value_name = "WHAT", value_parser = ["entity"], help_heading = "Result")]
    by: Option<String>,
    /// Show the findings that the allow-list silences as well
    #[arg(long, help_heading = "Result")]
    show_suppressed: bool,
    /// Show tokens, passwords and bodies of Secrets instead of masking them
    #[arg(long, help_heading = "Result")]
    show_secrets: bool,
    /// Exit with 1 when there are findings
    #[arg(long, help_heading = "Result")]
    exit_code: bool,
    /// Add to each finding its message, the records that it rests on, and what to do next
    #[arg(short, long, help_heading = "Result")]
    verbose: bool,
    /// Show samples of malformed lines, up to N of each kind and file [default N: 3]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "3",
          help_heading = "Result")]
    show_malformed: Option<usize>,
    /// Only findings and errors: no progress, notes or closing line
    #[arg(short, long, help_heading = "Result")]
    quiet: bool,
}

/// How many findings of one detection a table shows. More are nothing that a person reads, and a table has to know all its rows
/// before it can print the first.
const MOST_SHOWN: usize = 1000;

fn format_names() -> Vec<PossibleValue> {
    FINDING_FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.summary)).collect()
}

fn command() -> Command {
    let command = Command::new("detect").after_help(AFTER_HELP);
    DetectCommand::augment_args(command).about("Run detections over logs").long_about(None)
}

fn detect(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: DetectCommand = read(matches)?;
    let paths = logs_or_stdin(&arguments.paths)?;
    let content = Arc::new(arguments.content.load(console)?);
    let chosen = arguments.content.choose(&content)?;
    let runtime = runtime(arguments.logs.threads())?;
    let printer = Printer { arguments: &arguments, console, content: &content };
    let exit = runtime.block_on(printer.run(&chosen, paths));
    runtime.shutdown_background();
    exit
}

/// One run and what is printed of it.
struct Printer<'a> {
    arguments: &'a DetectCommand,
    console: Console,
    content: &'a Arc<Content>,
}

/// What a run came to.
struct Ended {
    found: u64,
    suppressed: u64,
    /// How many findings a table leaves out.
    omitted: u64,
    /// Whether anything was printed.
    printed: bool,
    failed: Vec<FailedDetection>,
    errors: Vec<InputError>,
    stats: Arc<ScanStats>,
    skipped: usize,
    ran: usize,
}

impl Printer<'_> {
    async fn run(&self, chosen: &[Arc<Detection>], paths: Vec<String>) -> Result<Exit, Failure> {
        let mut progress = Progress::new(self.console.stderr_is_terminal() && !self.arguments.quiet);
        let mut options = self.arguments.content.session_options(self.content, &self.arguments.logs);
        options.show_secrets = self.arguments.show_secrets;
        let failed = |error| run::failure(error, self.console);
        let session = Session::new(options).map_err(failed)?;
        let mut planned = session.detections(self.content, chosen, &paths).await.map_err(failed)?;
        let stats = planned.stats();
        let (evidence, filter) = (self.evidence(), self.filter());
        let canceller = planned.canceller();
        let work = tokio::spawn(async move {
            let found = planned.findings(evidence, filter).await;
            (planned, found)
        });
        let told = Some(self.console).filter(|_| !self.arguments.quiet);
        let Some((planned, found)) = watch(&mut progress, told, &stats, work).await? else {
            canceller.cancel();
            return Ok(Exit::Interrupted);
        };
        let mut findings = found.map_err(failed)?;
        let ended = self.ended(planned, &findings, chosen.len());
        self.write(&mut findings)?;
        let allow_list = session.allow_list(self.content);
        self.finish(&ended, &allow_list, progress.elapsed())
    }

    fn filter(&self) -> FindingFilter {
        let most = (self.arguments.format == "table" && self.arguments.by.is_none()).then_some(MOST_SHOWN);
        FindingFilter { min_risk: self.arguments.min_risk, suppressed: self.arguments.show_suppressed, most }
    }

    fn evidence(&self) -> Evidence {
        match (self.arguments.verbose, self.arguments.format.as_str(), &self.arguments.by) {
            (_, _, Some(_)) => Evidence::Ids,
            (true, ..) => Evidence::Records,
            (false, "table", None) => Evidence::Ids,
            (false, _, None) => Evidence::Places,
        }
    }

    fn ended(&self, mut planned: DetectionRun, findings: &Findings, chosen: usize) -> Ended {
        let failed = planned.take_failed();
        Ended {
            found: findings.found(),
            suppressed: findings.suppressed(),
            omitted: findings.omitted().iter().map(|(_, more)| more).sum(),
            printed: !findings.is_empty(),
            errors: planned.take_input_errors(),
            stats: planned.stats(),
            skipped: planned.skipped(),
            ran: chosen - failed.len(),
            failed,
        }
    }

    fn write(&self, found: &mut Findings) -> Result<(), Failure> {
        let name = self.arguments.format.as_str();
        let Some(format) = findings::find(name) else {
            return Err(Failure::usage(format!("there is no format `{name}`"), "see --help"));
        };
        let target = self.arguments.output.clone().unwrap_or_else(|| "-".into());
        let terminal = self.arguments.output.is_none() && self.console.stdout_is_terminal();
        let options = FindingOptions {
            width: if terminal { self.console.width() } else { None },
            color: self.arguments.output.is_none() && self.console.stdout_color(),
            terminal,
            verbose: self.arguments.verbose,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now: dogwatch_engine::clock(),
            omitted: found.omitted().into_iter().map(|(detection, more)| (detection.name.clone(), more)).collect(),
        };
        let is_empty = found.is_empty();
        let mut found = found.map(|finding| finding.map_err(|error| OutputError::Findings(error.into())));
        let mut sink = sink::open(&target)?;
        match self.arguments.by {
            Some(_) => {
                let mut entities = Entities::default();
                for finding in found {
                    entities.add(&finding?);
                }
                format.write_entities(&entities.finish(), &options, sink.writer())?;
            }
            None if is_empty && name == "table" => {}
            None => format.write(&mut found, &options, sink.writer())?,
        }
        sink.commit()?;
        Ok(())
    }

    fn finish(
        &self,
        ended: &Ended,
        allow_list: &SessionAllowList,
        elapsed: std::time::Duration,
    ) -> Result<Exit, Failure> {
        let stats = ended.stats.snapshot();
        if !self.arguments.quiet {
            if ended.printed && self.arguments.output.is_none() {
                self.console.gap();
            }
            if let Some(lines) = summary::malformed_lines(&stats, self.arguments.show_malformed) {
                self.console.tell(&lines);
            }
            for line in allow_list.warnings() {
                self.console.warning(&line);
            }
        }
        for failed in &ended.failed {
            self.console.tell(&render::failed_detection(failed, self.content, &self.console.renderer()));
        }
        let faults = ended.errors.iter().map(ToString::to_string);
        for error in faults.chain(stats.failures.iter().map(ToString::to_string)) {
            self.console.error(&error, None);
        }
        if !self.arguments.quiet {
            self.console.tell(&self.closing_line(ended, allow_list, elapsed));
        }
        let broken = self.content.problems.iter().any(Problem::is_error);
        let unused = broken || !ended.errors.is_empty() || !stats.failures.is_empty() || !ended.failed.is_empty();
        Ok(match (unused, self.arguments.exit_code && ended.found > 0) {
            (_, true) => Exit::Found,
            (true, false) => Exit::Files,
            (false, false) => Exit::Ran,
        })
    }

    fn closing_line(&self, ended: &Ended, allow_list: &SessionAllowList, elapsed: std::time::Duration) -> String {
        let mut line = summary::findings_line(ended.found, ended.ran, &ended.stats.snapshot(), ended.skipped, elapsed);
        if ended.omitted > 0 {
            line.push_str(&format!(
                "; {} not shown: a table has the newest {MOST_SHOWN} of each detection (--format jsonl has all)",
                count(ended.omitted, "finding", "findings")
            ));
        }
        let hunting = self.arguments.content.hunting_left_out(self.content);
        if ended.suppressed > 0 {
            let option = if self.arguments.show_suppressed { "" } else { " (--show-suppressed shows them)" };
            line.push_str(&format!("; {} silenced by the allow-list{option}", ended.suppressed));
        }
        if hunting > 0 {
            line.push_str(&format!("; {hunting} hunting searches left out (--hunting)"));
        }
        if let Some(directory) = self.arguments.content.tuning().filter(|_| !allow_list.is_empty()) {
            line.push_str(&format!("; tuned by {}", directory.display()));
        }
        line
    }
}
