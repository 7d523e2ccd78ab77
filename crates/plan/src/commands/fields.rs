//! `fields`: keeps or removes fields.

use dogwatch_syntax::{ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;
use crate::wildcard;

/// `fields [+|-] <field-list>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "fields",
        aliases: &[],
        summary: "Keeps the named fields, or removes them with `-`.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "fields",
            ArgumentKind::Fields { wildcards: true, sign: true },
            "The fields; `*` in a name stands for any text.",
        )],
        details: "The internal fields `_time` and `_raw` stay unless they are removed by name.",
        source: "Search Reference: fields",
        examples: &[CommandExample {
            search: "| makeresults | eval a=1, b=2, c=3 | fields - _time, b",
            shows: "All fields but two.",
            result: r#"[{"a":1,"c":3}]"#,
        }],
    },
    role: Role::Streaming,
    reads,
    lower,
    ..CommandDef::BASE
};

/// Fields that are kept without being named.
const INTERNAL: [&str; 2] = ["_time", "_raw"];

fn removes(command: &Command) -> bool {
    matches!(command.argument("fields"), Some(ArgumentValue::Fields(list)) if list.removes)
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let names = command.fields("fields");
    if removes(command) {
        let mut needed = after.clone();
        names.iter().for_each(|name| needed.remove(name));
        return needed;
    }
    let mut needed = FieldSet::nothing();
    for name in names.iter().map(String::as_str).chain(INTERNAL) {
        if name.contains('*') || after.contains(name) {
            needed.add(name);
        }
    }
    needed
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let names = step.command.fields("fields");
    let kept: Vec<String> = if removes(step.command) {
        // A wildcard matches an internal field only if it starts with an underscore: `_*` does, `*` does not.
        let takes = |name: &str, field: &str| {
            wildcard::matches(name, field) && (name.starts_with('_') || !INTERNAL.contains(&field))
        };
        let gone = |field: &String| names.iter().any(|name| takes(name, field));
        rows.fields().into_iter().filter(|f| !gone(f)).collect()
    } else {
        let listed = wildcard::expand(&names, &rows);
        let internal = INTERNAL.iter().map(|i| (*i).to_owned()).filter(|i| rows.has(i) && !listed.contains(i));
        internal.chain(listed.clone()).filter(|f| rows.has(f)).collect()
    };
    let columns = kept.into_iter().map(|f| (f.clone(), rows.get(&f))).collect();
    Ok(rows.select(columns)?)
}
