//! `dogwatch explain 'SPL' [PATH…]`: what a search would do, without doing it: the fields that it wants, the words that
//! it looks for, the plan, and the form that Splunk accepts.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::{ArgMatches, Args, Command, FromArgMatches};
use dogwatch_engine::{Explanation, Read, Session};
use dogwatch_output::visible::visible_except;
use dogwatch_plan::Condition;
use dogwatch_syntax::{Pattern, PatternPiece};

use super::Subcommand;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::inputs::{Need, SearchArguments};
use crate::render;
use crate::run::{failure, runtime};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "explain", command, run };

const USAGE: &str =
    "dogwatch explain [OPTIONS] <SPL> [PATH]...\n       dogwatch explain [OPTIONS] -f <FILE.spl> [PATH]...";

const AFTER_HELP: &str = "\
Examples:
  dogwatch explain 'type=EXECVE a0=kubectl | stats count by auid'
  dogwatch explain -f container-api.spl logs/

Paths are only needed for a search whose fields depend on the logs.";

/// How much of an expression over bytes is shown, characters.
const LONGEST_EXPRESSION: usize = 160;

fn command() -> Command {
    let command = Command::new("explain").about("Show what a search would do").override_usage(USAGE);
    SearchArguments::augment_args(command).after_help(AFTER_HELP)
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let arguments = SearchArguments::from_arg_matches(matches)
        .map_err(|error| Failure::usage(error.to_string(), "see `dogwatch explain --help`"))?;
    let (text, paths) = arguments.search_and_paths(Need::Nothing)?;
    let runtime = runtime(arguments.threads())?;
    let explained = runtime.block_on(async {
        let session = Session::new(arguments.session_options())?;
        session.explain(&text, &paths).await
    });
    runtime.shutdown_background();
    let explanation = explained.map_err(|error| failure(error, console))?;
    if !explanation.diagnostics.is_empty() {
        console.tell(&render::diagnostics(&explanation.diagnostics, &explanation.sources, &console.renderer()));
    }
    io::stdout().write_all(page(&explanation).as_bytes())?;
    Ok(Exit::Ran)
}

fn page(explanation: &Explanation) -> String {
    let mut page = String::new();
    section(&mut page, "The search, as it is understood", &explanation.search);
    if let Some(form) = &explanation.splunk_form {
        section(&mut page, "The same search, in a form that Splunk accepts", form);
    }
    let several = explanation.reads.len() > 1;
    for (i, read) in explanation.reads.iter().enumerate() {
        let number = if several { format!(", {} of {}", i + 1, explanation.reads.len()) } else { String::new() };
        section(&mut page, &format!("What it reads of the logs{number}"), &read_text(read));
    }
    if explanation.reads.is_empty() {
        section(&mut page, "What it reads of the logs", "nothing");
    }
    section(&mut page, "The plan (DataFusion's, rows flow from the bottom to the top)", explanation.plan.trim_end());
    page
}

/// A heading and a text below it, indented.
fn section(page: &mut String, heading: &str, text: &str) {
    if !page.is_empty() {
        page.push('\n');
    }
    page.push_str(heading);
    page.push('\n');
    for line in visible_except(text, &['\n']).lines() {
        page.push_str(format!("  {line}").trim_end());
        page.push('\n');
    }
}

fn read_text(read: &Read) -> String {
    let request = &read.request;
    let mut text = format!("events  {}\n", condition(&request.condition));
    // Writing to a String cannot fail.
    for (name, bound) in [("from", request.earliest), ("before", request.latest)] {
        if let Some(time) = bound {
            let _ = writeln!(text, "{name:6}  {}", dogwatch_output::rfc3339(time));
        }
    }
    let fields = if request.fields.is_empty() {
        "none beside those of every event".to_owned()
    } else {
        request.fields.join(", ")
    };
    let _ = writeln!(text, "fields  {fields}");
    text.push_str("bytes   looked for before an event is parsed:\n");
    let column = read.words.iter().map(|(format, _)| format.len()).max().unwrap_or(0);
    for (format, words) in &read.words {
        let what = match words {
            None => "no event of this format can match: none is parsed".to_owned(),
            Some(words) if words.is_empty() => "nothing: every event is parsed".to_owned(),
            Some(words) => {
                words.iter().map(|word| cut(word)).collect::<Vec<_>>().join(&format!("\n{:1$}and ", "", column + 10))
            }
        };
        let _ = writeln!(text, "        {format:column$}  {what}");
    }
    text
}

/// An expression, cut where it is too long to be read anyway.
fn cut(expression: &str) -> String {
    match expression.char_indices().nth(LONGEST_EXPRESSION) {
        Some((end, _)) => format!("{}… ({} bytes)", &expression[..end], expression.len()),
        None => expression.to_owned(),
    }
}

/// A condition in the words of a search.
fn condition(of: &Condition) -> String {
    let several = |list: &[Condition], word: &str| {
        let parts: Vec<String> = list
            .iter()
            .map(|one| match one {
                Condition::All(_) | Condition::Any(_) => format!("({})", condition(one)),
                one => condition(one),
            })
            .collect();
        parts.join(word)
    };
    match of {
        Condition::Anything => "all".to_owned(),
        Condition::Nothing => "none".to_owned(),
        Condition::All(list) => several(list, " AND "),
        Condition::Any(list) => several(list, " OR "),
        Condition::Field { name, pattern } => format!("{name}={}", pattern_text(pattern)),
        Condition::Raw(pattern) => pattern_text(pattern),
    }
}

fn pattern_text(pattern: &Pattern) -> String {
    let pieces = pattern.pieces.iter().map(|piece| match piece {
        PatternPiece::Literal(text) => text.as_str(),
        PatternPiece::Star => "*",
    });
    let text: String = pieces.collect();
    let bare = |c: char| c.is_alphanumeric() || "*_.-:/@".contains(c);
    if !text.is_empty() && text.chars().all(bare) { text } else { format!("{text:?}") }
}
