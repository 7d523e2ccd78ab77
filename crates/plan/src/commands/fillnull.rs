//! `fillnull`: replaces missing values of fields.

use datafusion_expr::{lit, when};
use dogwatch_functions::operators;
use dogwatch_functions::types::{self, parse_number};
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature, OptionKind, OptionSpec};

use crate::aggregates::{self, native_over};
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column, window_name};
use crate::wildcard;

/// `fillnull [value=<text>] [<field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "fillnull",
        aliases: &[],
        summary: "Puts a value into fields that have none.",
        options: &[OptionSpec::optional("value", OptionKind::Text, "The value: 0 if not given.")],
        arguments: &[ArgumentSpec::optional(
            "fields",
            ArgumentKind::Fields { wildcards: true, sign: false },
            "The fields. If none is named, all that at least one row has.",
        )],
        details: "",
        source: "Search Reference: fillnull",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=null(), b=1 | fillnull value=none a | table a b"#,
            shows: "The missing value is filled.",
            result: r#"[{"a":"none","b":1}]"#,
        }],
    },
    role: Role::Streaming,
    lower,
    ..CommandDef::BASE
};

fn value(command: &Command) -> String {
    command.text("value").unwrap_or("0").to_owned()
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let value = value(step.command);
    let listed = step.command.fields("fields");
    let fields = if listed.is_empty() {
        rows.fields().into_iter().filter(|f| rows.has(f) && !f.starts_with('_')).collect()
    } else {
        wildcard::expand(&listed, &rows)
    };
    let mut filled = Vec::new();
    let mut counts = Vec::new();
    for (i, field) in fields.into_iter().enumerate() {
        let from = rows.data_type(&field);
        let (literal, literal_type) = match parse_number(&value) {
            Some(number) if from == types::number_type() => (lit(number), types::number_type()),
            _ => (lit(value.as_str()), types::text_type()),
        };
        let to = types::unify(&from, &literal_type);
        let (old, new) =
            (operators::unify_to(rows.get(&field), &from, &to), operators::unify_to(literal, &literal_type, &to));
        let mut missing = rows.get(&field).is_null();
        if listed.is_empty() {
            let hidden = window_name(&aggregates::owner(step.command), i);
            let count = datafusion_functions_aggregate::count::count_udaf();
            counts.push((hidden.clone(), native_over(count, rows.get(&field), vec![])));
            missing = missing.and(column(&hidden).gt(lit(0_i64)));
        }
        filled.push((field, when(missing, new).otherwise(old)?));
    }
    let hidden: Vec<String> = counts.iter().map(|(name, _)| name.clone()).collect();
    if !counts.is_empty() {
        rows = rows.window(counts)?;
    }
    rows = rows.set(filled)?;
    Ok(rows.without(&hidden.iter().map(String::as_str).collect::<Vec<_>>())?)
}
