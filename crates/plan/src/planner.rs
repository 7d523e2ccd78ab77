//! The planner: lowers a syntax tree, command by command, to a DataFusion logical plan.
//!
//! It walks a pipeline twice: backwards to learn which fields each command must provide, then forwards to build the plan.
//! The lowering of each command is in its own file ([`crate::commands`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion_common::DataFusionError;
use datafusion_expr::{LogicalPlan, LogicalPlanBuilder};
use dogwatch_functions::operators::{self, SortKind};
use dogwatch_functions::types;
use dogwatch_syntax::{
    Code, Command, Diagnostic, Pattern, Pipeline, SearchExpr, SearchKind, SearchValue, Spanned, walk,
};

use crate::catalog::{EVENT_COLUMNS, EVENTS_TABLE, EventRequest, OWN_TABLE, SourceCatalog};
use crate::commands::{self, Barrier, CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::relation::{ORDER, Relation, TIME, column};
use crate::search;

/// Maximum number of data-dependent fields that a command may create. A plan has an expression for each, and planning
/// time grows with the square of their number. Splunk by default extracts 512 fields from a text (`maxcols` of
/// limits.conf).
const MOST_NAMES: usize = 5000;

/// Maximum number of rows of a subsearch, as in Splunk (`maxout` of limits.conf).
const SUBSEARCH_ROWS: usize = 10_000;

/// A planned search.
#[derive(Debug)]
pub struct Planned {
    /// The plan; its columns are the result's fields in order.
    pub plan: LogicalPlan,
    /// The events that it reads, as fields and conditions, for `explain`.
    pub reads: Vec<EventRequest>,
    /// Notes and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the results are unchanged events of the log, rather than a table made from them.
    pub events: bool,
}

/// Plans searches.
pub struct Planner<'a> {
    /// Answers about the world.
    pub catalog: &'a dyn SourceCatalog,
    /// Time bounds given outside the search (`--earliest`).
    pub time_range: (Option<i64>, Option<i64>),
    /// The requests for events so far.
    pub reads: Vec<EventRequest>,
    /// Notes and warnings so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether results have a last column [`GROUP_COLUMN`](crate::GROUP_COLUMN) that identifies their group in the
    /// search's last grouping ([`commands::groups`]). A search without a grouping, or with a global aggregate behind it,
    /// has no such column.
    pub names_groups: bool,
}

/// The columns of the final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventFields {
    /// Every field of an event.
    All,
    /// The columns for reading: time, origin and text of the event.
    Text,
}

impl<'a> Planner<'a> {
    /// A planner.
    pub fn new(catalog: &'a dyn SourceCatalog) -> Self {
        Self { catalog, time_range: (None, None), reads: Vec::new(), diagnostics: Vec::new(), names_groups: false }
    }

    /// Plans a whole search.
    ///
    /// # Errors
    /// The first part that cannot be planned. [`crate::check`] reports all mistakes in the text beforehand.
    pub fn plan(mut self, pipeline: &Pipeline, event_fields: EventFields) -> Result<Planned> {
        let events = returns_events(pipeline);
        let wanted = match (events, event_fields) {
            (true, EventFields::Text) => {
                let mut set = FieldSet::nothing();
                set.extend([TIME, "host", "sourcetype", "_raw"]);
                set
            }
            _ => FieldSet::everything(),
        };
        let rows = match commands::groups(pipeline).filter(|_| self.names_groups) {
            Some((place, columns)) => {
                let (grouping, rest) = pipeline.commands.split_at(place + 1);
                let between = needed(rest, &wanted)?.first().cloned().unwrap_or_default();
                let rows = self.commands(grouping, &between, None)?.with_group(&columns)?;
                self.commands(rest, &wanted, Some(rows))?
            }
            None => self.pipeline(pipeline, &wanted)?,
        };
        let rows = if events { arrange_events(rows, event_fields)? } else { rows };
        Ok(Planned { plan: rows.finish()?, reads: self.reads, diagnostics: self.diagnostics, events })
    }

