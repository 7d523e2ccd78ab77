//! The subcommands: the registry and what one is. One file per subcommand.

use clap::{ArgMatches, Command, FromArgMatches};

use crate::console::Console;
use crate::exit::{Exit, Failure};

mod check;
#[allow(clippy::module_inception, reason = "the subcommand that lists the search commands is called `commands`")]
mod commands;
mod completions;
mod coverage;
mod detect;
mod detections;
mod explain;
mod functions;
mod search;
pub mod test;
mod tune;

/// A subcommand in the registry.
pub struct Subcommand {
    /// Its name.
    pub name: &'static str,
    /// Its arguments and help.
    pub command: fn() -> Command,
    /// Runs it.
    pub run: fn(&ArgMatches, Console) -> Result<Exit, Failure>,
}

/// All subcommands, in the order of the help: what one uses most comes first.
pub static SUBCOMMANDS: &[Subcommand] = &[
    detect::SUBCOMMAND,
    search::SUBCOMMAND,
    test::SUBCOMMAND,
    check::SUBCOMMAND,
    coverage::SUBCOMMAND,
    tune::SUBCOMMAND,
    detections::SUBCOMMAND,
    explain::SUBCOMMAND,
    commands::SUBCOMMAND,
    functions::SUBCOMMAND,
    completions::SUBCOMMAND,
];

/// The subcommand of a name.
pub fn find(name: &str) -> Option<&'static Subcommand> {
    SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name)
}

/// The arguments of a subcommand.
fn read<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Failure> {
    // The same definition has checked them before.
    A::from_arg_matches(matches).map_err(|error| Failure::usage(error.to_string(), "see `dogwatch --help`"))
}
