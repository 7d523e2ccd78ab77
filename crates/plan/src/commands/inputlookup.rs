//! `inputlookup`: the rows of a lookup table.

use datafusion_expr::LogicalPlanBuilder;
use dogwatch_functions::operators;
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandSignature, Diagnostic, OptionKind, OptionSpec,
};

use crate::catalog::{OWN_TABLE, SourceCatalog};
use crate::commands::lookup::{load, table_name};
use crate::commands::{CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};

/// `inputlookup [append=<bool>] [start=<n>] [max=<n>] <table> [where <search>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "inputlookup",
        aliases: &[],
        summary: "The rows of a lookup table.",
        options: &[
            OptionSpec::optional("append", OptionKind::Bool, "Adds the rows to those there are."),
            OptionSpec::optional("start", OptionKind::Integer, "The first row, from 0."),
            OptionSpec::optional("max", OptionKind::Integer, "How many rows at most."),
            OptionSpec::optional(
                "strict",
                OptionKind::Bool,
                "Accepted for Splunk's sake; a missing lookup is an error either way.",
            ),
        ],
        arguments: &[
            ArgumentSpec::required("table", ArgumentKind::Text, "The lookup: a CSV file of the lookup directories."),
            ArgumentSpec::optional(
                "where",
                ArgumentKind::Keyword(&["where"]),
                "Begins a search expression that the rows must satisfy.",
            ),
            ArgumentSpec::optional("filter", ArgumentKind::Search, "The search expression."),
        ],
        details: "",
        source: "Search Reference: inputlookup",
        examples: &[],
    },
    role: Role::Generating,
    keeps_order: false,
    check,
    reads,
    lower,
    ..CommandDef::BASE
};

fn check(command: &Command, catalog: &dyn SourceCatalog) -> Vec<Diagnostic> {
    table_name(command).and_then(|name| load(&name, catalog).err()).into_iter().collect()
}

fn reads(_: &Command, after: &FieldSet) -> FieldSet {
    after.clone()
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let Some(name) = table_name(step.command) else {
        return Err(PlanError::Internal("inputlookup without a table".to_owned()));
    };
    let table = load(&name, planner.catalog).map_err(PlanError::from)?.rows;
    let start = step.command.count("start").unwrap_or(0).min(table.num_rows());
    let most = step.command.count("max").unwrap_or(usize::MAX).min(table.num_rows() - start);
    let source = planner.catalog.rows(table.slice(start, most))?;
    let scan = LogicalPlanBuilder::scan(OWN_TABLE, source, None)?;
    let mut columns: Vec<_> = scan
        .schema()
        .fields()
        .iter()
        .filter(|f| !f.name().starts_with("__"))
        .map(|f| column(f.name()).alias(f.name()))
        .collect();
    columns.push(operators::order_key(vec![operators::number_order(column("__row"))]).alias(ORDER));
    let mut loaded = Relation::new(scan.project(columns)?.build()?);
    if let Some(ArgumentValue::Search(filter)) = step.command.argument("filter") {
        let filter = planner.resolve(filter)?;
        let condition = crate::search::filter(&filter, &loaded, planner.catalog)?;
        loaded = loaded.filter(condition)?;
    }
    match rows {
        Some(before) if step.command.flag("append") => planner.one_after_another(vec![before, loaded]),
        _ => Ok(loaded),
    }
}
