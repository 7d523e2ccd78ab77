//! `dogwatch completions SHELL`: the script that lets a shell complete the command line.

use std::io::{self, Write};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

use super::Subcommand;
use crate::console::Console;
use crate::exit::{Exit, Failure};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "completions", command, run };

const AFTER_HELP: &str = "\
Examples:
  dogwatch completions bash > ~/.local/share/bash-completion/completions/dogwatch
  dogwatch completions fish > ~/.config/fish/completions/dogwatch.fish";

fn command() -> Command {
    let shell =
        Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)).help("The shell");
    Command::new("completions").about("Print a completion script for a shell").after_help(AFTER_HELP).arg(shell)
}

fn run(arguments: &ArgMatches, _console: Console) -> Result<Exit, Failure> {
    let Some(shell) = arguments.get_one::<Shell>("shell") else { return Ok(Exit::Usage) };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut crate::app::command(), "dogwatch", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Ran)
}
