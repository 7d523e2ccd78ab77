//! `dogwatch tune PATH…`: over logs that are known to be good, proposes what to leave out from now on.
//!
//! Which rows follow from which findings, and which tests they would break, is in [`dogwatch_engine::tuning`]; here they are
//! printed, tried on the logs themselves, and written.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_content::{Content, Detection, Problem, day_of};
use dogwatch_engine::tuning::{self, Policy, Proposal, Tables};
use dogwatch_engine::{Evidence, FindingFilter, Findings, Session};
use dogwatch_output::visible::visible;

use super::{Subcommand, read};
use crate::console::Console;
use crate::detections::{ContentArguments, open, tuning_directory};
use crate::exit::{Exit, Failure};
use crate::inputs::{LogArguments, logs_or_stdin};
use crate::interruptible::watch;
use crate::progress::Progress;
use crate::run::{self, runtime};
use crate::units::count;

pub const SUBCOMMAND: Subcommand = Subcommand { name: "tune", command, run: tune };

const AFTER_HELP: &str = "\
Examples:
  dogwatch tune --days 30 known-good/
  dogwatch tune --owner secops --write known-good/
  dogwatch tune --content content/ --write known-good/

Proposes rows for the allow-list and for baselines, each with how many findings it covers. A row \
that would break one of the detections' true-positive tests is refused. Nothing is written without \
--write: into DIR/lookups with --content DIR, else into your configuration directory, where \
`dogwatch detect` finds it.
Exit codes: 0 ran, 2 bad usage, 3 a log or a detection could not be used or a table not be \
written, 130 interrupted.";

#[derive(Debug, Args)]
struct TuneCommand {
    /// Files, directories, globs, or - for standard input: logs of a time in which nothing bad happened
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<String>,
    #[command(flatten)]
    content: ContentArguments,
    #[command(flatten)]
    logs: LogArguments,
    /// Write the rows
    #[arg(long)]
    write: bool,
    /// Who answers for the rows [default: $USER]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// For how many days the rows of the allow-list hold
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// A contentctl project whose tests the rows must not break [default: that of --content, else content]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    tests: Option<PathBuf>,
}

fn command() -> Command {
    TuneCommand::augment_args(Command::new("tune").after_help(AFTER_HELP))
        .about("Propose what to leave out, from known good logs")
        .long_about(None)
}

fn tune(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: TuneCommand = read(matches)?;
    let paths = logs_or_stdin(&arguments.paths)?;
    let content = arguments.content.load(console)?;
    let chosen = arguments.content.choose(&content)?;
    let runtime = runtime(arguments.logs.threads())?;
    let tuner = Tuner { arguments: &arguments, console, content: &content, chosen, paths };
    let exit = runtime.block_on(tuner.run());
    runtime.shutdown_background();
    exit
}

struct Tuner<'a> {
    arguments: &'a TuneCommand,
    console: Console,
    content: &'a Content,
    chosen: Vec<Arc<Detection>>,
    paths: Vec<String>,
}