    /// Requests the events of a search from the catalog without planning the rest, if the search reads nothing else and
    /// has no results without events. `None` for any other search.
    ///
    /// # Errors
    /// As [`Planner::plan`].
    pub fn events_alone(mut self, pipeline: &Pipeline) -> Result<Option<Vec<EventRequest>>> {
        let Some((first, rest)) = pipeline.commands.split_first() else { return Ok(None) };
        let needs = needed(&pipeline.commands, &FieldSet::everything())?;
        let alone =
            definition(first)?.role == Role::Searching && walk::commands(pipeline).len() == pipeline.commands.len();
        let mut plain = true;
        for (command, after) in rest.iter().zip(&needs[2.min(needs.len())..]) {
            let definition = definition(command)?;
            plain &= matches!(definition.role, Role::Searching | Role::Streaming | Role::Transforming);
            plain &= !(definition.fills)(command) && (definition.barrier)(command, after).is_none();
        }
        if !alone || !plain {
            return Ok(None);
        }
        self.commands(std::slice::from_ref(first), &needs[1], None)?;
        Ok(Some(self.reads))
    }

    /// Plans a pipeline whose results must have the wanted fields.
    pub fn pipeline(&mut self, pipeline: &Pipeline, wanted: &FieldSet) -> Result<Relation> {
        self.commands(&pipeline.commands, wanted, None)
    }

    /// Plans commands one after the other. `input` is `None` at the start of a search.
    pub fn commands(&mut self, commands: &[Command], wanted: &FieldSet, input: Option<Relation>) -> Result<Relation> {
        let needs = needed(commands, wanted)?;
        let mut rows = input;
        for (i, command) in commands.iter().enumerate() {
            let definition = definition(command)?;
            if rows.is_none() && matches!(definition.role, Role::Streaming | Role::Transforming) {
                return Err(PlanError::search(
                    Code::Unexpected,
                    command.name.span,
                    format!("`{}` cannot start a search: it needs rows to work on", command.name.value),
                ));
            }
            let step = Step { command, before: &needs[i], after: &needs[i + 1] };
            let input = match (rows, (definition.barrier)(command, step.after)) {
                (Some(rows), Some(barrier)) => Some(self.materialized(rows, barrier, step.before)?),
                (rows, _) => rows,
            };
            rows = Some((definition.lower)(self, &step, input)?);
        }
        match rows {
            Some(rows) => Ok(rows),
            None => Err(PlanError::search(Code::MissingArgument, Default::default(), "the search is empty")),
        }
    }

    /// Runs the plan so far, and continues with a table of its rows, with the needed columns.
    fn materialized(&mut self, rows: Relation, barrier: Barrier, needed: &FieldSet) -> Result<Relation> {
        let rows = match barrier {
            Barrier::All => rows,
            Barrier::First(count) => rows.head(count)?,
        };
        let unneeded: Vec<String> = rows.fields().into_iter().filter(|name| !needed.contains(name)).collect();
        let rows = rows.without(&unneeded.iter().map(String::as_str).collect::<Vec<_>>())?;
        let columns = rows.columns();
        let source = self.catalog.materialize(rows.plan().clone())?;
        let exprs: Vec<_> = columns.iter().map(|name| column(name).alias(name)).collect();
        Ok(Relation::new(LogicalPlanBuilder::scan(OWN_TABLE, source, None)?.project(exprs)?.build()?))
    }

    /// The rows in order, without hidden columns, for a command that needs them to be planned. They are held in memory,
    /// so they must be few: see [`Barrier::First`].
    pub fn collect(&mut self, rows: Relation) -> Result<Vec<RecordBatch>> {
        Ok(self.catalog.run(rows.finish()?)?)
    }

    /// The names of a command's data-dependent fields: the texts in the only column of a plan.
    ///
    /// # Errors
    /// If there are too many.
    pub fn names(&mut self, plan: LogicalPlan, command: &Command) -> Result<BTreeSet<String>> {
        let plan = LogicalPlanBuilder::new(plan).limit(0, Some(MOST_NAMES + 1))?.build()?;
        let mut names = BTreeSet::new();
        for batch in self.catalog.run(plan)? {
            let column = batch.column(0);
            names.extend((0..batch.num_rows()).filter_map(|row| types::cell(column, row).text().map(Into::into)));
        }
        if names.len() > MOST_NAMES {
            let name = &command.name;
            let message = format!("`{}` would make more than {MOST_NAMES} fields of these rows", name.value);
            let complaint = Diagnostic::error(Code::TooLarge, name.span, message);
            return Err(complaint.with_help("name the fields that you want, or narrow the search").into());
        }
        Ok(names)
    }

