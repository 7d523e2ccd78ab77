//! `table`: the named fields as columns, in this order.

use dogwatch_syntax::{ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;
use crate::wildcard;

/// `table <field-list>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "table",
        aliases: &[],
        summary: "A table of the named fields, one column each, in this order.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "fields",
            ArgumentKind::Fields { wildcards: true, sign: false },
            "The fields; `*` in a name stands for any text.",
        )],
        details: "A field that no row has becomes an empty column.",
        source: "Search Reference: table",
        examples: &[CommandExample {
            search: "| makeresults | eval a=1, b=2 | table b a",
            shows: "Columns come in the order given.",
            result: r#"[{"b":2,"a":1}]"#,
        }],
    },
    role: Role::Transforming,
    reads,
    lower,
    ..CommandDef::BASE
};

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = FieldSet::nothing();
    for name in command.fields("fields") {
        if name.contains('*') || after.contains(&name) {
            needed.add(&name);
        }
    }
    needed
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let columns = wildcard::expand(&step.command.fields("fields"), &rows)
        .into_iter()
        .map(|f| (f.clone(), rows.get(&f)))
        .collect();
    Ok(rows.select(columns)?)
}
