//! `rare`: the least common values.

use dogwatch_syntax::{CommandExample, CommandSignature};

use crate::check::count_is_whole;
use crate::commands::{CommandDef, Role, top};

/// `rare [<count>] <field-list> [BY <field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "rare",
        aliases: &[],
        summary: "The least common values of fields, with count and percentage.",
        options: top::OPTIONS,
        arguments: top::ARGUMENTS,
        details: "As `top`, the other way round.",
        source: "Search Reference: rare",
        examples: &[CommandExample {
            search: r#"| makeresults | eval u=split("al,bo,al,al", ",") | mvexpand u | rare limit=1 u"#,
            shows: "The least common value.",
            result: r#"[{"u":"bo","count":1,"percent":25}]"#,
        }],
    },
    role: Role::Transforming,
    keeps_order: false,
    reads: top::reads,
    check: count_is_whole,
    lower: |planner, step, rows| top::ranked(planner, step, rows, false),
    makes: top::makes,
    groups: top::groups,
    ..CommandDef::BASE
};
