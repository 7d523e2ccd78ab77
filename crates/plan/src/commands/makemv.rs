//! `makemv`: splits a text at delimiters into a multivalue.

use datafusion_expr::lit;
use dogwatch_functions::row_functions::{extraction, multivalue};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec, Spanned,
};

use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role, regex as regex_command};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `makemv [delim=<text>|tokenizer=<pattern>] [allowempty=<bool>] <field>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "makemv",
        aliases: &[],
        summary: "Makes a multivalue of a text with dividers.",
        options: &[
            OptionSpec::optional("delim", OptionKind::Text, "What divides the values: a space if not given."),
            OptionSpec::optional(
                "tokenizer",
                OptionKind::Text,
                "A regular expression; its first group is a value, each match gives one.",
            ),
            OptionSpec::optional("allowempty", OptionKind::Bool, "Whether dividers side by side give empty values."),
            OptionSpec::optional("setsv", OptionKind::Bool, "Accepted for Splunk's sake; without effect."),
        ],
        arguments: &[ArgumentSpec::required(
            "fields",
            ArgumentKind::Fields { wildcards: false, sign: false },
            "The field.",
        )],
        details: "",
        source: "Search Reference: makemv",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a="x,,y" | makemv delim="," a | eval n=mvcount(a) | table a n"#,
            shows: "Empty values are left out.",
            result: r#"[{"a":["x","y"],"n":2}]"#,
        }],
    },
    role: Role::Streaming,
    check,
    lower,
    ..CommandDef::BASE
};

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let written = command.option("tokenizer").zip(command.text("tokenizer"));
    let pattern = written.map(|(option, text)| Spanned::new(text.to_owned(), option.span));
    pattern.and_then(|pattern| regex_command::complaint(&pattern)).into_iter().collect()
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let empty = step.command.flag("allowempty");
    let tokenizer = step.command.text("tokenizer");
    let delimiter = step.command.text("delim").unwrap_or(" ");
    let columns = step
        .command
        .fields("fields")
        .into_iter()
        .map(|field| {
            let value = rows.get(&field);
            let split = match &tokenizer {
                Some(pattern) => extraction::TOKENS.call(vec![value, lit(*pattern)]),
                None => multivalue::SPLIT.call(vec![value, lit(delimiter), lit(empty)]),
            };
            (field, split)
        })
        .collect();
    Ok(rows.set(columns)?)
}
