//! `makemv`: a multivalue from a text with dividers.

use datafusion_expr::lit;
use dogwatch_functions::types::{Cell, Output, multivalue_type};
use dogwatch_functions::{regex, row_udf::RowUdf};
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
    let columns =
        step.command
            .fields("fields")
            .into_iter()
            .map(|field| {
                let value = rows.get(&field);
                let split = match &tokenizer {
                    Some(pattern) => RowUdf::new("spl_tokens", |_| multivalue_type(), tokens_row, true)
                        .call(vec![value, lit(*pattern)]),
                    None => RowUdf::new("spl_makemv", |_| multivalue_type(), split_row, true).call(vec![
                        value,
                        lit(delimiter),
                        lit(empty),
                    ]),
                };
                (field, split)
            })
            .collect();
    Ok(rows.set(columns)?)
}

fn split_row(arguments: &[Cell<'_>], output: &mut Output) -> datafusion_common::Result<()> {
    let (delimiter, empty) = (arguments[1].text().unwrap_or_default(), arguments[2].truth().unwrap_or(false));
    let mut out: Vec<String> = Vec::new();
    for value in arguments[0].values() {
        let text = value.text();
        if delimiter.is_empty() {
            out.push(text.into_owned());
        } else {
            out.extend(text.split(delimiter.as_ref()).filter(|p| empty || !p.is_empty()).map(str::to_owned));
        }
    }
    output.multi(out);
    Ok(())
}

fn tokens_row(arguments: &[Cell<'_>], output: &mut Output) -> datafusion_common::Result<()> {
    let mut out: Vec<String> = Vec::new();
    if let Some(pattern) = arguments[1].text().and_then(|p| regex::compile(&p).ok()) {
        for value in arguments[0].values() {
            let text = value.text();
            for captures in pattern.captures_iter(&text) {
                let Ok(captures) = captures else { break };
                out.extend(captures.get(1).or(captures.get(0)).map(|m| m.as_str().to_owned()));
            }
        }
    }
    output.multi(out);
    Ok(())
}