impl Tuner<'_> {
    async fn run(&self) -> Result<Exit, Failure> {
        let Some((mut found, unread)) = self.findings(None).await? else { return Ok(Exit::Interrupted) };
        let session = self.session(None)?;
        let tables = Tables::of(&session, self.content);
        let owner = self.arguments.owner.clone().or_else(|| std::env::var("USER").ok().filter(|user| !user.is_empty()));
        let policy =
            Policy::new(owner.unwrap_or_else(|| "nobody yet".to_owned()), self.arguments.days, day_of(session.now()));
        let proposed = tables.proposals(&mut found, &policy);
        let (mut proposals, without) = proposed.map_err(|error| run::failure(error, self.console))?;
        if without > 0 {
            self.console.warning(&format!(
                "{} would silence more than what was found, so none is proposed: it names nobody, or has a `*`, which \
                 stands for anything in the allow-list",
                count(without as u64, "a row for a finding", "rows for findings")
            ));
        }
        self.refuse_what_breaks_tests(&tables, &mut proposals).await?;
        self.print(&tables, &proposals)?;
        let kept: Vec<&Proposal> = proposals.iter().filter(|proposal| proposal.breaks.is_empty()).collect();
        let overlay = tuning::overlay(&tables, &kept).map_err(|error| run::failure(error, self.console))?;
        let left = match self.findings(Some(overlay.path())).await? {
            Some((left, _)) => left.len(),
            None => return Ok(Exit::Interrupted),
        };
        self.console.tell(&format!(
            "{} findings in these logs, {left} with the {} rows; {} rows refused",
            found.len(),
            kept.len(),
            proposals.len() - kept.len()
        ));
        if self.arguments.write && !kept.is_empty() {
            self.write(&tables, &kept)?;
        } else if !kept.is_empty() {
            self.console.tell("nothing is written; --write writes the rows");
        }
        Ok(if unread { Exit::Files } else { Exit::Ran })
    }

    fn session(&self, overlay: Option<&Path>) -> Result<Session, Failure> {
        let mut options = self.arguments.content.session_options(self.content, &self.arguments.logs);
        // A masked command would match nothing.
        options.show_secrets = true;
        options.lookups.splice(0..0, overlay.map(Path::to_owned));
        Session::new(options).map_err(|error| run::failure(error, self.console))
    }

    /// What the detections find that nothing silences, and whether a log or a detection could not be used; nothing if
    /// interrupted.
    async fn findings(&self, overlay: Option<&Path>) -> Result<Option<(Findings, bool)>, Failure> {
        let failed = |error| run::failure(error, self.console);
        let session = self.session(overlay)?;
        let mut planned = session.detections(self.content, &self.chosen, &self.paths).await.map_err(failed)?;
        let stats = planned.stats();
        let errors = planned.take_input_errors();
        let mut progress = Progress::new(self.console.stderr_is_terminal());
        let work = tokio::spawn(async move {
            let found = planned.findings(Evidence::Ids, FindingFilter::default()).await;
            (planned, found)
        });
        let Some((mut planned, found)) = watch(&mut progress, Some(self.console), &stats, work).await? else {
            return Ok(None);
        };
        let found = found.map_err(failed)?;
        let broken = planned.take_failed();
        if overlay.is_none() {
            errors.iter().for_each(|error| self.console.error(&error.to_string(), None));
            for failed in &broken {
                self.console.tell(&crate::render::failed_detection(failed, self.content, &self.console.renderer()));
            }
        }
        let unusable = self.content.problems.iter().any(Problem::is_error);
        Ok(Some((found, unusable || !errors.is_empty() || !broken.is_empty())))
    }

    /// Names in each row the tests that it breaks, if the tests are here.
    async fn refuse_what_breaks_tests(&self, tables: &Tables, proposals: &mut [Proposal]) -> Result<(), Failure> {
        if proposals.is_empty() {
            return Ok(());
        }
        let Some(tested) = self.tested()? else {
            self.console.warning(
                "the detections' tests are not here, so it was not tried whether a row breaks one; \
                 --tests DIR names a contentctl project that has them",
            );
            return Ok(());
        };
        let refused = tuning::refuse_what_breaks_tests(&tested, tables, proposals).await;
        refused.map_err(|error| Failure::files(error.complaint()))
    }

    /// The content whose tests are tried.
    fn tested(&self) -> Result<Option<Content>, Failure> {
        let here = || Path::new("content").is_dir().then(|| PathBuf::from("content"));
        let dir = self.arguments.tests.clone().or_else(|| self.arguments.content.content.clone()).or_else(here);
        dir.map(|dir| open(Some(&dir))).transpose()
    }

    fn print(&self, tables: &Tables, proposals: &[Proposal]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        for table in tables.names() {
            let rows: Vec<&Proposal> = proposals.iter().filter(|proposal| proposal.table == table).collect();
            if rows.is_empty() {
                continue;
            }
            writeln!(out, "{table}.csv\n  {}", tables.header(table).join(","))?;
            for row in rows {
                writeln!(out, "  {}", visible(&row.line()))?;
                let covers = count(row.covers as u64, "finding", "findings");
                writeln!(out, "      covers {covers} of {}", visible(&row.detection))?;
                for (detection, test) in &row.breaks {
                    let broken = format!("REFUSED: breaks the test \"{test}\" of {detection}");
                    writeln!(out, "      {}", visible(&broken))?;
                }
            }
        }
        Ok(())
    }

    fn write(&self, tables: &Tables, kept: &[&Proposal]) -> Result<(), Failure> {
        let directory = match (&self.arguments.content.content, self.arguments.logs.lookups.first()) {
            (_, Some(directory)) => directory.clone(),
            (Some(_), None) => match &self.content.root {
                Some(root) => root.join("lookups"),
                None => return Err(Failure::usage("the content has no folder to write to", "give --lookups DIR")),
            },
            (None, None) => tuning_directory().ok_or_else(|| {
                Failure::usage("there is no configuration directory: HOME is not set", "give --lookups DIR")
            })?,
        };
        for path in tables.write(&directory, kept).map_err(|error| run::failure(error, self.console))? {
            self.console.tell(&format!("wrote {}", path.display()));
        }
        Ok(())
    }
}
