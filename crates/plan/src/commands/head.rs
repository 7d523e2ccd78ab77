//! `head`: the first results.

use datafusion_expr::{Expr, lit};
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, CommandExample, CommandSignature, OptionKind, OptionSpec,
};

use crate::aggregates::{running_count, running_count_before};
use crate::check::count_is_whole;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::expr::Scope;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, column};

/// `head [<count>|(<condition>)]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "head",
        aliases: &[],
        summary: "The first results, or the results until a condition is no longer true.",
        options: &[
            OptionSpec::optional("limit", OptionKind::Integer, "How many results at most."),
            OptionSpec::optional(
                "null",
                OptionKind::Bool,
                "Whether a condition that is null counts as true. False if not given.",
            ),
            OptionSpec::optional(
                "keeplast",
                OptionKind::Bool,
                "Whether the result at which the condition ends is kept.",
            ),
        ],
        arguments: &[
            ArgumentSpec::optional("count", ArgumentKind::Number, "How many results: 10 if not given."),
            ArgumentSpec::optional("condition", ArgumentKind::ParenExpr, "Results are kept until this is not true."),
        ],
        details: "Events come newest first unless sorted, so that `head` gives the newest.",
        source: "Search Reference: head",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=mvrange(1,6) | mvexpand n | head (n<3) keeplast=true | table n"#,
            shows: "Up to the first result that fails, which is kept.",
            result: r#"[{"n":"1"},{"n":"2"},{"n":"3"}]"#,
        }],
    },
    role: Role::Streaming,
    check: count_is_whole,
    lower,
    ..CommandDef::BASE
};

const DEFAULT_COUNT: usize = 10;

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let limit = step.command.count("limit").or_else(|| step.command.count_argument("count"));
    let Some(ArgumentValue::Expr(condition)) = step.command.argument("condition") else {
        return Ok(rows.head(limit.unwrap_or(DEFAULT_COUNT))?);
    };
    let keep_last = step.command.flag("keeplast");
    let null_is_true = step.command.flag("null");
    let condition = Scope::new(&rows, planner.catalog).condition(condition)?;
    let failed = if null_is_true { Expr::IsFalse(Box::new(condition)) } else { Expr::IsNotTrue(Box::new(condition)) };
    rows = rows.set(vec![("__failed".to_owned(), failed)])?;
    let failures = if keep_last { running_count_before(column("__failed")) } else { running_count(column("__failed")) };
    rows = rows.window(vec![("__failures".to_owned(), failures)])?;
    rows = rows.filter(column("__failures").eq(lit(0_i64)))?;
    rows = rows.without(&["__failed", "__failures"])?;
    Ok(match limit {
        Some(limit) => rows.head(limit)?,
        None => rows,
    })
}
