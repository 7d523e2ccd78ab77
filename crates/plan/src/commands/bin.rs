//! `bin`: puts numbers and times into ranges.

use datafusion_expr::{Expr, lit};
use dogwatch_functions::operators;
use dogwatch_functions::row_functions::ranges;
use dogwatch_functions::time_span::TimeSpan;
use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind,
    OptionSpec,
};

use crate::aggregates::{self, native_over};
use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, TIME, column, window_name};

/// `bin [span=<span>|bins=<n>|…] <field> [AS <field>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "bin",
        aliases: &["bucket", "discretize"],
        summary: "Puts numbers or times into ranges.",
        options: &[
            OptionSpec::optional(
                "span",
                OptionKind::Text,
                "The size of a range: a number, or for a time `5m`, `1h`, `1d`, `1mon`.",
            ),
            OptionSpec::optional("bins", OptionKind::Integer, "How many ranges at most, if no span is given: 100."),
            OptionSpec::optional("minspan", OptionKind::Text, "The smallest size of a range that is chosen."),
            OptionSpec::optional("start", OptionKind::Number, "The least number that the ranges are to cover."),
            OptionSpec::optional("end", OptionKind::Number, "The greatest number that the ranges are to cover."),
            OptionSpec::optional(
                "aligntime",
                OptionKind::Text,
                "An instant at which a range starts: `earliest`, `latest` or seconds since 1970. Only for spans under a day.",
            ),
        ],
        arguments: &[ArgumentSpec::required(
            "field",
            ArgumentKind::Renames { optional_as: true },
            "The field, `AS` the one for the range.",
        )],
        details: "A time becomes the start of its range, a number the text `from-to`.",
        source: "Search Reference: bin",
        examples: &[CommandExample {
            search: "| makeresults | eval n=17 | bin n span=10 | table n",
            shows: "A number becomes its range.",
            result: r#"[{"n":"10-20"}]"#,
        }],
    },
    role: Role::Streaming,
    check,
    reads,
    makes: |command| names(command).map(|(_, to)| to).into_iter().collect(),
    lower,
    ..CommandDef::BASE
};

fn names(command: &Command) -> Option<(String, String)> {
    match command.argument("field") {
        Some(ArgumentValue::Renames(list)) => list.first().map(|r| (r.from.value.clone(), r.to.value.clone())),
        _ => None,
    }
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    if let Some((from, to)) = names(command) {
        needed.remove(&to);
        needed.add_exact(&from);
    }
    needed
}

fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let is_time = names(command).is_some_and(|(from, _)| from == TIME);
    ["span", "minspan"]
        .iter()
        .filter_map(|name| {
            let option = command.option(name)?;
            let span = command.text(name)?;
            let fine = if is_time { TimeSpan::parse(span).is_some() } else { numeric_span(span).is_some() };
            let what =
                if is_time { "a time span: write for example 30s, 5m, 1h, 1d, 1w, 1mon" } else { "a number above 0" };
            (!fine).then(|| Diagnostic::error(Code::BadOption, option.span, format!("{name} must be {what}")))
        })
        .collect()
}

/// A span for numbers; a span with a time unit is converted to seconds.
fn numeric_span(span: &str) -> Option<f64> {
    span.parse::<f64>().ok().filter(|n| *n > 0.0 && n.is_finite()).or_else(|| TimeSpan::parse(span)?.seconds())
}

fn lower(_: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let Some((from, to)) = names(step.command) else { return Ok(rows) };
    if !rows.has(&from) {
        return Ok(rows);
    }
    let command = step.command;
    let value = operators::to_number(rows.get(&from), &rows.data_type(&from));
    let is_time = from == TIME;
    if let Some(span) = command.text("span") {
        let start = if is_time {
            let span = TimeSpan::parse(span)
                .ok_or_else(|| PlanError::search(Code::BadOption, command.span, "span must be a time span"))?;
            let align = command.text("aligntime").and_then(|a| a.parse::<f64>().ok()).unwrap_or(0.0);
            span_start(value, span, align)
        } else {
            let size = numeric_span(span)
                .ok_or_else(|| PlanError::search(Code::BadOption, command.span, "span must be a number above 0"))?;
            range(value, lit(size))
        };
        return Ok(rows.set(vec![(to, start)])?);
    }
    chosen_span(rows, command, value, is_time, to)
}

/// Chooses a span from the minimum and maximum: the finest of 1, 2, 5, 10, … (for times: of seconds, minutes, hours,
/// days) that gives at most the requested number of ranges.
fn chosen_span(rows: Relation, command: &Command, value: Expr, is_time: bool, to: String) -> Result<Relation> {
    let bins = command.number("bins").unwrap_or(100.0).max(2.0);
    let min = native_over(datafusion_functions_aggregate::min_max::min_udaf(), column("__number"), vec![]);
    let max = native_over(datafusion_functions_aggregate::min_max::max_udaf(), column("__number"), vec![]);
    let mut rows = rows.set(vec![("__number".to_owned(), value)])?;
    let [first, last] = [0, 1].map(|number| window_name(&aggregates::owner(command), number));
    rows = rows.window(vec![(first.clone(), min), (last.clone(), max)])?;
    let least = command.number("start").map_or_else(|| column(&first), lit);
    let greatest = command.number("end").map_or_else(|| column(&last), lit);
    let smallest = command.text("minspan").and_then(numeric_span).unwrap_or(0.0);
    let size = ranges::SIZE.call(vec![least, greatest, lit(bins), lit(smallest), lit(is_time)]);
    let result =
        if is_time { ranges::START.call(vec![column("__number"), size]) } else { range(column("__number"), size) };
    Ok(rows.set(vec![(to, result)])?.without(&["__number", &first, &last])?)
}

fn span_start(value: Expr, span: TimeSpan, align: f64) -> Expr {
    let (count, unit) = span.parts();
    ranges::SPAN_START.call(vec![value, lit(count), lit(unit), lit(align)])
}

fn range(value: Expr, size: Expr) -> Expr {
    ranges::RANGE.call(vec![value, size])
}
