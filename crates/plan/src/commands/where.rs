//! `where`: the rows for which an eval expression is true.

use dogwatch_syntax::{ArgumentKind, ArgumentSpec, ArgumentValue, CommandExample, CommandSignature};

use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::expr::Scope;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `where <eval-expression>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "where",
        aliases: &[],
        summary: "Keeps the rows for which an eval expression is true.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "expression",
            ArgumentKind::Expr,
            "A condition. A name without quotes is a field, also on the right side: `a=b` compares two fields.",
        )],
        details: "A comparison with a missing field is null, and null is not true. Text is compared with upper and lower \
                  case, `*` is no wildcard here: use `like()` or `match()`.",
        source: "Search Reference: where",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=9, b="10" | where a<b | table a b"#,
            shows: "Texts that spell numbers are compared as numbers.",
            result: r#"[{"a":9,"b":"10"}]"#,
        }],
    },
    role: Role::Streaming,
    lower,
    ..CommandDef::BASE
};

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let Some(ArgumentValue::Expr(expr)) = step.command.argument("expression") else { return Ok(rows) };
    let condition = Scope::new(&rows, planner.catalog).condition(expr)?;
    Ok(rows.filter(condition)?)
}
