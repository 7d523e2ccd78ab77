//! `append`: adds the results of a subsearch after the current ones.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature, OptionKind, OptionSpec,
};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `append [ <subsearch> ]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "append",
        aliases: &[],
        summary: "Adds the results of a subsearch after those there are.",
        options: &[
            OptionSpec::optional(
                "maxout",
                OptionKind::Integer,
                "How many results of the subsearch at most: 50000 if not given.",
            ),
            OptionSpec::optional("maxtime", OptionKind::Integer, "Accepted for Splunk's sake; without effect."),
            OptionSpec::optional("timeout", OptionKind::Integer, "Accepted for Splunk's sake; without effect."),
            OptionSpec::optional("extendtimerange", OptionKind::Bool, "Accepted for Splunk's sake; without effect."),
        ],
        arguments: &[ArgumentSpec::required("subsearch", ArgumentKind::Subsearch, "`[ search … | … ]`")],
        details: "",
        source: "Search Reference: append",
        examples: &[CommandExample {
            search: "| makeresults | eval a=1 | append [| makeresults | eval a=2] | table a",
            shows: "Both results, in order.",
            result: r#"[{"a":1},{"a":2}]"#,
        }],
    },
    role: Role::Streaming,
    keeps_order: false,
    reads,
    lower,
    ..CommandDef::BASE
};

/// Splunk's default for `maxout`.
const MOST: usize = 50_000;

fn reads(_: &Command, after: &FieldSet) -> FieldSet {
    after.clone()
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let Some(ArgumentValue::Subsearch(pipeline)) = step.command.argument("subsearch") else { return Ok(rows) };
    let most = step.command.count("maxout").unwrap_or(MOST);
    let added = planner.pipeline(pipeline, step.after)?;
    let added = if most == 0 { added } else { added.head(most)? };
    planner.one_after_another(vec![rows, added])
}
