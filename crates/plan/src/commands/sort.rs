//! `sort`: changes the order of the results.

use dogwatch_functions::operators::{self, SortKind};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind,
    OptionSpec, SortKey, SortOrder,
};

use crate::check::count_is_whole;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};

/// `sort [<count>] [-|+]<field>, … [desc]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "sort",
        aliases: &[],
        summary: "Sorts the results by fields.",
        options: &[OptionSpec::optional("limit", OptionKind::Integer, "How many results to keep, as the count.")],
        arguments: &[
            ArgumentSpec::optional(
                "count",
                ArgumentKind::Number,
                "How many results to keep: 10000 if not given, 0 for all.",
            ),
            ArgumentSpec::required(
                "keys",
                ArgumentKind::SortKeys,
                "Fields, `-` before one for descending; `num(f)`, `str(f)`, `ip(f)` say how to compare. A final `desc` reverses all.",
            ),
        ],
        details: "Values that spell numbers are sorted as numbers and come before text, IP addresses as addresses, text by \
                  code point (upper case first). Results without the field come last. Equal results keep their order.",
        source: "Search Reference: sort",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=split("10,9,100", ",") | mvexpand n | sort - n | table n"#,
            shows: "Texts that spell numbers are sorted as numbers.",
            result: r#"[{"n":"100"},{"n":"10"},{"n":"9"}]"#,
        }],
    },
    role: Role::Streaming,
    check: count_is_whole,
    keeps_order: false,
    after_run,
    lower,
    ..CommandDef::BASE
};

/// Splunk's default: results beyond it are dropped.
const DEFAULT_COUNT: usize = 10_000;

/// The order key made of sort keys; the sort is stable.
pub fn order(keys: &[SortKey], rows: &Relation) -> datafusion_expr::Expr {
    let mut parts: Vec<_> = keys
        .iter()
        .map(|key| {
            let kind = match key.order {
                SortOrder::Auto => SortKind::Auto,
                SortOrder::Number => SortKind::Number,
                SortOrder::Text => SortKind::Text,
                SortOrder::Ip => SortKind::Ip,
            };
            operators::sort_key(kind, rows.get(&key.field.value), key.descending)
        })
        .collect();
    parts.push(column(ORDER));
    operators::order_key(parts)
}

/// A warning if a `sort` without a count has probably truncated the results, which would otherwise go unnoticed.
fn after_run(command: &Command, results: u64) -> Option<Diagnostic> {
    let counted = command.option("limit").is_some() || command.argument("count").is_some();
    (!counted && results == DEFAULT_COUNT as u64).then(|| {
        let message = format!("sort keeps the first {DEFAULT_COUNT} results, as in Splunk, and there are that many");
        Diagnostic::warning(Code::Cut, command.name.span, message).with_help("write `sort 0 …` to keep all")
    })
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let keys = match step.command.argument("keys") {
        Some(ArgumentValue::SortKeys(keys)) => keys.as_slice(),
        _ => &[],
    };
    let count = step.command.count("limit").or_else(|| step.command.count_argument("count")).unwrap_or(DEFAULT_COUNT);
    let key = order(keys, &rows);
    let rows = rows.reorder(key)?;
    Ok(if count == 0 { rows } else { rows.head(count)? })
}
