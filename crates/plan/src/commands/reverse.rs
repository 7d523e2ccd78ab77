//! `reverse`: reverses the order of the results.

use dogwatch_functions::operators;
use dogwatch_syntax::{CommandExample, CommandSignature};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};

/// `reverse`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "reverse",
        aliases: &[],
        summary: "The results in the opposite order.",
        options: &[],
        arguments: &[],
        details: "",
        source: "Search Reference: reverse",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=mvrange(1,4) | mvexpand n | reverse | table n"#,
            shows: "Last first.",
            result: r#"[{"n":"3"},{"n":"2"},{"n":"1"}]"#,
        }],
    },
    role: Role::Streaming,
    keeps_order: false,
    lower,
    ..CommandDef::BASE
};

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    Ok(step.input(rows)?.reorder(operators::invert_order(column(ORDER)))?)
}
