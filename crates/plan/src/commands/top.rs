//! `top`: the most common values.

use datafusion_expr::{Expr, SortExpr, lit};
use dogwatch_functions::operators::{self, SortKind};
use dogwatch_functions::ranking::first_rows;
use dogwatch_functions::types;
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec,
};

use crate::aggregates::{self, native_over, row_number};
use crate::check::count_is_whole;
use crate::commands::{CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{ORDER, Relation, column, window_name};

/// `top [<count>] <field-list> [BY <field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "top",
        aliases: &[],
        summary: "The most common values of fields, with count and percentage.",
        options: OPTIONS,
        arguments: ARGUMENTS,
        details: "Rows without one of the fields do not count. The percentage is of all rows that count, within the group.",
        source: "Search Reference: top",
        examples: &[CommandExample {
            search: r#"| makeresults | eval u=split("al,bo,al,cy", ",") | mvexpand u | top limit=1 u"#,
            shows: "The most common value.",
            result: r#"[{"u":"al","count":2,"percent":50}]"#,
        }],
    },
    role: Role::Transforming,
    keeps_order: false,
    reads,
    check: count_is_whole,
    lower: |planner, step, rows| ranked(planner, step, rows, true),
    makes,
    groups,
    ..CommandDef::BASE
};

/// The options of `top` and `rare`.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec::optional("limit", OptionKind::Integer, "How many values: 10 if not given, 0 for all."),
    OptionSpec::optional("countfield", OptionKind::Field, "The name of the count: `count`."),
    OptionSpec::optional("percentfield", OptionKind::Field, "The name of the percentage: `percent`."),
    OptionSpec::optional("showcount", OptionKind::Bool, "Whether the count is shown. True if not given."),
    OptionSpec::optional("showperc", OptionKind::Bool, "Whether the percentage is shown. True if not given."),
    OptionSpec::optional("useother", OptionKind::Bool, "Whether a row stands for all values beyond the limit."),
    OptionSpec::optional("otherstr", OptionKind::Text, "What that row is called: `OTHER`."),
];

/// The arguments of `top` and `rare`.
pub const ARGUMENTS: &[ArgumentSpec] = &[
    ArgumentSpec::optional("count", ArgumentKind::Number, "How many values, as the limit."),
    ArgumentSpec::required(
        "fields",
        ArgumentKind::Fields { wildcards: false, sign: false },
        "The fields whose combinations are counted.",
    ),
    ArgumentSpec::optional("by", ArgumentKind::Keyword(&["BY"]), "Begins the group fields."),
    ArgumentSpec::optional(
        "by_fields",
        ArgumentKind::Fields { wildcards: false, sign: false },
        "The fields whose values make the groups.",
    ),
];

/// Up to this many combinations per group are kept in memory while the rows stream.
const MOST_KEPT: u64 = 1000;

/// The fields that `top` and `rare` read.
pub fn reads(command: &Command, _: &FieldSet) -> FieldSet {
    let mut needed = FieldSet::nothing();
    needed.extend(command.fields("fields").iter().chain(&aggregates::by(command)).map(String::as_str));
    needed
}

/// The fields that `top` and `rare` make.
pub fn makes(command: &Command) -> Vec<String> {
    [("countfield", "count"), ("percentfield", "percent")]
        .map(|(option, default)| command.text(option).unwrap_or(default).to_owned())
        .to_vec()
}

/// The group-by columns of `top` and `rare`: those of the by-clause, and the fields whose combinations are counted.
pub fn groups(command: &Command) -> Vec<String> {
    aggregates::by(command).into_iter().chain(command.fields("fields")).collect()
}

/// A diagnostic for a field with the name of a result, and for a name that stands twice.
fn check_names(command: &Command, names: &[String]) -> Result<()> {
    if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        let message = format!("the field `{twice}` is named twice");
        return Err(Diagnostic::error(Code::BadOption, command.span, message).with_help("name it once").into());
    }
    if let [count, percent] = makes(command).as_slice()
        && count == percent
    {
        let message = format!("the count and the percentage are both called `{count}`");
        let complaint = Diagnostic::error(Code::BadOption, command.span, message);
        return Err(complaint.with_help("give one another name: countfield=… or percentfield=…").into());
    }
    for (option, default) in [("countfield", "count"), ("percentfield", "percent")] {
        let result = command.text(option).unwrap_or(default);
        if names.iter().any(|name| name == result) {
            let message = format!("a field is called `{result}` already, as the result would be");
            let complaint = Diagnostic::error(Code::BadOption, command.span, message);
            return Err(complaint.with_help(format!("give the result another name: {option}=…")).into());
        }
    }
    Ok(())
}

