//! `addtotals`: sums across each row, and down each column.

use datafusion_expr::{Expr, lit, when};
use dogwatch_functions::{operators, stats, types};
use dogwatch_syntax::{ArgumentKind, ArgumentSpec, Command, CommandExample, CommandSignature, OptionKind, OptionSpec};

use crate::aggregates::{self, Prepared};
use crate::commands::{Barrier, CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column};
use crate::wildcard;

/// `addtotals [row=<bool>] [col=<bool>] [fieldname=<field>] [labelfield=<field>] [label=<text>] [<field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "addtotals",
        summary: "Adds up the numbers of each row, and of each column in a row of its own at the end.",
        options: &[
            OptionSpec::optional("row", OptionKind::Bool, "Whether each row gets its sum. True if not given."),
            OptionSpec::optional("col", OptionKind::Bool, "Whether a last row has the sums of the columns."),
            OptionSpec::optional("fieldname", OptionKind::Field, "The field for the sum of a row: `Total`."),
            OptionSpec::optional("labelfield", OptionKind::Field, "A field of the last row that says what it is."),
            OptionSpec::optional("label", OptionKind::Text, "What it says there: `Total`."),
        ],
        arguments: &[ArgumentSpec::optional(
            "fields",
            ArgumentKind::Fields { wildcards: true, sign: false },
            "The fields to add up: all if not given, those that start with `_` and `event_id` left out.",
        )],
        details: "Values that are no numbers are skipped; a row without a number has 0, a column without one has nothing.",
        source: "Search Reference: addtotals",
        examples: &[CommandExample {
            search: r#"| makeresults format=csv data="shop,books,games
a,1,2
b,3,4" | addtotals col=true labelfield=shop label=all | table shop books games Total"#,
            shows: "Sums at the right and at the bottom.",
            result: r#"[{"shop":"a","books":"1","games":"2","Total":3},{"shop":"b","books":"3","games":"4","Total":7},{"shop":"all","books":"4","games":"6","Total":10}]"#,
        }],
        ..CommandSignature::EMPTY
    },
    role: Role::Transforming,
    keeps_order: false,
    reads,
    makes: |command| command.switch("row").unwrap_or(true).then(|| total_field(command)).into_iter().collect(),
    fills: |command| command.flag("col"),
    // The rows are read twice: once to pass them on and once to add them up.
    barrier: |command, _| command.flag("col").then_some(Barrier::All),
    lower,
    ..CommandDef::BASE
};

fn total_field(command: &Command) -> String {
    command.text("fieldname").unwrap_or("Total").to_owned()
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let fields = command.fields("fields");
    if fields.is_empty() {
        return FieldSet::everything();
    }
    let mut needed = after.clone();
    needed.extend(fields.iter().map(String::as_str));
    needed
}

/// The fields of the rows that are added up.
fn summed(command: &Command, rows: &Relation) -> Vec<String> {
    let given = command.fields("fields");
    let wanted = |name: &String| match given.is_empty() {
        true => !name.starts_with('_') && name != EVENT_ID,
        false => given.iter().any(|pattern| wildcard::matches(pattern, name)),
    };
    rows.fields().into_iter().filter(wanted).collect()
}

/// A hash that can look like a number.
const EVENT_ID: &str = "event_id";

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let mut rows = step.input(rows)?;
    let total = total_field(step.command);
    let mut fields = summed(step.command, &rows);
    if step.command.switch("row").unwrap_or(true) {
        fields.retain(|name| *name != total);
        let numbers = fields.iter().map(|name| number(&rows, name));
        let sum = numbers.collect::<Result<Vec<_>>>()?.into_iter().reduce(|a, b| a + b).unwrap_or_else(|| lit(0.0));
        rows = rows.set(vec![(total.clone(), sum)])?;
        fields.push(total);
    }
    if !step.command.flag("col") {
        return Ok(rows);
    }
    let mut sums = Vec::new();
    for name in &fields {
        sums.push(column_sum(name, &rows)?.aggregate());
    }
    let empty = operators::order_key(vec![]);
    let last = match sums.is_empty() {
        // A row for the label alone.
        true => vec![("__rows".to_owned(), datafusion_functions_aggregate::expr_fn::count(lit(1_i64)))],
        false => sums,
    };
    let mut last = Relation::new(rows.clone().aggregate(vec![], last)?).set(vec![(ORDER.to_owned(), empty)])?;
    if let Some(field) = step.command.text("labelfield") {
        last = last.set(vec![(field.to_owned(), lit(step.command.text("label").unwrap_or("Total")))])?;
    }
    planner.one_after_another(vec![rows, last.without(&["__rows"])?])
}

/// The number that a field has in a row, or 0.
fn number(rows: &Relation, name: &str) -> Result<Expr> {
    let number = operators::to_number(column(name), &rows.data_type(name));
    Ok(when(number.clone().is_null(), lit(0.0)).otherwise(number)?)
}

fn column_sum(name: &str, rows: &Relation) -> Result<Prepared> {
    let (sum, number) =
        stats::find("sum").ok_or_else(|| PlanError::Internal("the function `sum` is gone".to_owned()))?;
    let value = match types::is_multivalue(&rows.data_type(name)) {
        true => column(name),
        false => operators::to_number(column(name), &rows.data_type(name)),
    };
    Ok(aggregates::with(sum, number, name.to_owned(), value, rows))
}
