//! `dedup`: one result, or a few, for each combination of values.

use datafusion_expr::{Expr, lit};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature, OptionKind, OptionSpec,
    OptionValue,
};

use crate::aggregates::{row_number, running_count};
use crate::commands::{CommandDef, Role, no_complaints, passes_on, sort};
use crate::error::Result;
use crate::expr::all_of;
use crate::planner::{Planner, Step};
use crate::rows::{Rows, by_order, column};

/// `dedup [<count>] <field-list> [sortby <keys>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "dedup",
        aliases: &[],
        summary: "Keeps the first results for each combination of values of the fields.",
        options: &[
            OptionSpec {
                name: "keepevents",
                kind: OptionKind::Bool,
                required: false,
                summary: "Keeps all results, but empties the fields in those that would go.",
            },
            OptionSpec {
                name: "keepempty",
                kind: OptionKind::Bool,
                required: false,
                summary: "Keeps results without one of the fields.",
            },
            OptionSpec {
                name: "consecutive",
                kind: OptionKind::Bool,
                required: false,
                summary: "Removes only results that follow one with the same values.",
            },
        ],
        arguments: &[
            ArgumentSpec {
                slot: "count",
                kind: ArgumentKind::Number,
                required: false,
                repeated: false,
                summary: "How many results to keep of each combination: 1 if not given.",
            },
            ArgumentSpec {
                slot: "fields",
                kind: ArgumentKind::Fields { wildcards: false, sign: false },
                required: true,
                repeated: false,
                summary: "The fields.",
            },
            ArgumentSpec {
                slot: "sortby",
                kind: ArgumentKind::Keyword(&["sortby"]),
                required: false,
                repeated: false,
                summary: "Begins sort keys: what is first.",
            },
            ArgumentSpec {
                slot: "sortby_keys",
                kind: ArgumentKind::SortKeys,
                required: false,
                repeated: false,
                summary: "The sort keys.",
            },
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
    check: no_complaints,
    reads: passes_on,
    lower,
};

fn is_set(command: &Command, name: &str) -> bool {
    command.option(name).map(|o| &o.value) == Some(&OptionValue::Bool(true))
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Rows>) -> Result<Rows> {
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
    let names = super::table::names(command);
    let keys: Vec<Expr> = names.iter().map(|name| rows.get(name)).collect();
    let present = all_of(keys.iter().map(|key| key.clone().is_not_null()).collect());
    let (keep_empty, keep_events) = (is_set(command, "keepempty"), is_set(command, "keepevents"));
    if !keep_empty && !keep_events {
        rows = rows.filter(present.clone())?;
    }
    let mut hidden = vec!["__number"];
    let mut groups = keys.clone();
    if is_set(command, "consecutive") {
        hidden.extend(["__changed", "__run"]);
        let changed = datafusion_expr::expr_fn::when(all_of(keys.iter().map(unchanged).collect()), lit(false))
            .otherwise(lit(true))?;
        rows = rows.window(vec![("__changed".to_owned(), changed)])?;
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

/// Whether the row before has the same value.
fn unchanged(key: &Expr) -> Expr {
    let mut call = datafusion_expr::expr::WindowFunction::new(
        datafusion_expr::WindowFunctionDefinition::WindowUDF(datafusion_functions_window::lead_lag::lag_udwf()),
        vec![key.clone()],
    );
    call.params.order_by = vec![by_order(true)];
    call.params.window_frame = crate::aggregates::up_to_here();
    Expr::WindowFunction(Box::new(call)).eq(key.clone())
}