/// The most (or least) common combinations.
pub fn ranked(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>, most: bool) -> Result<Relation> {
    let command = step.command;
    let (fields, groups) = (command.fields("fields"), aggregates::by(command));
    let names: Vec<String> = groups.iter().chain(&fields).cloned().collect();
    let limit = command.count("limit").or_else(|| command.count_argument("count")).unwrap_or(10) as u64;
    check_names(command, &names)?;
    let rows = aggregates::explode_group_fields(step.input(rows)?, &names)?;
    let keys = names.iter().map(|name| (name.clone(), rows.get(name))).collect();
    let count = datafusion_functions_aggregate::expr_fn::count(lit(1_i64));
    let plan = rows.aggregate(keys, vec![("__count".to_owned(), count)])?;
    let by: Vec<Expr> = groups.iter().map(|name| column(name)).collect();
    let total = native_over(datafusion_functions_aggregate::sum::sum_udaf(), column("__count"), by.clone());
    let mut order = vec![operators::sort_key(SortKind::Number, column("__count"), most)];
    order.extend(fields.iter().map(|name| operators::sort_key(SortKind::Auto, column(name), false)));
    let mut by_group: Vec<Expr> =
        groups.iter().map(|name| operators::sort_key(SortKind::Auto, column(name), false)).collect();
    by_group.extend(order.clone());
    let rows = Relation::new(plan).set(vec![(ORDER.to_owned(), operators::order_key(by_group))])?;
    let useother = command.switch("useother").unwrap_or(false);
    let all = window_name(&aggregates::owner(command), 0);
    let rows = if by.is_empty() && limit > 0 && !useother {
        // Sorts only the first rows; a row number would need all of them in order.
        rows.window(vec![(all.clone(), total)])?.head(limit as usize)?
    } else if (1..=MOST_KEPT).contains(&limit) && !useother {
        first_of_groups(rows, &groups, &fields, limit, &all)?
    } else {
        let place = row_number(by, vec![SortExpr::new(column(ORDER), true, false)]);
        let rows = rows.window(vec![(all.clone(), total), ("__place".to_owned(), place)])?;
        match (limit, useother) {
            (0, _) => rows,
            (_, true) => {
                with_other(rows, &groups, &fields, (limit, &all), command.text("otherstr").unwrap_or("OTHER"))?
            }
            (_, false) => rows.filter(column("__place").lt_eq(lit(limit)))?,
        }
    };
    let number = |name: &str| datafusion_expr::cast(column(name), types::number_type());
    let mut columns: Vec<(String, Expr)> = names.iter().map(|name| (name.clone(), column(name))).collect();
    if command.switch("showcount").unwrap_or(true) {
        columns.push((command.text("countfield").unwrap_or("count").to_owned(), number("__count")));
    }
    if command.switch("showperc").unwrap_or(true) {
        let percent = number("__count") * lit(100.0) / number(&all);
        columns.push((command.text("percentfield").unwrap_or("percent").to_owned(), percent));
    }
    Ok(rows.select(columns)?)
}

/// The first combinations of each group, with the count of all rows of the group. Only these are kept in memory, while a
/// window would need all rows, sorted.
fn first_of_groups(rows: Relation, groups: &[String], fields: &[String], limit: u64, all: &str) -> Result<Relation> {
    let keys = groups.iter().map(|name| (name.clone(), column(name))).collect();
    let kept: Vec<String> = fields.iter().cloned().chain(["__count".to_owned()]).collect();
    let sum = datafusion_functions_aggregate::expr_fn::sum(column("__count"));
    let first = first_rows(column(ORDER), limit, kept.iter().map(|name| column(name)).collect());
    let plan = rows.aggregate(keys, vec![(all.to_owned(), sum), ("__first".to_owned(), first)])?;
    let rows = Relation::new(plan).unnest(&["__first"])?;
    let member = |(number, name)| (name, operators::struct_field(column("__first"), number));
    let rows = rows.set(std::iter::once(ORDER.to_owned()).chain(kept).enumerate().map(member).collect())?;
    Ok(rows.without(&["__first"])?)
}

/// The combinations up to the limit, and one row for all beyond it, last in its group. `all` is the column with the count of all
/// rows of a group.
fn with_other(
    rows: Relation,
    groups: &[String],
    fields: &[String],
    (limit, all): (u64, &str),
    name: &str,
) -> Result<Relation> {
    let beyond = rows.clone().filter(column("__place").gt(lit(limit)))?;
    let keys = groups.iter().map(|g| (g.clone(), column(g))).collect();
    let sums = vec![
        ("__count".to_owned(), datafusion_functions_aggregate::expr_fn::sum(column("__count"))),
        (all.to_owned(), datafusion_functions_aggregate::expr_fn::max(column(all))),
        (ORDER.to_owned(), datafusion_functions_aggregate::expr_fn::max(column(ORDER))),
        ("__place".to_owned(), datafusion_functions_aggregate::expr_fn::max(column("__place"))),
    ];
    let other = Relation::new(beyond.aggregate(keys, sums)?);
    let other = other.filter(column("__count").is_not_null())?;
    let other = other.set(fields.iter().map(|f| (f.clone(), lit(name))).collect())?;
    Ok(rows.filter(column("__place").lt_eq(lit(limit)))?.union(other)?)
}
