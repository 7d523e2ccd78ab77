//! `dedup`: one result, or a few, for each combination of values.

use datafusion_expr::{Expr, lit};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind,
    OptionSpec,
};

use crate::aggregates::{row_number, running_count};
use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role, sort};
use crate::error::Result;
use crate::expr::all_of;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, by_order, column};

/// `dedup [<count>] <field-list> [sortby <keys>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "dedup",
        aliases: &[],
        summary: "Keeps the first results for each combination of values of the fields.",
        options: &[
            OptionSpec::optional(
                "keepevents",
                OptionKind::Bool,
                "Keeps all results, but empties the fields in those that would go.",
            ),
            OptionSpec::optional("keepempty", OptionKind::Bool, "Keeps results without one of the fields."),
            OptionSpec::optional(
                "consecutive",
                OptionKind::Bool,
                "Removes only results that follow one with the same values.",
            ),
        ],
        arguments: &[
            ArgumentSpec::optional(
                "count",
                ArgumentKind::Number,
                "How many results to keep of each combination: 1 if not given.",
            ),
            ArgumentSpec::required("fields", ArgumentKind::Fields { wildcards: false, sign: false }, "The fields."),
            ArgumentSpec::optional("sortby", ArgumentKind::Keyword(&["sortby"]), "Begins sort keys: what is first."),
            ArgumentSpec::optional("sortby_keys", ArgumentKind::SortKeys, "The sort keys."),
        ],
        details: "Results without one of the fields are removed unless `keepempty=true`. Events come newest first unless sorted.",
        source: "Search Reference: dedup",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=split("a,b,a", ",") | mvexpand n | dedup n | table n"#,
            shows: "The first of each value.",
            result: r#"[{"n":"a"},{"n":"b"}]"#,
        }],
    },
    role: Role::Streaming,
    check,
    lower,
    ..CommandDef::BASE
};

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let count = command.arguments_in("count").next();
    let wrong = count.filter(|c| !matches!(c.value, ArgumentValue::Number(n) if n >= 1.0));
    wrong
        .map(|count| {
            let message = "`dedup` keeps 1 or more results of each combination, not 0";
            Diagnostic::error(Code::BadOption, count.span, message)
        })
        .into_iter()
        .collect()
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let command = step.command;
    if let Some(ArgumentValue::SortKeys(keys)) = command.argument("sortby_keys") {
        let key = sort::order(keys, &rows);
        rows = rows.reorder(key)?;
    }
    let count = match command.argument("count") {
        Some(ArgumentValue::Number(n)) => *n,
        _ => 1.0,
    };
    let names = command.fields("fields");
    let keys: Vec<Expr> = names.iter().map(|name| rows.get(name)).collect();
    let present = all_of(keys.iter().map(|key| key.clone().is_not_null()).collect());
    let (keep_empty, keep_events) = (command.flag("keepempty"), command.flag("keepevents"));
    if !keep_empty && !keep_events {
        rows = rows.filter(present.clone())?;
    }
    let mut hidden = vec!["__number"];
    let mut groups = keys.clone();
    if command.flag("consecutive") {
        hidden.extend(["__changed", "__run"]);
        rows = with_changes(rows, &keys)?;
        rows = rows.window(vec![("__run".to_owned(), running_count(column("__changed")))])?;
        groups.push(column("__run"));
    }
    rows = rows.window(vec![("__number".to_owned(), row_number(groups, vec![by_order(true)]))])?;
    let first = column("__number").lt_eq(lit(count as u64));
    let keep = if keep_empty || keep_events { first.or(Expr::Not(Box::new(present))) } else { first };
    rows = if keep_events {
        let emptied = names
            .iter()
            .map(|name| Ok((name.clone(), datafusion_expr::when(keep.clone(), rows.get(name)).end()?)))
            .collect::<Result<Vec<_>>>()?;
        rows.set(emptied)?
    } else {
        rows.filter(keep)?
    };
    Ok(rows.without(&hidden)?)
}

/// Adds `__changed`: whether the keys differ from those of the previous row, or there is no previous row.
fn with_changes(rows: Relation, keys: &[Expr]) -> Result<Relation> {
    let names: Vec<String> = (0..keys.len()).map(|i| format!("__before{i}")).collect();
    let before = names.iter().zip(keys).map(|(name, key)| (name.clone(), value_before(key))).collect();
    let rows = rows.window(before)?;
    let same = names.iter().zip(keys).map(|(name, key)| column(name).eq(key.clone())).collect();
    let rows = rows.set(vec![("__changed".to_owned(), Expr::IsNotTrue(Box::new(all_of(same))))])?;
    Ok(rows.without(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
}

/// The value of the previous row.
fn value_before(key: &Expr) -> Expr {
    let mut call = datafusion_expr::expr::WindowFunction::new(
        datafusion_expr::WindowFunctionDefinition::WindowUDF(datafusion_functions_window::lead_lag::lag_udwf()),
        vec![key.clone()],
    );
    call.params.order_by = vec![by_order(true)];
    call.params.window_frame = crate::aggregates::up_to_here();
    Expr::WindowFunction(Box::new(call))
}
