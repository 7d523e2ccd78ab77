//! `tail`: the last results, last one first.

use dogwatch_functions::operators;
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, ArgumentValue, CommandExample, CommandSignature};

use crate::check::count_is_whole;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};

/// `tail [<count>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "tail",
        aliases: &[],
        summary: "The last results, the last one first.",
        options: &[],
        arguments: &[ArgumentSpec::optional("count", ArgumentKind::Number, "How many results: 10 if not given.")],
        details: "Events come newest first unless sorted, so that `tail` gives the oldest, oldest first.",
        source: "Search Reference: tail",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=mvrange(1,6) | mvexpand n | tail 2 | table n"#,
            shows: "The last two, in reverse.",
            result: r#"[{"n":"5"},{"n":"4"}]"#,
        }],
    },
    role: Role::Streaming,
    keeps_order: false,
    check: count_is_whole,
    lower,
    ..CommandDef::BASE
};

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let count = match step.command.argument("count") {
        Some(ArgumentValue::Number(n)) => *n as usize,
        _ => 10,
    };
    let rows = step.input(rows)?.last(count)?;
    Ok(rows.reorder(operators::invert_order(column(ORDER)))?)
}
