//! `table`: the named fields as columns, in this order.

use dogwatch_syntax::{ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature};

use crate::commands::{CommandDef, Role, no_complaints};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::rows::Rows;
use crate::wildcard;

/// `table <field-list>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "table",
        aliases: &[],
        summary: "A table of the named fields, one column each, in this order.",
        options: &[],
        arguments: &[ArgumentSpec {
            slot: "fields",
            kind: ArgumentKind::Fields { wildcards: true, sign: false },
            required: true,
            repeated: false,
            summary: "The fields; `*` in a name stands for any text.",
        }],
        details: "A field that no row has becomes an empty column.",
        source: "Search Reference: table",
        examples: &[CommandExample {
            search: "| makeresults | eval a=1, b=2 | table b a",
            shows: "Columns come in the order given.",
            result: r#"[{"b":2,"a":1}]"#,
        }],
    },
    role: Role::Transforming,
    keeps_order: true,
    check: no_complaints,
    reads,
    lower,
};

/// The names in the field list.
pub fn names(command: &Command) -> Vec<String> {
    match command.argument("fields") {
        Some(ArgumentValue::Fields(list)) => list.names.iter().map(|n| n.value.clone()).collect(),
        _ => vec![],
    }
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = FieldSet::nothing();
    for name in names(command) {
        if name.contains('*') || after.contains(&name) {
            needed.add(&name);
        }
    }
    needed
}

/// The fields that a list with wildcards means here. A plain name is itself, whether there is such a field or not.
pub fn expand(names: &[String], rows: &Rows) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let found = if name.contains('*') {
            rows.fields().into_iter().filter(|f| wildcard::matches(name, f)).collect()
        } else {
            vec![name.clone()]
        };
        for field in found {
            if !out.contains(&field) {
                out.push(field);
            }
        }
    }
    out
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Rows>) -> Result<Rows> {
    let rows = step.input(rows)?;
    let columns = expand(&names(step.command), &rows).into_iter().map(|f| (f.clone(), rows.get(&f))).collect();
    Ok(rows.select(columns)?)
}
