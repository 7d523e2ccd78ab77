//! `spath`: fields from JSON text.

use std::collections::BTreeSet;

use datafusion_expr::{Expr, lit, when};
use dogwatch_functions::row_functions::json_paths;
use dogwatch_functions::types::{self, multivalue_type};
use dogwatch_functions::{eval, operators};
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature, OptionKind, OptionSpec};

use crate::commands::{Barrier, CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column};

/// `spath [input=<field>] [output=<field>] [[path=]<path>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "spath",
        aliases: &[],
        summary: "Takes fields out of JSON text.",
        options: &[
            OptionSpec::optional("input", OptionKind::Field, "The text's field: `_raw` if not given."),
            OptionSpec::optional(
                "output",
                OptionKind::Field,
                "The field for what the path leads to: named like the path if not given.",
            ),
            OptionSpec::optional(
                "path",
                OptionKind::Text,
                "A path: `a.b`, `list{}` for all of an array, `list{0}` for its first.",
            ),
        ],
        arguments: &[ArgumentSpec::optional("path", ArgumentKind::Text, "The path, as the option.")],
        details: "Without a path every value of the text becomes a field: `a.b`, `list{}`, `list{}.c`.",
        source: "Search Reference: spath",
        examples: &[CommandExample {
            search: r#"| makeresults | eval j="{\"pod\":{\"name\":\"web-1\"}}" | spath input=j path=pod.name output=name | table name"#,
            shows: "The value that a path leads to.",
            result: r#"[{"name":"web-1"}]"#,
        }],
    },
    role: Role::Streaming,
    reads,
    makes: |command| command.text("output").map(str::to_owned).or_else(|| location_path(command)).into_iter().collect(),
    // The existing paths are known only from the rows.
    barrier: |command, after| (location_path(command).is_none() && !after.is_exact()).then_some(Barrier::All),
    lower,
    ..CommandDef::BASE
};

/// The hidden column with the values of all paths.
const FIELDS: &str = "__json";

fn input_field(command: &Command) -> String {
    command.text("input").unwrap_or("_raw").to_owned()
}

fn location_path(command: &Command) -> Option<String> {
    command.text("path").or_else(|| command.text_argument("path")).map(str::to_owned)
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    needed.add_exact(&input_field(command));
    needed
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let input = input_field(step.command);
    if let Some(path) = location_path(step.command) {
        let output = step.command.text("output").unwrap_or(&path).to_owned();
        let value = extracted(&rows, &input, &output, &path)?;
        return Ok(rows.set(vec![(output, value)])?);
    }
    let names: BTreeSet<String> = if step.after.is_exact() {
        step.after.names.iter().filter(|name| **name != input && !name.starts_with('_')).cloned().collect()
    } else {
        let found = paths_that_occur(planner, rows.clone(), &input, step.command)?;
        found.into_iter().filter(|name| step.after.contains(name)).collect()
    };
    let names: Vec<String> = names.into_iter().collect();
    if let [name] = names.as_slice() {
        let value = extracted(&rows, &input, name, name)?;
        return Ok(rows.set(vec![(name.clone(), value)])?);
    }
    // The text is parsed once for all paths, in a projection of its own.
    let fields = operators::json_fields(rows.get(&input), &names);
    let rows = rows.set(vec![(FIELDS.to_owned(), fields)])?;
    let mut columns = Vec::with_capacity(names.len());
    for (number, name) in names.into_iter().enumerate() {
        let found = operators::struct_field(column(FIELDS), number);
        let value = or_before(&rows, found, &name, &name)?;
        columns.push((name, value));
    }
    Ok(rows.set(columns)?.without(&[FIELDS])?)
}

/// The value at a path of the input, or else the previous value of the output field.
fn extracted(rows: &Relation, input: &str, output: &str, path: &str) -> Result<Expr> {
    let Some(spath) = eval::scalar("spath") else {
        return Err(PlanError::Internal("the function `spath` is not registered".to_owned()));
    };
    let found = spath.call(vec![rows.get(input), lit(path)]);
    or_before(rows, found, output, path)
}

/// The extracted value, or else the previous value of the output field.
fn or_before(rows: &Relation, found: Expr, output: &str, path: &str) -> Result<Expr> {
    let (found_type, old_type) = (rows.type_of(&found)?, rows.data_type(output));
    let many = path.contains("{}");
    let to = if many { multivalue_type() } else { types::unify(&types::text_type(), &old_type) };
    let found = operators::unify_to(found, &found_type, &to);
    if !rows.has(output) {
        return Ok(found);
    }
    Ok(when(found.clone().is_not_null(), found).otherwise(operators::unify_to(rows.get(output), &old_type, &to))?)
}

fn paths_that_occur(
    planner: &mut Planner<'_>,
    rows: Relation,
    input: &str,
    command: &Command,
) -> Result<BTreeSet<String>> {
    let paths = json_paths::PATHS.call(vec![rows.get(input)]);
    let rows = rows.select(vec![("path".to_owned(), paths)])?.unnest(&["path"])?;
    let plan = rows.aggregate(vec![("path".to_owned(), column("path"))], vec![])?;
    planner.names(plan, command)
}
