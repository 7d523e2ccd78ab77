//! `dogwatch commands [NAME]`: the reference of the search commands, from their signatures.

use clap::{ArgMatches, Command};
use dogwatch_plan::commands::{CommandDef, Role, all};
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, CommandSignature, OptionKind, OptionSpec};

use super::Subcommand;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::reference::{Page, ShownExample, arguments, show};

pub const SUBCOMMAND: Subcommand = Subcommand { name: "commands", command, run };

const AFTER_HELP: &str = "\
Examples:
  dogwatch commands
  dogwatch commands stats
  dogwatch commands --format json";

fn command() -> Command {
    let command = Command::new("commands").about("Explain the search commands").after_help(AFTER_HELP);
    arguments(command, "command")
}

fn run(matches: &ArgMatches, console: Console) -> Result<Exit, Failure> {
    let mut commands = all().to_vec();
    commands.sort_by_key(|command| group(command.role));
    show(commands.into_iter().map(page).collect(), "command", matches, console)
}

fn group(role: Role) -> &'static str {
    match role {
        Role::Generating | Role::Uniting => "start a search",
        Role::Searching | Role::Streaming => "work on events or rows",
        Role::Transforming => "turn events into a table",
    }
}

fn page(command: &'static CommandDef) -> Page {
    let signature = &command.signature;
    let options = signature.options.iter().map(|option| (option_usage(option), option.summary));
    let arguments = signature.arguments.iter().map(|argument| (argument_usage(argument), argument.summary));
    let example = |example: &'static dogwatch_syntax::CommandExample| ShownExample {
        text: example.search,
        about: example.shows.to_owned(),
        result: example.result,
    };
    Page {
        kind: "command",
        group: group(command.role).to_owned(),
        name: signature.name,
        aliases: signature.aliases,
        usage: usage(signature),
        summary: signature.summary,
        parts: arguments.chain(options).collect(),
        details: signature.details,
        source: signature.source,
        examples: signature.examples.iter().map(example).collect(),
    }
}

/// How a command is written. A keyword and what stands behind it are one optional part.
fn usage(signature: &CommandSignature) -> String {
    let mut parts = vec![signature.name.to_owned()];
    for option in signature.options {
        let text = option_usage(option);
        parts.push(if option.required { text } else { format!("[{text}]") });
    }
    let mut arguments = signature.arguments.iter().peekable();
    while let Some(argument) = arguments.next() {
        let mut text = argument_usage(argument);
        let listed = matches!(argument.kind, ArgumentKind::Keyword(_)) || text.ends_with('…');
        if argument.repeated && !listed {
            text.push('…');
        }
        if matches!(argument.kind, ArgumentKind::Keyword(_))
            && let Some(content) = arguments.next_if(|next| !matches!(next.kind, ArgumentKind::Keyword(_)))
        {
            text = format!("{text} {}", argument_usage(content));
        }
        parts.push(if argument.required { text } else { format!("[{text}]") });
    }
    parts.join(" ")
}

fn option_usage(option: &OptionSpec) -> String {
    let value = match option.kind {
        OptionKind::Integer => "<integer>".to_owned(),
        OptionKind::Number => "<number>".to_owned(),
        OptionKind::Bool => "<bool>".to_owned(),
        OptionKind::Text => "<text>".to_owned(),
        OptionKind::Field => "<field>".to_owned(),
        OptionKind::OneOf(words) => words.join("|"),
    };
    format!("{}={value}", option.name)
}

fn argument_usage(argument: &ArgumentSpec) -> String {
    let slot = argument.slot;
    match argument.kind {
        ArgumentKind::Keyword(words) => words.join("|"),
        ArgumentKind::Fields { sign, .. } => format!("{}<{slot}>…", if sign { "[+|-] " } else { "" }),
        ArgumentKind::Renames { optional_as: false } => "<field> AS <name>, …".to_owned(),
        ArgumentKind::Renames { optional_as: true } => format!("<{slot}> [AS <name>]"),
        ArgumentKind::SortKeys => format!("[+|-]<{slot}>, …"),
        ArgumentKind::Assignments => "<field>=<expression>, …".to_owned(),
        ArgumentKind::Aggregates => "<function>(<field>) [AS <name>], …".to_owned(),
        ArgumentKind::FieldRegex => "[<field>=|<field>!=]\"<regular expression>\"".to_owned(),
        ArgumentKind::Regex => format!("\"<{slot}>\""),
        ArgumentKind::Subsearch => "[ <subsearch> ]".to_owned(),
        ArgumentKind::Number
        | ArgumentKind::Text
        | ArgumentKind::Field
        | ArgumentKind::Expr
        | ArgumentKind::ParenExpr
        | ArgumentKind::Search => format!("<{slot}>"),
    }
}
