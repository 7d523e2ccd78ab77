//! `streamstats`: aggregates over the results so far, added to every row.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{Column, ScalarValue};
use datafusion_expr::{Expr, cast, lit, when};
use dogwatch_functions::running::{Running, RunningFrame, captured, result_of};
use dogwatch_functions::time_span::TimeSpan;
use dogwatch_functions::window::row_key;
use dogwatch_functions::{body, operators};
use dogwatch_syntax::{Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind, OptionSpec};

use crate::aggregates::{self, Prepared};
use crate::commands::{CommandDef, Role, stats};
use crate::error::Result;
use crate::expr::{self, Scope, all_of};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step};
use crate::relation::{Relation, TIME, by_order, column};

/// `streamstats [<options>] <function>(<field>) [AS <name>], … [BY <field-list>]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "streamstats",
        summary: "Adds statistics over the results so far, or over the last few, to every row.",
        options: &[
            OptionSpec::optional("current", OptionKind::Bool, "Whether a row counts for itself. True if not given."),
            OptionSpec::optional("window", OptionKind::Integer, "How many rows count, at most 10000. 0: all so far."),
            OptionSpec::optional(
                "time_window",
                OptionKind::Text,
                "How far back in time rows count: `5m`. The results must be in the order of `_time`.",
            ),
            OptionSpec::optional(
                "global",
                OptionKind::Bool,
                "Whether the window is one for all groups. True if not given; false: each group has its own.",
            ),
            OptionSpec::optional(
                "reset_on_change",
                OptionKind::Bool,
                "Whether to start anew where the group fields change from one row to the next.",
            ),
            OptionSpec::optional(
                "reset_before",
                OptionKind::Text,
                "An eval expression in quotes and parentheses: start anew before a row for which it is true.",
            ),
            OptionSpec::optional(
                "reset_after",
                OptionKind::Text,
                "The same, after the row. It can read the results of this command.",
            ),
            OptionSpec::optional(
                "allnum",
                OptionKind::Bool,
                "Accepted for Splunk's sake; values that are no numbers are skipped either way.",
            ),
        ],
        arguments: stats::ARGUMENTS,
        details: "Events come newest first, so \"so far\" means later in time unless the search sorts them. A row without one of \
                  the group fields stays, without a result, and does not count. With a time window, a row counts that is \
                  exactly that far away. What it remembers of groups and rows has 256 MiB.",
        source: "Search Reference: streamstats",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=split("1,2,6", ",") | mvexpand n | streamstats sum(n) AS total, count | table n total count"#,
            shows: "A running total.",
            result: r#"[{"n":"1","total":1,"count":1},{"n":"2","total":3,"count":2},{"n":"6","total":9,"count":3}]"#,
        }],
        ..CommandSignature::EMPTY
    },
    role: Role::Streaming,
    check: |command, _| {
        let resets = RESETS.iter().filter_map(|option| reset(command, option)?.err());
        resets.chain(seconds(command).err()).chain(rows_of(command).err()).collect()
    },
    reads,
    makes: aggregates::makes,
    lower,
    ..CommandDef::BASE
};

const RESETS: [&str; 2] = ["reset_before", "reset_after"];

/// Splunk's limit for `window` (`max_stream_window` of limits.conf).
const MOST_ROWS: usize = 10_000;

/// The expression of an option, which is written `"(<expression>)"` or `"("<expression>")"`.
fn reset(command: &Command, option: &str) -> Option<std::result::Result<dogwatch_syntax::Expr, Diagnostic>> {
    let written = command.option(option)?;
    let text = command.text(option)?.trim();
    let inside = |text: &str, open, close| Some(text.strip_prefix(open)?.strip_suffix(close)?.trim().to_owned());
    let text = inside(text, '(', ')').unwrap_or_else(|| text.to_owned());
    // Quotes within the quotes are escaped.
    let text = inside(&text, '"', '"').map_or(text, |quoted| quoted.replace("\\\"", "\""));
    let (expr, complaints) = dogwatch_syntax::parse_expr(&text);
    Some(match complaints.into_iter().find(Diagnostic::is_error) {
        Some(complaint) => {
            let message = format!("`{option}` holds no eval expression: {}", complaint.message);
            let help = format!("write {option}=\"(status==\\\"done\\\")\"");
            Err(Diagnostic::error(Code::BadOption, written.span, message).with_help(help))
        }
        None => Ok(expr),
    })
}

fn seconds(command: &Command) -> std::result::Result<Option<f64>, Diagnostic> {
    let (Some(option), Some(text)) = (command.option("time_window"), command.text("time_window")) else {
        return Ok(None);
    };
    match TimeSpan::parse(text).and_then(TimeSpan::seconds).filter(|seconds| *seconds > 0.0) {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Diagnostic::error(Code::BadOption, option.span, format!("`{text}` is no span of time"))
            .with_help("write a number and a unit: 30s, 5m, 1h, 1d")),
    }
}

