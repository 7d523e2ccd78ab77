//! `regex`: the rows whose field matches a regular expression.

use datafusion_expr::{Expr, lit};
use dogwatch_functions::regex;
use dogwatch_functions::row_functions::extraction;
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, Spanned,
};

use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::planner::{Planner, Step};
use crate::relation::Relation;

/// `regex [<field>=|<field>!=]<pattern>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "regex",
        aliases: &[],
        summary: "Keeps the rows whose field matches a regular expression, or does not.",
        options: &[],
        arguments: &[ArgumentSpec::required(
            "test",
            ArgumentKind::FieldRegex,
            "`field=\"pattern\"` or `field!=\"pattern\"`; a pattern alone is for `_raw`.",
        )],
        details: "Patterns are PCRE: look-around and back-references work. A multivalue matches if one of its values does.",
        source: "Search Reference: regex",
        examples: &[CommandExample {
            search: r#"| makeresults | eval a=split("x1,y2", ",") | mvexpand a | regex a="^x(?=\d)" | table a"#,
            shows: "Only what matches.",
            result: r#"[{"a":"x1"}]"#,
        }],
    },
    role: Role::Streaming,
    check,
    lower,
    ..CommandDef::BASE
};

/// A diagnostic for a pattern that does not compile.
pub fn complaint(pattern: &Spanned<String>) -> Option<Diagnostic> {
    let why = regex::check(&pattern.value).err()?;
    Some(Diagnostic::error(Code::BadRegex, pattern.span, why.to_string()))
}

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    match command.argument("test") {
        Some(ArgumentValue::FieldRegex { pattern, .. }) => complaint(pattern).into_iter().collect(),
        _ => vec![],
    }
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let Some(ArgumentValue::FieldRegex { field, negated, pattern }) = step.command.argument("test") else {
        return Ok(rows);
    };
    let found = extraction::MATCHES.call(vec![rows.get(&field.value), lit(pattern.value.as_str())]);
    Ok(rows.filter(if *negated { Expr::Not(Box::new(found)) } else { found })?)
}
