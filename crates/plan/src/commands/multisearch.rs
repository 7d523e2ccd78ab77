//! `multisearch`: several searches of events at once, their events merged.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, Pipeline,
};

use crate::catalog::SourceCatalog;
use crate::commands::{self, CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `multisearch [ <subsearch> ] [ <subsearch> ] …`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "multisearch",
        summary: "Runs several searches at once and merges their events, newest first.",
        arguments: &[
            ArgumentSpec::required("subsearch", ArgumentKind::Subsearch, "`[ search … | … ]`, two or more.").repeated()
        ],
        details: "The subsearches may filter events and compute fields; a command that makes a table of them, such as `stats`, \
                  comes after. There is no limit to their results.",
        source: "Search Reference: multisearch",
        examples: &[CommandExample {
            search: "| multisearch [| makeresults | eval a=1] [| makeresults | eval a=2] | stats sum(a) AS s",
            shows: "The results of both.",
            result: r#"[{"s":3}]"#,
        }],
        ..CommandSignature::EMPTY
    },
    role: Role::Generating,
    keeps_order: false,
    check,
    reads: |_, after| after.clone(),
    lower,
    ..CommandDef::BASE
};

fn searches(command: &Command) -> impl Iterator<Item = &Pipeline> {
    command.arguments_in("subsearch").filter_map(|argument| match &argument.value {
        ArgumentValue::Subsearch(pipeline) => Some(pipeline),
        _ => None,
    })
}

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let name = &command.name;
    let mut found = Vec::new();
    if searches(command).count() == 1 {
        let message = format!("`{}` needs two subsearches or more", name.value);
        found.push(Diagnostic::error(Code::MissingArgument, name.span, message));
    }
    for inner in searches(command).flat_map(|pipeline| &pipeline.commands) {
        if commands::find(&inner.name.value).is_some_and(|definition| definition.role == Role::Transforming) {
            let message = format!("`{}` makes a table, and `{}` merges events", inner.name.value, name.value);
            let help = "put it after the subsearches, or use `union` or `append`";
            found.push(Diagnostic::error(Code::Unexpected, inner.name.span, message).with_help(help));
        }
    }
    found
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, _: Option<Relation>) -> Result<Relation> {
    let parts = searches(step.command).map(|pipeline| planner.pipeline(pipeline, step.after));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    planner.merged(parts)
}
