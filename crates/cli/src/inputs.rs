//! What subcommands have in common on the command line: the search, the logs, and how both are understood.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use clap::ValueHint;
use dogwatch_engine::{SessionOptions, Text};
use dogwatch_plan::commands::{Role, find};
use dogwatch_syntax::outline::{Start, outline};

use crate::exit::Failure;

/// A search longer than this is a mistaken file, not a search.
const LONGEST_SEARCH: u64 = 16 << 20;

const NO_PATHS: &str = "give files, directories or globs behind the search, or pipe a log in: \
     dogwatch search 'type=EXECVE' /var/log/audit/";

/// Whether a search is of use without logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It is to run, so it needs them, or makes its rows itself.
    Logs,
    /// It is only looked at.
    Nothing,
}

/// The arguments that say how logs are read.
#[derive(Debug, clap::Args)]
pub struct LogArguments {
    /// Only events from this time on: -24h@h, 2026-11-23T16:00:00Z, epoch seconds
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Events")]
    earliest: Option<String>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Events")]
    latest: Option<String>,
    /// The host of events that name none [default: unknown]
    #[arg(long, value_name = "NAME", help_heading = "Events")]
    host: Option<String>,
    /// The sourcetype of all events; the name of a known format also says how to read them
    #[arg(long, value_name = "NAME", help_heading = "Events")]
    sourcetype: Option<String>,
    /// The index of all events
    #[arg(long, value_name = "NAME", help_heading = "Events")]
    index: Option<String>,
    /// A directory with lookup tables (CSV), called by their file names, before those of detections; can be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Knowledge")]
    pub lookups: Vec<PathBuf>,
    /// A directory with macros, before those of detections; can be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Knowledge")]
    macros: Vec<PathBuf>,
    /// A TOML file that names indexes and sourcetypes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Knowledge")]
    config: Option<PathBuf>,
    /// How many threads read and compute [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Parse every event instead of looking for words in the bytes first
    #[arg(long, hide = true)]
    no_prefilter: bool,
}

impl LogArguments {
    /// How the engine is to understand searches and logs.
    pub fn session_options(&self) -> SessionOptions {
        SessionOptions {
            lookups: self.lookups.clone(),
            macros: self.macros.clone(),
            config: self.config.clone(),
            earliest: self.earliest.clone(),
            latest: self.latest.clone(),
            host: self.host.clone(),
            sourcetype: self.sourcetype.clone(),
            index: self.index.clone(),
            threads: self.threads.map(usize::from),
            prefilter: !self.no_prefilter,
            ..SessionOptions::default()
        }
    }

    /// How many threads were asked for.
    pub fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }
}

/// The arguments that say what is searched for, and where.
#[derive(Debug, clap::Args)]
pub struct SearchArguments {
    /// The search in SPL, unless -f gives it; then files, directories, globs, or - for standard input. Without a path,
    /// what is piped in is searched
    #[arg(value_name = "SPL|PATH", value_hint = ValueHint::AnyPath)]
    words: Vec<String>,
    /// Read the search from a file; then all arguments are paths
    #[arg(short, long, value_name = "FILE.spl", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    #[command(flatten)]
    pub logs: LogArguments,
}

impl SearchArguments {
    /// The search and the paths of the logs.
    ///
    /// # Errors
    /// When there is no search, or no log although it needs one.
    pub fn search_and_paths(&self, need: Need) -> Result<(Text, Vec<String>), Failure> {
        let (text, mut paths) = match &self.file {
            Some(file) => (read_search(file)?, self.words.clone()),
            None => self.inline_search()?,
        };
        if text.text.trim().is_empty() {
            let help = "write what to search for, as in `dogwatch search 'type=EXECVE' /var/log/audit/`";
            return Err(Failure::usage("the search is empty", help));
        }
        let piped = !io::stdin().is_terminal();
        if need == Need::Logs && paths.is_empty() && needs_logs(&text.text, piped) {
            if !piped {
                return Err(Failure::usage("there is no log to search", NO_PATHS));
            }
            paths.push("-".to_owned());
        }
        if self.file.as_deref().is_some_and(is_stdin) && paths.iter().any(|path| path == "-") {
            return Err(Failure::usage("standard input cannot be both the search and a log", NO_PATHS));
        }
        Ok((text, paths))
    }

    fn inline_search(&self) -> Result<(Text, Vec<String>), Failure> {
        let Some((search, paths)) = self.words.split_first() else {
            let help = "give it as the first argument, as in `dogwatch search 'type=EXECVE' /var/log/audit/`, or in a file with -f";
            return Err(Failure::usage("there is no search", help));
        };
        if search.ends_with(".spl") && std::path::Path::new(search).is_file() {
            let help = format!("to run the search in that file, write -f {search}");
            return Err(Failure::usage(format!("`{search}` is a file, where a search was expected"), help));
        }
        Ok((Text { name: "search".to_owned(), text: search.clone() }, paths.to_vec()))
    }
}

/// The logs that a subcommand is given, or what is piped in.
///
/// # Errors
/// If there are none.
pub fn logs_or_stdin(paths: &[String]) -> Result<Vec<String>, Failure> {
    if !paths.is_empty() {
        return Ok(paths.to_vec());
    }
    if io::stdin().is_terminal() {
        let help = "give files, directories or globs, or pipe a log in: dogwatch detect /var/log/audit/";
        return Err(Failure::usage("there are no logs to read", help));
    }
    Ok(vec!["-".to_owned()])
}

fn is_stdin(path: &std::path::Path) -> bool {
    path == std::path::Path::new("-")
}

fn read_search(file: &std::path::Path) -> Result<Text, Failure> {
    let name = file.display().to_string();
    let failed = |error: io::Error| Failure::usage(format!("cannot read the search {name}: {error}"), "check the path");
    let reader: Box<dyn Read> =
        if is_stdin(file) { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(file).map_err(failed)?) };
    let mut bytes = Vec::new();
    reader.take(LONGEST_SEARCH).read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(
            format!("cannot read the search {name}: it is not UTF-8"),
            "is it a text file, and the right one?",
        )
    })?;
    Ok(Text { name, text })
}

/// Whether a search reads logs, as far as its beginning tells. One that starts with a command that makes rows does not,
/// unless a subsearch does: then what is piped in is for it.
fn needs_logs(search: &str, piped: bool) -> bool {
    let commands = outline(search).commands;
    // What stands before the first pipe is a search expression, unless it is nothing.
    let [_, first, ..] = commands.as_slice() else { return true };
    if first.start != Start::Pipe || !search.trim_start().starts_with('|') {
        return true;
    }
    let generating = find(&first.name.value.to_lowercase()).is_some_and(|command| command.role == Role::Generating);
    !generating || (piped && commands.iter().any(|command| command.start == Start::Bracket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_searches_that_make_their_own_rows_need_no_logs() {
        for (search, needs) in [
            ("type=EXECVE", true),
            ("| search type=EXECVE", true),
            ("| makeresults | eval a=1", false),
            (" |\n MakeResults", false),
            ("| inputlookup users.csv", false),
            ("| makeresults | append [search a=1]", true),
            ("| makeresults | eval a=\"[\"", false),
            ("a=1 | makeresults", true),
            ("| nonsense", true),
        ] {
            assert_eq!(needs_logs(search, true), needs, "{search}");
        }
        assert!(!needs_logs("| makeresults | append [search a=1]", false));
    }
}
