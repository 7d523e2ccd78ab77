//! `makemv`: a multivalue from a text with dividers.

use datafusion_expr::lit;
use dogwatch_functions::types::{Cell, Output, multivalue_type};
use dogwatch_functions::{regex, row_udf::RowUdf};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec,
    OptionValue, Spanned,
};

use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role, passes_on, regex as regex_command, table};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::rows::Rows;

/// `makemv [delim=<text>|tokenizer=<pattern>] [allowempty=<bool>] <field>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "makemv",
        aliases: &[],
        summary: "Makes a multivalue of a text with dividers.",
        options: &[
            OptionSpec {
                name: "delim",
                kind: OptionKind::Text,
                required: false,
                summary: "What divides the values: a space if not given.",
            },
            OptionSpec {
                name: "tokenizer",
                kind: OptionKind::Text,
                required: false,
                summary: "A regular expression; its first group is a value, each match gives one.",
            },
            OptionSpec {
                name: "allowempty",
                kind: OptionKind::Bool,
                required: false,
                summary: "Whether dividers side by side give empty values.",
            },
            OptionSpec {
                name: "setsv",
                kind: OptionKind::Bool,
                required: false,
                summary: "Accepted for Splunk's sake; without effect.",
            },
        ],
        arguments: &[ArgumentSpec {
            slot: "fields",
            kind: ArgumentKind::Fields { wildcards: false, sign: false },
            required: true,
            repeated: false,
            summary: "The field.",
        }],
        details: "",
        source: "Search Reference: makemv",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a="x,,y" | makemv delim="," a | eval n=mvcount(a) | table a n"#,
            shows: "Empty values are left out.",
            result: r#"[{"a":["x","y"],"n":2}]"#,
        }],
    },
    role: Role::Streaming,
    keeps_order: true,
    check,
    reads: passes_on,
    lower,
};

fn text_option(command: &Command, name: &str) -> Option<Spanned<String>> {
    let option = command.option(name)?;
    match &option.value {
        OptionValue::Text(text) => Some(Spanned::new(text.clone(), option.span)),
        _ => None,
    }
}

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    text_option(command, "tokenizer").and_then(|t| regex_command::complaint(&t)).into_iter().collect()
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Rows>) -> Result<Rows> {
    let rows = step.input(rows)?;
    let empty = step.command.option("allowempty").map(|o| &o.value) == Some(&OptionValue::Bool(true));
    let tokenizer = text_option(step.command, "tokenizer");
    let delimiter = text_option(step.command, "delim").map_or_else(|| " ".to_owned(), |d| d.value);
    let columns = table::names(step.command)
        .into_iter()
        .map(|field| {
            let value = rows.get(&field);
            let split = match &tokenizer {
                Some(pattern) => RowUdf::new("spl_tokens", |_| multivalue_type(), tokens_row, true)
                    .call(vec![value, lit(pattern.value.as_str())]),
                None => RowUdf::new("spl_makemv", |_| multivalue_type(), split_row, true).call(vec![
                    value,
                    lit(delimiter.as_str()),
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
