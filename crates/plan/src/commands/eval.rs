//! `eval`: fields from expressions.

use std::collections::BTreeSet;

use datafusion_expr::when;
use dogwatch_functions::operators::{self, Comparison};
use dogwatch_functions::types;
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, AssignTarget, Assignment, Command, CommandExample, CommandSignature,
    NamePart,
};

use crate::commands::{Barrier, CommandDef, Role};
use crate::error::Result;
use crate::expr::{self, Scope};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `eval <field>=<expression>, …`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "eval",
        aliases: &[],
        summary: "Computes an expression and puts its value into a field.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "assignments",
            ArgumentKind::Assignments,
            "`field=expression`, several divided by commas; a later one sees what an earlier one gave. \
                      `{a}=…` takes the value of `a` as the field's name.",
        )],
        details: "Precedence, tightest first: parentheses, unary minus, `* / %`, `+ - .`, comparisons, NOT, AND, OR and XOR. \
                  \"double quotes\" are text, 'single quotes' a field's name. Null in arithmetic gives null; division by zero \
                  too.",
        source: "Search Reference: eval",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=2+3*4, b=a."!" | table a b"#,
            shows: "The second expression sees the first field.",
            result: r#"[{"a":14,"b":"14!"}]"#,
        }],
    },
    role: Role::Streaming,
    reads,
    makes,
    // The fields that `{field}=…` creates depend on the data, unless the rest of the search names all fields that it
    // reads.
    barrier: |command, after| {
        let dynamic = |one: &Assignment| matches!(one.target.value, AssignTarget::Dynamic(_));
        (assignments(command).iter().any(dynamic) && !knows_names(command, after)).then_some(Barrier::All)
    },
    lower,
    ..CommandDef::BASE
};

/// Whether the rest of the search reads only fields that it names, so that no others matter.
fn knows_names(command: &Command, after: &FieldSet) -> bool {
    after.is_exact() && assignments(command).len() == 1
}

fn assignments(command: &Command) -> &[Assignment] {
    match command.argument("assignments") {
        Some(ArgumentValue::Assignments(list)) => list,
        _ => &[],
    }
}

fn makes(command: &Command) -> Vec<String> {
    let names = assignments(command).iter().filter_map(|assignment| match &assignment.target.value {
        AssignTarget::Field(name) => Some(name.clone()),
        AssignTarget::Dynamic(_) => None,
    });
    names.collect()
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    for assignment in assignments(command).iter().rev() {
        match &assignment.target.value {
            AssignTarget::Field(name) => needed.remove(name),
            AssignTarget::Dynamic(parts) => {
                for part in parts {
                    if let NamePart::Field(name) = part {
                        needed.add_exact(name);
                    }
                }
            }
        }
        expr::reads(&assignment.value, &mut needed);
    }
    needed
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    for assignment in assignments(step.command) {
        let value = Scope::new(&rows, planner.catalog).lower(&assignment.value)?;
        rows = match &assignment.target.value {
            AssignTarget::Field(name) => rows.set(vec![(name.clone(), value)])?,
            AssignTarget::Dynamic(parts) => dynamic(planner, step, rows, parts, value)?,
        };
    }
    Ok(rows)
}

/// Assigns to a field whose name is made of other fields: each possible name gets the value in the rows that yield this
/// name.
fn dynamic(
    planner: &mut Planner<'_>,
    step: &Step<'_>,
    rows: Relation,
    parts: &[NamePart],
    value: datafusion_expr::Expr,
) -> Result<Relation> {
    let pieces = parts
        .iter()
        .map(|part| match part {
            NamePart::Text(text) => datafusion_expr::lit(text.as_str()),
            NamePart::Field(name) => operators::to_text(rows.get(name), &rows.data_type(name)),
        })
        .collect();
    let name = operators::concat(pieces);
    let names: BTreeSet<String> = if knows_names(step.command, step.after) {
        step.after.names.clone()
    } else {
        let plan = rows.clone().aggregate(vec![("name".to_owned(), name.clone())], vec![])?;
        planner.names(plan, step.command)?
    };
    let value_type = rows.type_of(&value)?;
    let mut columns = Vec::new();
    for field in names {
        let old_type = rows.data_type(&field);
        let to = types::unify(&old_type, &value_type);
        let text = types::text_type();
        let hit =
            operators::compare(Comparison::Equal, name.clone(), &text, datafusion_expr::lit(field.as_str()), &text);
        let chosen = when(hit, operators::unify_to(value.clone(), &value_type, &to)).otherwise(operators::unify_to(
            rows.get(&field),
            &old_type,
            &to,
        ))?;
        columns.push((field, chosen));
    }
    Ok(rows.set(columns)?)
}
