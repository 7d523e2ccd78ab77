//! The command line as a whole: the subcommands of the registry, what they have in common, and how a run ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{Arg, Command, value_parser};

use crate::commands;
use crate::console::{Color, Console};
use crate::exit::{Exit, Failure};
use crate::panic;

const ABOUT: &str = "Runs Splunk detections and searches (SPL) over raw auditd, Kubernetes audit and JSON logs";

const AFTER_HELP: &str = "\
Examples:
  dogwatch detect /var/log/audit/ kube-audit.jsonl
  dogwatch test content/
  dogwatch search 'type=EXECVE a0=kubectl | stats count by auid, process' /var/log/audit/
  dogwatch search -f container-api.spl --format json logs/ > result.json
  zcat audit.json.gz | dogwatch search 'verb=list resource=secrets | top user'
  dogwatch commands stats

Exit codes:
  0    it ran, whether it found something or not
  1    findings (detect --exit-code), failing tests, faulty detections
  2    the search or the command line is wrong
  3    a log could not be read, or the result not written; what could be read was searched
  4    a bug in Dogwatch
  130  interrupted";

/// The command line, as clap knows it.
pub fn command() -> Command {
    let color = Arg::new("color")
        .long("color")
        .value_name("WHEN")
        .value_parser(value_parser!(Color))
        .default_value("auto")
        .hide_default_value(true)
        .global(true)
        .help("Use colour: auto (on a terminal, unless NO_COLOR is set), always, never")
        .hide_possible_values(true);
    Command::new("dogwatch")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(color)
        .subcommands(commands::SUBCOMMANDS.iter().map(|subcommand| (subcommand.command)()))
}

/// Runs the command line of the process.
pub fn run() -> Exit {
    panic::install();
    let exit = catch_unwind(AssertUnwindSafe(run_subcommand)).unwrap_or(Exit::Bug);
    if panic::happened() { Exit::Bug } else { exit }
}

fn run_subcommand() -> Exit {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(shown) => {
            // Help and version come this way too; that nobody reads them is no fault.
            let _ = shown.print();
            return if shown.use_stderr() { Exit::Usage } else { Exit::Ran };
        }
    };
    let console = Console::new(matches.get_one("color").copied().unwrap_or_default());
    let Some((name, arguments)) = matches.subcommand() else { return Exit::Usage };
    let Some(subcommand) = commands::find(name) else { return Exit::Usage };
    match (subcommand.run)(arguments, console) {
        Ok(exit) => exit,
        Err(failure) => {
            console.failure(&failure);
            match failure {
                Failure::Told { exit, .. } | Failure::Silent(exit) => exit,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
