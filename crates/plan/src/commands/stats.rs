//! `stats`: aggregates over all rows or over groups of them.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec,
};

use crate::aggregates::{self, Prepared};
use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column};

/// The arguments of all commands that aggregate.
pub const ARGUMENTS: &[ArgumentSpec] = &[
    ArgumentSpec::required(
        "aggregates",
        ArgumentKind::Aggregates,
        "Stats functions: `count`, `dc(user) AS users`, `count(eval(status>=400))`. `dogwatch functions` lists them.",
    ),
    ArgumentSpec::optional("by", ArgumentKind::Keyword(&["BY"]), "Begins the group fields."),
    ArgumentSpec::optional(
        "by_fields",
        ArgumentKind::Fields { wildcards: false, sign: false },
        "The fields whose values make the groups.",
    ),
];

/// `stats <function>(<field>) [AS <name>], … [BY <field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "stats",
        aliases: &[],
        summary: "Counts, sums and other statistics over all rows, or over groups of rows.",
        options: &[
            OptionSpec::optional(
                "allnum",
                OptionKind::Bool,
                "Accepted for Splunk's sake; values that are no numbers are skipped either way.",
            ),
            OptionSpec::optional("delim", OptionKind::Text, "Accepted for Splunk's sake; multivalues stay lists."),
            OptionSpec::optional("partitions", OptionKind::Integer, "Accepted for Splunk's sake; without effect."),
        ],
        arguments: ARGUMENTS,
        details: "A row without one of the group fields does not count; one with several values in a group field counts once \
                  for each. Groups come sorted by their fields. Without `BY` there is always one row.",
        source: "Search Reference: stats",
        examples: &[CommandExample {
            search: r#"| makeresults | eval u=split("al,bo,al", ",") | mvexpand u | stats count BY u"#,
            shows: "How often each value occurs.",
            result: r#"[{"u":"al","count":2},{"u":"bo","count":1}]"#,
        }],
    },
    role: Role::Transforming,
    keeps_order: false,
    check,
    reads,
    makes: aggregates::makes,
    fills: |command| aggregates::by(command).is_empty(),
    groups: aggregates::by,
    lower,
    ..CommandDef::BASE
};

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let groups = aggregates::by(command);
    aggregates::of(command)
        .iter()
        .filter(|aggregate| groups.contains(&aggregates::result_name(aggregate)))
        .map(|aggregate| {
            let name = aggregates::result_name(aggregate);
            let message = format!("the result `{name}` cannot have the same name as a field of the BY clause");
            Diagnostic::error(Code::BadOption, aggregate.span, message).with_help("give it another name with AS")
        })
        .collect()
}

fn reads(command: &Command, _: &FieldSet) -> FieldSet {
    aggregates::reads(command)
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let groups = aggregates::by(step.command);
    let rows = aggregates::explode_group_fields(step.input(rows)?, &groups)?;
    let prepared = aggregates::prepare(step.command, &rows, planner.catalog)?;
    // If several results have the same name, the last one wins, as in Splunk.
    let mut named: Vec<Prepared> = Vec::new();
    for one in prepared {
        named.retain(|before| before.name != one.name);
        named.push(one);
    }
    let columns: Vec<String> = groups.iter().cloned().chain(named.iter().map(|p| p.name.clone())).collect();
    let mut keys: Vec<(String, datafusion_expr::Expr)> = Vec::new();
    for name in &groups {
        if keys.iter().all(|(existing, _)| existing != name) {
            keys.push((name.clone(), rows.get(name)));
        }
    }
    let plan = rows.aggregate(keys, named.into_iter().map(Prepared::aggregate).collect())?;
    let rows = aggregates::ordered_by(plan, &groups)?;
    Ok(rows.select(columns.into_iter().map(|name| (name.clone(), column(&name))).collect())?)
}
