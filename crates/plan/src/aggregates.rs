//! Aggregations: the stats functions over groups of rows and over windows, shared by all commands that count or sum.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::expr::{AggregateFunction, WindowFunction};
use datafusion_expr::{
    AggregateUDF, Expr, LogicalPlan, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition, lit,
    when,
};
use dogwatch_functions::operators::{self, SortKind};
use dogwatch_functions::window::{occurrence, over_groups, row_bucket, row_key};
use dogwatch_functions::{RowNeed, StatsFunction, stats, types};
use dogwatch_syntax::{Aggregate, AggregateArgument, ArgumentValue, Code, Command};

use crate::catalog::SourceCatalog;
use crate::error::{PlanError, Result};
use crate::expr::{self, Scope};
use crate::fields::FieldSet;
use crate::relation::{ORDER, Relation, TIME, by_order, column, null};
use crate::wildcard;

/// An aggregation, ready to be computed.
pub struct Prepared {
    /// The name of the result.
    pub name: String,
    /// The stats function.
    pub function: &'static StatsFunction,
    /// The arguments of its aggregate, over the current relation.
    pub arguments: Vec<Expr>,
}

/// The aggregations in a command's slot.
pub fn of(command: &Command) -> &[Aggregate] {
    match command.argument("aggregates") {
        Some(ArgumentValue::Aggregates(list)) => list,
        _ => &[],
    }
}

/// The fields in the by-clause of a command.
pub fn by(command: &Command) -> Vec<String> {
    let Some(ArgumentValue::Fields(list)) = command.argument("by_fields") else { return vec![] };
    let mut names: Vec<String> = Vec::with_capacity(list.names.len());
    for name in &list.names {
        // To group by a field twice is to group by it.
        if !names.contains(&name.value) {
            names.push(name.value.clone());
        }
    }
    names
}

/// The name that the result of an aggregation has.
pub fn result_name(aggregate: &Aggregate) -> String {
    aggregate.alias.as_ref().map_or_else(|| aggregate.text.clone(), |a| a.value.clone())
}

/// The result fields of a command's aggregations.
pub fn makes(command: &Command) -> Vec<String> {
    of(command).iter().map(result_name).collect()
}

/// The fields that the aggregations and the by-clause of a command read.
pub fn reads(command: &Command) -> FieldSet {
    let mut needed = FieldSet::nothing();
    for aggregate in of(command) {
        match &aggregate.argument {
            Some(AggregateArgument::Field(field)) => needed.add(&field.value),
            Some(AggregateArgument::Eval(e)) => expr::reads(e, &mut needed),
            None => {}
        }
        if stats::find(&aggregate.function.value).is_some_and(|(f, _)| f.needs == RowNeed::Time) {
            needed.add(TIME);
        }
    }
    needed.extend(by(command).iter().map(String::as_str));
    needed
}

/// The aggregations of a command over the rows; a wildcard expands to one for each matching field, except the by-fields.
pub fn prepare(command: &Command, rows: &Relation, catalog: &dyn SourceCatalog) -> Result<Vec<Prepared>> {
    let groups = by(command);
    let mut out: Vec<Prepared> = Vec::new();
    for aggregate in of(command) {
        match &aggregate.argument {
            Some(AggregateArgument::Field(field)) if field.value.contains('*') => {
                for name in rows.fields() {
                    if let Some(captures) = wildcard::captures(&field.value, &name)
                        && !groups.contains(&name)
                        && !name.starts_with('_')
                        && name != "event_id"
                    {
                        let result = match &aggregate.alias {
                            Some(alias) => wildcard::fill(&alias.value, &captures),
                            None => format!("{}({name})", aggregate.function.value),
                        };
                        out.push(one(aggregate, result, rows.get(&name), rows)?);
                    }
                }
            }
            Some(AggregateArgument::Field(field)) => {
                out.push(one(aggregate, result_name(aggregate), rows.get(&field.value), rows)?);
            }
            Some(AggregateArgument::Eval(e)) => {
                let value = Scope::new(rows, catalog).lower(e)?;
                // `count(eval(condition))` counts the rows for which the condition is true.
                let value = match rows.type_of(&value)? {
                    DataType::Boolean => when(value, lit(true)).end()?,
                    _ => value,
                };
                out.push(one(aggregate, result_name(aggregate), value, rows)?);
            }
            None => out.push(one(aggregate, result_name(aggregate), lit(true), rows)?),
        }
    }
    Ok(out)
}

fn one(aggregate: &Aggregate, name: String, value: Expr, rows: &Relation) -> Result<Prepared> {
    let written = &aggregate.function;
    let Some((function, number)) = stats::find(&written.value) else {
        return Err(PlanError::search(
            Code::UnknownFunction,
            written.span,
            format!("there is no stats function `{}`", written.value),
        ));
    };
    Ok(with(function, number, name, value, rows))
}

