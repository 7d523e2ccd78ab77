//! `rename`: renames fields.

use dogwatch_syntax::{ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature, Rename};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column};
use crate::wildcard;

/// `rename <field> AS <field>, …`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "rename",
        aliases: &[],
        summary: "Gives fields other names.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "renames",
            ArgumentKind::Renames { optional_as: false },
            "`a AS b`; with wildcards on both sides (`EU* AS EMEA*`) several at once.",
        )],
        details: "A field that already has the new name is replaced; it is emptied if the old one does not exist.",
        source: "Search Reference: rename",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=1 | rename a AS "The A" | table "The A""#,
            shows: "A name with spaces stands in quotes.",
            result: r#"[{"The A":1}]"#,
        }],
    },
    role: Role::Streaming,
    reads,
    makes: |command| renames(command).iter().map(|rename| rename.to.value.clone()).collect(),
    lower,
    ..CommandDef::BASE
};

fn renames(command: &Command) -> &[Rename] {
    match command.argument("renames") {
        Some(ArgumentValue::Renames(list)) => list,
        _ => &[],
    }
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    for rename in renames(command).iter().rev() {
        let (from, to) = (&rename.from.value, &rename.to.value);
        if !from.contains('*') {
            let wanted = needed.contains(to);
            needed.remove(to);
            if wanted {
                needed.add_exact(from);
            }
            continue;
        }
        // The fields that a wildcard renames depend on the data. A wanted field stays wanted under its own name as well,
        // since the field that would be renamed to it may not exist.
        if !needed.patterns.is_empty() || needed.names.iter().any(|name| wildcard::matches(to, name)) {
            needed.add(from);
        }
    }
    needed
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    for rename in renames(step.command) {
        let (from, to) = (&rename.from.value, &rename.to.value);
        let pairs: Vec<(String, String)> = if from.contains('*') {
            // Internal fields keep their names unless the pattern starts with an underscore.
            rows.fields()
                .into_iter()
                .filter(|f| from.starts_with('_') || !f.starts_with('_'))
                .filter_map(|f| wildcard::captures(from, &f).map(|c| wildcard::fill(to, &c)).map(|t| (f, t)))
                .collect()
        } else {
            vec![(from.clone(), to.clone())]
        };
        for (from, to) in pairs {
            rows = one(rows, &from, &to)?;
        }
    }
    Ok(rows)
}

fn one(rows: Relation, from: &str, to: &str) -> Result<Relation> {
    if from == to {
        return Ok(rows);
    }
    if !rows.columns().iter().any(|c| c == from) {
        return Ok(rows.without(&[to])?);
    }
    let columns = rows
        .columns()
        .into_iter()
        .filter(|c| c != to)
        .map(|c| if c == from { (to.to_owned(), column(from)) } else { (c.clone(), column(&c)) })
        .collect();
    Ok(rows.select(columns)?)
}