fn rows_of(command: &Command) -> std::result::Result<Option<usize>, Diagnostic> {
    match (command.count("window"), command.option("window")) {
        (Some(count), Some(option)) if count > MOST_ROWS => {
            let message = format!("a window has at most {MOST_ROWS} rows, as in Splunk");
            Err(Diagnostic::error(Code::BadOption, option.span, message))
        }
        (count, _) => Ok(count.filter(|count| *count > 0)),
    }
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let mut needed = after.clone();
    aggregates::makes(command).iter().for_each(|name| needed.remove(name));
    for expr in RESETS.iter().filter_map(|option| reset(command, option)?.ok()) {
        expr::reads(&expr, &mut needed);
    }
    if command.option("time_window").is_some() {
        needed.add(TIME);
    }
    needed.union(aggregates::reads(command))
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let groups = aggregates::by(step.command);
    let seconds = seconds(step.command)?;
    let frame = RunningFrame {
        current: step.command.switch("current").unwrap_or(true),
        rows: rows_of(step.command)?,
        microseconds: seconds.map(|seconds| (seconds * 1e6).round() as u64),
        global: step.command.switch("global").unwrap_or(true) || groups.is_empty(),
        reset_on_change: step.command.flag("reset_on_change") && !groups.is_empty(),
    };
    let keys: Vec<Expr> = groups.iter().map(|name| rows.get(name)).collect();
    let key = match keys.is_empty() {
        true => lit(ScalarValue::Binary(Some(Vec::new()))),
        false => when(all_of(keys.iter().map(|key| key.clone().is_not_null()).collect()), row_key(keys)).end()?,
    };
    let before = match reset(step.command, "reset_before").transpose()? {
        Some(expr) => Scope::new(&rows, planner.catalog).condition(&expr)?,
        None => lit(false),
    };
    let time = match (seconds, rows.data_type(TIME)) {
        (None, _) | (_, DataType::Null) => lit(ScalarValue::Float64(None)),
        (Some(_), _) => operators::to_number(column(TIME), &rows.data_type(TIME)),
    };
    let fixed = [key, cast(before, DataType::Boolean), time];
    let prepared = aggregates::prepare(step.command, &rows, planner.catalog)?;
    let names: Vec<String> = prepared.iter().map(|one| one.name.clone()).collect();
    let windows = match reset(step.command, "reset_after").transpose()? {
        Some(after) => {
            let (after, columns) = after_condition(planner, &after, &rows, &prepared)?;
            together(step.command, &prepared, &rows, &frame, &[&fixed[..], &columns].concat(), Some(&after))?
        }
        None => {
            let alone = |one| together(step.command, std::slice::from_ref(one), &rows, &frame, &fixed, None);
            prepared.iter().map(alone).collect::<Result<Vec<_>>>()?.concat()
        }
    };
    let hidden: Vec<String> = (0..windows.len()).map(|i| format!("__stat{i}")).collect();
    let windows = hidden.iter().cloned().zip(windows).collect();
    let results = names.into_iter().zip(hidden.iter().map(|name| column(name))).collect();
    let rows = rows.window(windows)?.set(results)?;
    Ok(rows.without(&hidden.iter().map(String::as_str).collect::<Vec<_>>())?)
}

/// The condition of `reset_after` as text, and the columns of the rows that it reads.
fn after_condition(
    planner: &Planner<'_>,
    after: &dogwatch_syntax::Expr,
    rows: &Relation,
    prepared: &[Prepared],
) -> Result<(String, Vec<Expr>)> {
    let mut results = BTreeMap::new();
    let mut typed = Vec::new();
    for (number, one) in prepared.iter().enumerate() {
        let data_type = one.data_type(rows)?;
        typed.push((one.name.clone(), lit(ScalarValue::try_new_null(&data_type)?)));
        results.insert(one.name.clone(), number);
    }
    let with_results = rows.clone().set(typed)?;
    let condition = Scope::new(&with_results, planner.catalog).condition(after)?;
    let mut columns: Vec<Expr> = Vec::new();
    let condition = condition.transform(|part| {
        if !body::is_from_outside(&part) {
            return Ok(Transformed::no(part));
        }
        let result = part.try_as_col().and_then(|read| results.get(&read.name));
        let name = match result {
            Some(number) => result_of(*number),
            None => {
                let known = columns.iter().position(|known| *known == part).unwrap_or_else(|| {
                    columns.push(part.clone());
                    columns.len() - 1
                });
                captured(known)
            }
        };
        Ok(Transformed::yes(Expr::Column(Column::new_unqualified(name))))
    })?;
    Ok((body::encode(&condition.data)?, columns))
}

/// Aggregates that are computed together, because `reset_after` may read their values: each gets a window with all of
/// them.
fn together(
    command: &Command,
    prepared: &[Prepared],
    rows: &Relation,
    frame: &RunningFrame,
    others: &[Expr],
    reset_after: Option<&str>,
) -> Result<Vec<Expr>> {
    let arguments: Vec<Expr> = prepared.iter().flat_map(|one| one.arguments.clone()).chain(others.to_vec()).collect();
    let each = prepared.iter().enumerate().map(|(gives, one)| {
        let running = Running {
            name: name(command, one),
            aggregates: prepared.iter().map(|one| one.function.name.to_owned()).collect(),
            gives,
            frame: frame.clone(),
            reset_after: reset_after.map(str::to_owned),
        };
        let mut call = running.call(&one.data_type(rows)?, arguments.clone())?;
        call.params.order_by = vec![by_order(true)];
        call.params.window_frame = aggregates::up_to_here();
        Ok(Expr::WindowFunction(Box::new(call)))
    });
    each.collect()
}

/// The name of an aggregate in messages.
fn name(command: &Command, one: &Prepared) -> String {
    let groups = aggregates::by(command);
    let by = if groups.is_empty() { String::new() } else { format!(" BY {}", groups.join(" ")) };
    format!("{} {}{by}", command.name.value, one.name)
}