/// A stats function over a value of the rows.
pub fn with(
    function: &'static StatsFunction,
    number: Option<f64>,
    name: String,
    value: Expr,
    rows: &Relation,
) -> Prepared {
    // A field that does not exist becomes null text, so that every function gets a type that it supports.
    let value = if value == null() { lit(ScalarValue::Utf8(None)) } else { value };
    let mut arguments = vec![value];
    match function.needs {
        RowNeed::Nothing => {}
        RowNeed::Order => arguments.push(column(ORDER)),
        RowNeed::Time => {
            let time = match rows.data_type(TIME) {
                DataType::Null => lit(ScalarValue::TimestampMicrosecond(None, Some("UTC".into()))),
                _ => rows.get(TIME),
            };
            arguments.extend([time, column(ORDER)]);
        }
    }
    if function.takes_number() {
        arguments.push(lit(ScalarValue::Float64(number)));
    }
    Prepared { name, function, arguments }
}

impl Prepared {
    /// The type of the result over these rows.
    pub fn data_type(&self, rows: &Relation) -> Result<DataType> {
        let types = self.arguments.iter().map(|argument| rows.type_of(argument));
        Ok((self.function.udaf)().return_type(&types.collect::<std::result::Result<Vec<_>, _>>()?)?)
    }

    /// As an aggregate over groups.
    pub fn aggregate(self) -> (String, Expr) {
        let call = AggregateFunction::new_udf((self.function.udaf)(), self.arguments, false, None, vec![], None);
        (self.name, Expr::AggregateFunction(call))
    }

    /// As a value of every row, over all rows with equal `groups`.
    pub fn over(self, groups: &[Expr]) -> Expr {
        let function = WindowFunctionDefinition::WindowUDF(over_groups(self.function));
        let mut call = WindowFunction::new(function, [self.arguments, groups.to_vec()].concat());
        call.params.window_frame = everything();
        Expr::WindowFunction(Box::new(call))
    }
}

/// The name of a command in a message about its memory: `eventstats … BY user, host`.
pub fn owner(command: &Command) -> String {
    match by(command).as_slice() {
        [] => format!("`{}`", command.name.value),
        groups => format!("`{} … BY {}`", command.name.value, groups.join(", ")),
    }
}

fn everything() -> WindowFrame {
    WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
        WindowFrameBound::Following(ScalarValue::UInt64(None)),
    )
}

/// From the first row to this one, in rows: the order key is not a number, so the frame cannot be a range.
pub fn up_to_here() -> WindowFrame {
    WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
        WindowFrameBound::CurrentRow,
    )
}

/// A native DataFusion aggregate over all rows with equal `groups`, or over all rows.
pub fn native_over(udaf: Arc<AggregateUDF>, argument: Expr, groups: Vec<Expr>) -> Expr {
    let mut call = WindowFunction::new(WindowFunctionDefinition::AggregateUDF(udaf), vec![argument]);
    call.params.partition_by = groups;
    call.params.window_frame = everything();
    Expr::WindowFunction(Box::new(call))
}

fn count_true(condition: Expr, end: WindowFrameBound) -> Expr {
    let hit = datafusion_expr::expr_fn::when(condition, lit(1_i64)).end().unwrap_or_else(|_| null());
    let mut call = WindowFunction::new(
        WindowFunctionDefinition::AggregateUDF(datafusion_functions_aggregate::count::count_udaf()),
        vec![hit],
    );
    call.params.order_by = vec![by_order(true)];
    call.params.window_frame =
        WindowFrame::new_bounds(WindowFrameUnits::Rows, WindowFrameBound::Preceding(ScalarValue::UInt64(None)), end);
    Expr::WindowFunction(Box::new(call))
}

/// Number of rows up to and including this one, in order, for which the condition is true.
pub fn running_count(condition: Expr) -> Expr {
    count_true(condition, WindowFrameBound::CurrentRow)
}

/// Number of rows before this one, in order, for which the condition is true.
pub fn running_count_before(condition: Expr) -> Expr {
    count_true(condition, WindowFrameBound::Preceding(ScalarValue::UInt64(Some(1))))
}

/// The number of a row, from 1, among the rows with equal `groups`, by this order.
pub fn row_number(groups: Vec<Expr>, order: Vec<datafusion_expr::SortExpr>) -> Expr {
    let (function, arguments, buckets) = if groups.is_empty() {
        (datafusion_functions_window::row_number::row_number_udwf(), vec![], vec![])
    } else {
        (occurrence(), vec![row_key(groups.clone())], vec![row_bucket(groups)])
    };
    let mut call = WindowFunction::new(WindowFunctionDefinition::WindowUDF(function), arguments);
    call.params.partition_by = buckets;
    call.params.order_by = order;
    call.params.window_frame = up_to_here();
    Expr::WindowFunction(Box::new(call))
}

/// Prepares the by-fields for grouping: a row with several values in one is counted for each value, a row without a value
/// is dropped.
pub fn explode_group_fields(mut rows: Relation, groups: &[String]) -> Result<Relation> {
    for name in groups {
        if types::is_multivalue(&rows.data_type(name)) {
            rows = rows.unnest(&[name])?;
        }
    }
    let present = groups.iter().map(|name| rows.get(name).is_not_null()).collect();
    Ok(rows.filter(expr::all_of(present))?)
}

/// Turns groups into rows, by adding an order key over the group fields, ascending.
pub fn ordered_by(plan: LogicalPlan, groups: &[String]) -> Result<Relation> {
    let keys = groups.iter().map(|name| operators::sort_key(SortKind::Auto, column(name), false)).collect();
    Ok(Relation::new(plan).set(vec![(ORDER.to_owned(), operators::order_key(keys))])?)
}
