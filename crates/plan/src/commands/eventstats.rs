//! `eventstats`: aggregates, added to every row.

use datafusion_expr::when;
use dogwatch_syntax::{Command, CommandExample, CommandSignature, OptionKind, OptionSpec};

use crate::aggregates;
use crate::commands::{CommandDef, Role, stats};
use crate::error::Result;
use crate::expr::all_of;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column, window_name};

/// `eventstats <function>(<field>) [AS <name>], … [BY <field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "eventstats",
        aliases: &[],
        summary: "Adds statistics over all rows, or over each row's group, to every row.",
        options: &[OptionSpec::optional(
            "allnum",
            OptionKind::Bool,
            "Accepted for Splunk's sake; values that are no numbers are skipped either way.",
        )],
        arguments: stats::ARGUMENTS,
        details: "A row without one of the group fields stays, without a result.",
        source: "Search Reference: eventstats",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=split("1,2,6", ",") | mvexpand n | eventstats avg(n) AS a | where n>a | table n a"#,
            shows: "The rows above the average.",
            result: r#"[{"n":"6","a":3}]"#,
        }],
    },
    role: Role::Streaming,
    reads,
    makes: aggregates::makes,
    lower,
    ..CommandDef::BASE
};

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    aggregates::of(command).iter().for_each(|a| needed.remove(&aggregates::result_name(a)));
    needed.union(aggregates::reads(command))
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let groups = aggregates::by(step.command);
    let keys: Vec<_> = groups.iter().map(|name| rows.get(name)).collect();
    let present = all_of(keys.iter().map(|key| key.clone().is_not_null()).collect());
    let prepared = aggregates::prepare(step.command, &rows, planner.catalog)?;
    let owner = aggregates::owner(step.command);
    let mut windows = Vec::new();
    let mut results = Vec::new();
    for (i, one) in prepared.into_iter().enumerate() {
        let hidden = window_name(&owner, i);
        let value = column(&hidden);
        let value = if groups.is_empty() { value } else { when(present.clone(), value).end()? };
        results.push((one.name.clone(), value));
        windows.push((hidden, one.over(&keys)));
    }
    let hidden: Vec<String> = windows.iter().map(|(name, _)| name.clone()).collect();
    let rows = rows.window(windows)?.set(results)?;
    Ok(rows.without(&hidden.iter().map(String::as_str).collect::<Vec<_>>())?)
}
