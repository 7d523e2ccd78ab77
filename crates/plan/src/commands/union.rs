//! `union`: combines the results of several subsearches and lookups.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature, OptionKind, OptionSpec,
};

use crate::commands::search::keeps_order;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `union [ <subsearch> ] [ <subsearch> ] …`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "union",
        aliases: &[],
        summary: "The results of several subsearches together, after those there are.",
        options: &[
            OptionSpec::optional(
                "maxout",
                OptionKind::Integer,
                "How many results of each subsearch at most: 50000 if not given.",
            ),
            OptionSpec::optional("maxtime", OptionKind::Integer, "Accepted for Splunk's sake; without effect."),
            OptionSpec::optional("timeout", OptionKind::Integer, "Accepted for Splunk's sake; without effect."),
        ],
        arguments: &[
            ArgumentSpec::required("subsearch", ArgumentKind::Subsearch, "`[ search … | … ]`, two or more.").repeated()
        ],
        details: "Events of subsearches that only filter come merged, newest first; otherwise one subsearch follows the other. \
                  Splunk's dataset names (`savedsearch:…`) are not read.",
        source: "Search Reference: union",
        examples: &[CommandExample {
            search: "| union [| makeresults | eval a=1] [| makeresults | eval a=2] | stats sum(a) AS s",
            shows: "Both results count.",
            result: r#"[{"s":3}]"#,
        }],
    },
    role: Role::Uniting,
    keeps_order: false,
    reads,
    lower,
    ..CommandDef::BASE
};

const MOST: usize = 50_000;

fn reads(_: &Command, after: &FieldSet) -> FieldSet {
    after.clone()
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let most = step.command.count("maxout").unwrap_or(MOST);
    let mut parts: Vec<Relation> = rows.into_iter().collect();
    let mut merged = parts.is_empty();
    for argument in step.command.arguments_in("subsearch") {
        if let ArgumentValue::Subsearch(pipeline) = &argument.value {
            merged &= keeps_order(pipeline);
            let part = planner.pipeline(pipeline, step.after)?;
            parts.push(if most == 0 || merged { part } else { part.head(most)? });
        }
    }
    if merged { planner.merged(parts) } else { planner.one_after_another(parts) }
}