    /// Rows generated by a command itself, in the order of the columns' values.
    pub fn table(&mut self, columns: Vec<(Field, ArrayRef)>) -> Result<Relation> {
        let count = columns.first().map_or(0, |(_, column)| column.len()) as u64;
        let number: (Field, ArrayRef) =
            (Field::new("__row", DataType::UInt64, false), Arc::new(UInt64Array::from_iter_values(0..count)));
        let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().chain([number]).unzip();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(DataFusionError::from)?;
        let source = self.catalog.rows(batch)?;
        let own = names.iter().filter(|name| *name != "__row").map(|name| column(name).alias(name.as_str()));
        let order = operators::order_key(vec![operators::number_order(column("__row"))]).alias(ORDER);
        let exprs: Vec<_> = own.chain([order]).collect();
        Ok(Relation::new(LogicalPlanBuilder::scan(OWN_TABLE, source, None)?.project(exprs)?.build()?))
    }

    /// The events that satisfy a search expression, with the needed fields.
    pub fn events(&mut self, expr: &SearchExpr, needed: &FieldSet) -> Result<Relation> {
        let mut wanted = needed.clone();
        search::reads(expr, &mut wanted);
        let (earliest, latest) = search::time_range(expr, self.catalog)?;
        let mut request = EventRequest {
            fields: vec![],
            raw: wanted.contains("_raw"),
            condition: search::condition(expr),
            earliest: earliest.max(self.time_range.0),
            latest: latest.into_iter().chain(self.time_range.1).min(),
        };
        let mut names = wanted.names.clone();
        if !wanted.is_exact() {
            let found = self.catalog.discover(&request)?;
            names.extend(found.into_iter().filter(|name| wanted.contains(name)));
        }
        request.fields =
            names.into_iter().filter(|n| !EVENT_COLUMNS.contains(&n.as_str()) && !n.starts_with("__")).collect();
        let source = self.catalog.events(&request)?;
        self.reads.push(request.clone());
        let columns: Vec<String> =
            EVENT_COLUMNS.iter().map(|c| (*c).to_owned()).chain(request.fields.clone()).collect();
        let scan = LogicalPlanBuilder::scan(EVENTS_TABLE, source, None)?;
        let mut exprs: Vec<_> = columns.iter().map(|name| column(name).alias(name)).collect();
        // The types of the columns, for the filter, which is placed right above the scan.
        let typed = Relation::new(scan.clone().project(exprs.clone())?.build()?);
        let mut filter = vec![search::filter(expr, &typed, self.catalog)?];
        filter.extend(self.outer_time_filter());
        let scan = scan.filter(crate::expr::all_of(filter))?;
        exprs.push(
            operators::order_key(vec![
                operators::sort_key(SortKind::Number, column(TIME), true),
                operators::invert_order(operators::number_order(column("__seq"))),
            ])
            .alias(ORDER),
        );
        let rows = Relation::new(scan.project(exprs)?.build()?);
        Ok(rows.without(&["__seq"])?)
    }

    fn outer_time_filter(&self) -> Vec<datafusion_expr::Expr> {
        let at = |micros: i64| {
            datafusion_expr::lit(datafusion_common::ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
        };
        let (earliest, latest) = self.time_range;
        earliest.map(|t| column(TIME).gt_eq(at(t))).into_iter().chain(latest.map(|t| column(TIME).lt(at(t)))).collect()
    }

    /// Replaces the subsearches in a search expression by their results: an OR of rows, each an AND of its fields.
    pub fn resolve(&mut self, expr: &SearchExpr) -> Result<SearchExpr> {
        search::replace_subsearches(expr.clone(), &mut |pipeline| self.subsearch_terms(pipeline))
    }

    fn subsearch_terms(&mut self, pipeline: &Pipeline) -> Result<SearchExpr> {
        let span = pipeline.span;
        let rows = self.pipeline(pipeline, &FieldSet::everything())?.head(SUBSEARCH_ROWS)?;
        let fields: Vec<String> = rows.fields().into_iter().filter(|name| !name.starts_with('_')).collect();
        let batches = self.collect(rows)?;
        let mut arms = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                let mut parts = Vec::new();
                for field in &fields {
                    let Some(array) = batch.column_by_name(field) else { continue };
                    let values = types::cell(array.as_ref(), row).values();
                    if values.is_empty() {
                        continue;
                    }
                    let terms = values.iter().map(|v| equals(field, &v.text(), span)).collect();
                    parts.push(SearchExpr { kind: SearchKind::Or(terms), span });
                }
                if !parts.is_empty() {
                    arms.push(SearchExpr { kind: SearchKind::And(parts), span });
                }
            }
        }
        if arms.is_empty() {
            let all = SearchExpr { kind: SearchKind::All, span };
            return Ok(SearchExpr { kind: SearchKind::Not(Box::new(all)), span });
        }
        Ok(SearchExpr { kind: SearchKind::Or(arms), span })
    }

    /// The rows of several pipelines, merged by their order keys: the events of all, newest first.
    pub fn merged(&mut self, parts: Vec<Relation>) -> Result<Relation> {
        let mut parts = parts.into_iter();
        let first = parts.next().ok_or_else(|| PlanError::Internal("nothing to unite".to_owned()))?;
        Ok(parts.try_fold(first, Relation::union)?)
    }

    /// The rows of several pipelines, concatenated in order.
    pub fn one_after_another(&mut self, parts: Vec<Relation>) -> Result<Relation> {
        let mut all: Option<Relation> = None;
        for (i, rows) in parts.into_iter().enumerate() {
            let rows = rows.reorder(operators::prefix_order(i as u32, column(ORDER)))?;
            all = Some(match all {
                None => rows,
                Some(before) => before.union(rows)?,
            });
        }
        all.ok_or_else(|| PlanError::Internal("nothing to unite".to_owned()))
    }
}

