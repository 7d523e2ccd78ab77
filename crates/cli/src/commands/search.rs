//! `dogwatch search 'SPL' [PATH…]`: runs a search over logs and prints its rows.
//!
//! The engine works in a task of its own ([`crate::run`]); here its batches are printed as they come, progress is shown,
//! and a signal is heeded at once. A result file is put in its place only when everything went well.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{ArgMatches, Args, Command, ValueHint};
use dogwatch_output::format::{self, FORMATS, FormatOptions};
use dogwatch_output::{ResultFormat, Sink, sink};

use super::{Subcommand, read};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::inputs::{Need, SearchArguments};
use crate::interrupt::Interrupt;
use crate::progress::{INTERVAL, Progress};
use crate::run::{Finished, Message, Ready, Run, runtime};
use crate::{render, summary};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "search", command, run };

const USAGE: &str =
    "dogwatch search [OPTIONS] <SPL> [PATH]...\n       dogwatch search [OPTIONS] -f <FILE.spl> [PATH]...";

const AFTER_HELP: &str = "\
Examples:
  dogwatch search 'type=EXECVE a0=kubectl | table _time, host, auid, process' /var/log/audit/
  dogwatch search -f container-api.spl --lookups lookups/ --macros macros/ logs/*.gz
  dogwatch search 'verb=get resource=secrets' --format raw audit.jsonl > secrets.jsonl
  dogwatch search 'resource=pods | top user' --earliest -24h --format csv -o top.csv logs/
  kubectl logs -n kube-system kube-apiserver-cp1 | dogwatch search 'verb=list resource=secrets'
  dogwatch search '| makeresults | eval x=sha256(\"dogwatch\")'

Rows go to standard output; progress, messages and the closing line to standard error.
Exit codes: 0 ran, 2 bad search or usage, 3 a log could not be read or the result not written, \
4 a bug in Dogwatch, 130 interrupted.";

#[derive(Debug, Args)]
struct SearchCommand {
    #[command(flatten)]
    search: SearchArguments,
    /// How to print the rows
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Result",
          value_parser = clap::builder::PossibleValuesParser::new(format_names()))]
    format: String,
    /// Write the rows to a file, which appears only when they are complete
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Result")]
    output: Option<PathBuf>,
    /// At most this many rows
    #[arg(long, value_name = "N", help_heading = "Result")]
    limit: Option<usize>,
    /// Show samples of malformed lines, up to N of each kind and file [default N: 3]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "3",
          help_heading = "Result")]
    show_malformed: Option<usize>,
    /// Only rows and errors: no progress, notes, warnings or closing line
    #[arg(short, long, help_heading = "Result")]
    quiet: bool,
}

fn format_names() -> Vec<PossibleValue> {
    FORMATS.iter().map(|entry| PossibleValue::new(entry.name).help(entry.summary)).collect()
}

fn command() -> Command {
    let command = Command::new("search").override_usage(USAGE).after_help(AFTER_HELP);
    SearchCommand::augment_args(command).about("Run a search over logs").long_about(None)
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: SearchCommand = read(matches)?;
    let (text, paths) = arguments.search.search_and_paths(Need::Logs)?;
    let mut options = arguments.search.logs.session_options();
    options.limit = arguments.limit;
    options.events = match arguments.format.as_str() {
        "table" | "raw" => dogwatch_engine::EventFields::Text,
        _ => dogwatch_engine::EventFields::All,
    };
    let runtime = runtime(arguments.search.logs.threads())?;
    let exit = runtime.block_on(async {
        let run = Run::start(options, text, paths);
        Printer::new(&arguments, console).print(run).await
    });
    // What still runs has nobody to work for.
    runtime.shutdown_background();
    exit
}

/// Prints one run.
struct Printer<'a> {
    arguments: &'a SearchCommand,
    console: Console,
    progress: Progress,
    rows: u64,
    out: Option<(Box<dyn Sink>, Box<dyn ResultFormat>)>,
}

impl<'a> Printer<'a> {
    fn new(arguments: &'a SearchCommand, console: Console) -> Self {
        let progress = Progress::new(console.stderr_is_terminal() && !arguments.quiet);
        Self { arguments, console, progress, rows: 0, out: None }
    }

    async fn print(mut self, mut run: Run) -> Result<Exit, Failure> {
        let mut interrupt = Interrupt::listen();
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ready: Option<Ready> = None;
        loop {
            tokio::select! {
                biased;
                () = interrupt.requested() => {
                    self.progress.end();
                    if !self.arguments.quiet {
                        self.console.note("interrupted");
                    }
                    return Ok(Exit::Interrupted);
                }
                _ = ticks.tick() => self.progress.update(ready.as_ref().map(|ready| ready.stats.snapshot())),
                message = run.next() => match message {
                    None => break,
                    Some(Message::Ready(now)) => {
                        self.progress.end();
                        self.begin(&now)?;
                        ready = Some(*now);
                    }
                    Some(Message::Batch(batch)) => self.batch(&batch)?,
                },
            }
        }
        self.progress.end();
        let finished = run.finish(self.console).await?;
        self.finish(&finished, ready)
    }

    fn begin(&mut self, ready: &Ready) -> Result<(), Failure> {
        if !self.arguments.quiet && !ready.diagnostics.is_empty() {
            self.console.tell(&render::diagnostics(&ready.diagnostics, &ready.sources, &self.console.renderer()));
            self.console.gap();
        }
        let target = self.arguments.output.clone().unwrap_or_else(|| "-".into());
        let terminal = self.arguments.output.is_none() && self.console.stdout_is_terminal();
        let options = FormatOptions {
            width: if terminal { self.console.width() } else { None },
            color: self.arguments.output.is_none() && self.console.stdout_color(),
            terminal,
        };
        let Some(entry) = format::find(&self.arguments.format) else {
            return Err(Failure::usage(format!("there is no format `{}`", self.arguments.format), "see --help"));
        };
        let mut format = entry.make(&options);
        let mut sink = sink::open(&target)?;
        format.begin(&ready.schema, sink.writer())?;
        self.out = Some((sink, format));
        Ok(())
    }

    fn batch(&mut self, batch: &arrow::array::RecordBatch) -> Result<(), Failure> {
        let Some((sink, format)) = &mut self.out else { return Ok(()) };
        self.rows += batch.num_rows() as u64;
        self.progress.aside(|| {
            format.batch(batch, sink.writer())?;
            sink.flush()?;
            Ok(())
        })
    }

    fn finish(self, finished: &Finished, ready: Option<Ready>) -> Result<Exit, Failure> {
        if let Some((mut sink, mut format)) = self.out {
            format.finish(sink.writer())?;
            sink.commit()?;
        }
        let Some(ready) = ready else { return Ok(Exit::Bug) };
        let stats = ready.stats.snapshot();
        if !self.arguments.quiet {
            if self.rows > 0 && self.arguments.output.is_none() {
                self.console.gap();
            }
            if !finished.warnings.is_empty() {
                self.console.tell(&render::diagnostics(&finished.warnings, &ready.sources, &self.console.renderer()));
            }
            if let Some(lines) = summary::malformed_lines(&stats, self.arguments.show_malformed) {
                self.console.tell(&lines);
            }
        }
        for error in
            ready.input_errors.iter().map(ToString::to_string).chain(stats.failures.iter().map(ToString::to_string))
        {
            self.console.error(&error, None);
        }
        if !self.arguments.quiet {
            self.console.tell(&summary::closing_line(self.rows, &stats, ready.skipped, self.progress.elapsed()));
        }
        let unread = !ready.input_errors.is_empty() || !stats.failures.is_empty();
        Ok(if unread { Exit::Files } else { Exit::Ran })
    }
}
