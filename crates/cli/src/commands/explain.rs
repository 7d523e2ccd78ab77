//! `dogwatch explain 'SPL' [PATH…]`: what a search would do, without doing it: the fields that it wants, the words that
//! it looks for, the plan, and the form that Splunk accepts.

use std::io::{self, Write};

use clap::{ArgMatches, Args, Command};
use dogwatch_engine::Session;

use super::{Subcommand, read};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::inputs::{Need, SearchArguments};
use crate::run::{failure, runtime};
use crate::{explanation, render};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "explain", command, run };

const USAGE: &str =
    "dogwatch explain [OPTIONS] <SPL> [PATH]...\n       dogwatch explain [OPTIONS] -f <FILE.spl> [PATH]...";

const AFTER_HELP: &str = "\
Examples:
  dogwatch explain 'type=EXECVE a0=kubectl | stats count by auid'
  dogwatch explain -f container-api.spl logs/

Paths are only needed for a search whose fields depend on the logs.";

fn command() -> Command {
    let command = SearchArguments::augment_args(Command::new("explain").override_usage(USAGE));
    command.about("Show what a search would do").long_about(None).after_help(AFTER_HELP)
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments: SearchArguments = read(matches)?;
    let (text, paths) = arguments.search_and_paths(Need::Nothing)?;
    let runtime = runtime(arguments.logs.threads())?;
    let explained = runtime.block_on(async {
        let session = Session::new(arguments.logs.session_options())?;
        session.explain(&text, &paths).await
    });
    runtime.shutdown_background();
    let explained = explained.map_err(|error| failure(error, console))?;
    if !explained.diagnostics.is_empty() {
        console.tell(&render::diagnostics(&explained.diagnostics, &explained.sources, &console.renderer()));
        console.gap();
    }
    io::stdout().write_all(explanation::page(&explained).as_bytes())?;
    Ok(Exit::Ran)
}