/// A term from a subsearch's result. `*` in a value is a wildcard, as in Splunk, which pastes the value into the search
/// as text.
fn equals(field: &str, value: &str, span: dogwatch_syntax::Span) -> SearchExpr {
    let value = SearchValue { pattern: Pattern::with_stars(value), quoted: true, term: false, span };
    let kind = match field {
        "search" | "query" => SearchKind::Term(value),
        _ => SearchKind::Compare {
            field: Spanned::new(field.to_owned(), span),
            op: dogwatch_syntax::CompareOp::Equal,
            value,
        },
    };
    SearchExpr { kind, span }
}

/// A command in its place.
pub struct Step<'a> {
    /// The command.
    pub command: &'a Command,
    /// The fields that it needs from its input.
    pub before: &'a FieldSet,
    /// The fields that the rest of the search reads.
    pub after: &'a FieldSet,
}

impl Step<'_> {
    /// The rows that come in.
    ///
    /// # Errors
    /// If the command is at the start of a search.
    pub fn input(&self, rows: Option<Relation>) -> Result<Relation> {
        rows.ok_or_else(|| {
            PlanError::search(
                Code::Unexpected,
                self.command.name.span,
                format!("`{}` cannot start a search: it needs rows to work on", self.command.name.value),
            )
        })
    }
}

/// The input fields that each of these commands needs so that the wanted ones are available at the end, and the wanted
/// fields themselves as the last entry.
pub fn needed(commands: &[Command], wanted: &FieldSet) -> Result<Vec<FieldSet>> {
    let mut needs = vec![wanted.clone()];
    for command in commands.iter().rev() {
        let after = needs.last().cloned().unwrap_or_default();
        needs.push((definition(command)?.reads)(command, &after));
    }
    needs.reverse();
    Ok(needs)
}

/// The definition of a command.
pub fn definition(command: &Command) -> Result<&'static CommandDef> {
    commands::find(&command.name.value).ok_or_else(|| {
        PlanError::search(
            Code::UnknownCommand,
            command.name.span,
            format!("there is no command `{}`", command.name.value),
        )
    })
}

/// Whether a pipeline returns unchanged events of the log.
pub fn returns_events(pipeline: &Pipeline) -> bool {
    let mut events = false;
    for (i, command) in pipeline.commands.iter().enumerate() {
        match definition(command).map(|d| d.role) {
            Ok(Role::Searching) if i == 0 => events = !commands::search::branches_make_tables(command),
            Ok(Role::Searching | Role::Streaming) => {}
            Ok(Role::Generating | Role::Uniting | Role::Transforming) | Err(_) => events = false,
        }
    }
    events
}

/// Arranges the columns of events in the customary order.
fn arrange_events(rows: Relation, event_fields: EventFields) -> Result<Relation> {
    let first: &[&str] = match event_fields {
        EventFields::All => &[TIME, "host", "source", "sourcetype", "index", "event_id", "_raw"],
        EventFields::Text => &[TIME, "host", "sourcetype", "_raw"],
    };
    let mut names: Vec<String> = first.iter().map(|n| (*n).to_owned()).filter(|n| rows.has(n)).collect();
    if event_fields == EventFields::All {
        let mut rest: Vec<String> = rows.fields().into_iter().filter(|n| !names.contains(n)).collect();
        rest.sort();
        names.extend(rest);
    }
    let columns = names.into_iter().map(|name| (name.clone(), column(&name))).collect();
    Ok(rows.select(columns)?)
}
