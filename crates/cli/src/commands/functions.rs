//! `dogwatch functions [NAME]`: the reference of eval and stats functions, from their registries.

use clap::{ArgMatches, Command};
use dogwatch_functions::function::{EvalFunction, Example};
use dogwatch_functions::stats::StatsFunction;
use dogwatch_functions::{eval, stats};

use super::Subcommand;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::reference::{Page, ShownExample, arguments, show};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "functions", command, run };

const AFTER_HELP: &str = "\
Examples:
  dogwatch functions
  dogwatch functions mvindex
  dogwatch functions --format json";

fn command() -> Command {
    let command = Command::new("functions").about("Explain the eval and stats functions").after_help(AFTER_HELP);
    arguments(command, "function")
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let eval = eval::all().map(eval_page);
    let stats = stats::STATS_FUNCTIONS.iter().map(|function| stats_page(function));
    show(eval.chain(stats).collect(), "function", matches, console)
}

fn eval_page(function: &'static EvalFunction) -> Page {
    Page {
        kind: "eval function",
        group: format!("eval: {}", function.family),
        name: function.name,
        aliases: function.aliases,
        usage: function.usage.to_owned(),
        summary: function.summary,
        parts: vec![],
        details: function.details,
        source: function.source,
        examples: function.examples.iter().map(|example| shown(example, "")).collect(),
    }
}

fn stats_page(function: &'static StatsFunction) -> Page {
    Page {
        kind: "stats function",
        group: "stats".to_owned(),
        name: function.name,
        aliases: function.aliases,
        usage: function.usage.to_owned(),
        summary: function.summary,
        parts: vec![],
        details: function.details,
        source: function.source,
        examples: function.examples.iter().map(|example| shown(example, "x over all rows: ")).collect(),
    }
}

fn shown(example: &'static Example, lead: &str) -> ShownExample {
    let about = if example.given.is_empty() { String::new() } else { format!("{lead}{}", example.given) };
    ShownExample { text: example.expression, about, result: example.result }
}
