//! A relation, the rows at some point of a pipeline: a DataFusion logical plan whose columns are the fields.
//!
//! Besides the fields there is a hidden column, [`ORDER`]: a binary key that sorts the rows, ascending. If results must
//! identify their group, [`GROUP`] is another one. A command that changes the order of results assigns the key a new
//! value; the rows themselves are sorted only where a command needs it (`head`) and once at the end. DataFusion removes
//! columns that are never read.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion_common::{Column, DFSchema, DataFusionError, ScalarValue};
use datafusion_expr::expr::Alias;
use datafusion_expr::logical_plan::{Aggregate, Filter, Projection, Sort, Window};
use datafusion_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, SortExpr};
use dogwatch_functions::operators::{self, SortKind};
use dogwatch_functions::types;

/// The hidden column with the key that orders the rows, ascending.
pub const ORDER: &str = "__order";

/// The hidden column with the group-by values of the last grouping, as one binary value.
pub const GROUP: &str = "__group";

/// The name of a hidden column over a window that needs all rows at once; `owner` is the command that needs it, for the
/// message if memory runs out.
pub fn window_name(owner: &str, number: usize) -> String {
    format!("__{number}: {owner}")
}

/// The command that needs the window of this name; `None` if the name is not from [`window_name`].
pub fn window_owner(name: &str) -> Option<&str> {
    name.strip_prefix("__")?.split_once(": ").map(|(_, owner)| owner)
}

/// The field that is kept as a timestamp; everywhere else a time is a number of seconds.
pub const TIME: &str = "_time";

/// Rows in the making.
#[derive(Clone, Debug)]
pub struct Relation {
    plan: LogicalPlan,
}

type Result<T> = std::result::Result<T, DataFusionError>;

/// A reference to a column by its exact name.
pub fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// No value.
pub fn null() -> Expr {
    Expr::Literal(ScalarValue::Null, None)
}

impl Relation {
    /// Rows of a plan that has an [`ORDER`] column.
    pub fn new(plan: LogicalPlan) -> Self {
        Self { plan }
    }

    /// The plan.
    pub fn plan(&self) -> &LogicalPlan {
        &self.plan
    }

    /// All columns, hidden ones included.
    pub fn columns(&self) -> Vec<String> {
        self.plan.schema().fields().iter().map(|f| f.name().clone()).collect()
    }

    /// The fields in order, without hidden columns.
    pub fn fields(&self) -> Vec<String> {
        self.columns().into_iter().filter(|name| !name.starts_with("__")).collect()
    }

    /// Whether there is such a field.
    pub fn has(&self, name: &str) -> bool {
        self.data_type(name) != DataType::Null
    }

    /// The type of a field; `Null` if there is none.
    pub fn data_type(&self, name: &str) -> DataType {
        self.plan.schema().fields().iter().find(|f| f.name() == name).map_or(DataType::Null, |f| f.data_type().clone())
    }

    /// The value of a field, null if there is no such field.
    pub fn get(&self, name: &str) -> Expr {
        if self.plan.schema().fields().iter().any(|f| f.name() == name) { column(name) } else { null() }
    }

    /// The type of an expression over these rows.
    pub fn type_of(&self, expr: &Expr) -> Result<DataType> {
        expr.get_type(self.plan.schema().as_ref())
    }

    fn edit(self, change: impl FnOnce(LogicalPlanBuilder) -> Result<LogicalPlanBuilder>) -> Result<Self> {
        Ok(Self { plan: change(LogicalPlanBuilder::new(self.plan))?.build()? })
    }

    /// Keeps the rows for which the condition is true.
    pub fn filter(self, condition: Expr) -> Result<Self> {
        let filter = Filter::try_new(condition, Arc::new(self.plan))?;
        Ok(Self { plan: LogicalPlan::Filter(filter) })
    }

    /// Projects to these columns, in this order, plus the hidden ones for order and group.
    pub fn select(self, columns: Vec<(String, Expr)>) -> Result<Self> {
        let schema = self.plan.schema();
        // Most columns are passed on unchanged. DataFusion would look each of them up among all others, and infer its
        // type again.
        let known: HashMap<&str, &FieldRef> = schema.fields().iter().map(|f| (f.name().as_str(), f)).collect();
        let is_kept = |hidden: &&str| known.contains_key(hidden) && columns.iter().all(|(name, _)| name != hidden);
        let kept: Vec<&str> = [ORDER, GROUP].into_iter().filter(is_kept).collect();
        let kept = kept.into_iter().map(|hidden| (hidden.to_owned(), column(hidden)));
        let mut exprs = Vec::with_capacity(columns.len() + 2);
        let mut fields = Vec::with_capacity(columns.len() + 2);
        for (name, expr) in columns.into_iter().chain(kept) {
            let passed_on = match &expr {
                Expr::Column(column) if column.relation.is_none() => known.get(column.name.as_str()).copied(),
                _ => None,
            };
            let known = match passed_on {
                Some(field) => Arc::clone(field),
                None => expr.to_field(schema.as_ref())?.1,
            };
            let (expr, converted) = as_field(&name, expr, known.data_type());
            fields.push(match converted {
                true => expr.to_field(schema.as_ref())?.1,
                false if *known.name() == name => known,
                false => Arc::new(known.as_ref().clone().with_name(&name)),
            });
            exprs.push(expr);
        }
        let exprs = exprs.into_iter().map(|expr| told_apart(expr, &self.plan)).collect();
        let fields = fields.into_iter().map(|field| (None, field)).collect();
        let schema = Arc::new(DFSchema::new_with_metadata(fields, schema.metadata().clone())?);
        // The builder would walk the whole plan each time to qualify columns, which have no qualifiers here.
        let projection = Projection::try_new_with_schema(exprs, Arc::new(self.plan), schema)?;
        Ok(Self { plan: LogicalPlan::Projection(projection) })
    }

    /// Assigns columns new values, or adds them at the end.
    pub fn set(self, values: Vec<(String, Expr)>) -> Result<Self> {
        let mut columns: Vec<(String, Expr)> =
            self.columns().into_iter().map(|name| (name.clone(), column(&name))).collect();
        for (name, value) in values {
            match columns.iter_mut().find(|(existing, _)| *existing == name) {
                Some(existing) => existing.1 = value,
                None => columns.push((name, value)),
            }
        }
        self.select(columns)
    }

    /// Takes columns away.
    pub fn without(self, names: &[&str]) -> Result<Self> {
        let columns = self
            .columns()
            .into_iter()
            .filter(|name| !names.contains(&name.as_str()))
            .map(|name| (name.clone(), column(&name)))
            .collect();
        self.select(columns)
    }

    /// Replaces the order key.
    pub fn reorder(self, key: Expr) -> Result<Self> {
        self.set(vec![(ORDER.to_owned(), key)])
    }

    /// Sorts by the order key, optionally keeping only the first rows.
    fn sorted(self, ascending: bool, fetch: Option<usize>) -> Self {
        let sort = Sort { expr: vec![by_order(ascending)], input: Arc::new(self.plan), fetch };
        Self { plan: LogicalPlan::Sort(sort) }
    }

    /// The first rows in order.
    pub fn head(self, count: usize) -> Result<Self> {
        if count == 0 {
            return self.filter(datafusion_expr::lit(false));
        }
        Ok(self.sorted(true, Some(count)))
    }

    /// The last rows in order, still in that order.
    pub fn last(self, count: usize) -> Result<Self> {
        if count == 0 {
            return self.filter(datafusion_expr::lit(false));
        }
        Ok(self.sorted(false, Some(count)))
    }

    /// Adds columns computed over windows of rows.
    pub fn window(self, windows: Vec<(String, Expr)>) -> Result<Self> {
        // A node sorts its input in a single way, so windows with different sort orders get a node each.
        type Sorting = (Vec<Expr>, Vec<SortExpr>);
        let mut nodes: Vec<(Sorting, Vec<Expr>)> = Vec::new();
        for (name, expr) in windows {
            let sorting = match &expr {
                Expr::WindowFunction(call) => (call.params.partition_by.clone(), call.params.order_by.clone()),
                _ => (vec![], vec![]),
            };
            let expr = expr.alias(name);
            match nodes.iter_mut().find(|(existing, _)| *existing == sorting) {
                Some((_, together)) => together.push(expr),
                None => nodes.push((sorting, vec![expr])),
            }
        }
        nodes.into_iter().try_fold(self, |rows, (_, windows)| {
            let window = Window::try_new(windows, Arc::new(rows.plan))?;
            Ok(Self { plan: LogicalPlan::Window(window) })
        })
    }

    /// Groups the rows. The result has only the groups and aggregates, no order key yet.
    pub fn aggregate(self, groups: Vec<(String, Expr)>, aggregates: Vec<(String, Expr)>) -> Result<LogicalPlan> {
        let named =
            |list: Vec<(String, Expr)>| list.into_iter().map(|(name, expr)| expr.alias(name)).collect::<Vec<_>>();
        Ok(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(self.plan), named(groups), named(aggregates))?))
    }

    /// One row per value of list columns, which are unnested in parallel. A row without values is kept.
    pub fn unnest(self, columns: &[&str]) -> Result<Self> {
        let columns = columns.iter().map(|name| Column::new_unqualified(*name)).collect();
        let options = datafusion_common::UnnestOptions::new()
            .with_null_handling(datafusion_common::NullHandling::PreserveAndExpandEmpty);
        self.edit(|b| b.unnest_columns_with_options(columns, options))
    }

    /// These rows and others: the columns of both by name, values of different types unified. The order keys are taken
    /// as they are.
    pub fn union(self, other: Self) -> Result<Self> {
        let mut names = self.columns();
        for name in other.columns() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let wanted: Vec<(String, DataType)> = names
            .into_iter()
            .map(|name| {
                let data_type = types::unify(&self.data_type(&name), &other.data_type(&name));
                (name, data_type)
            })
            .collect();
        let align = |rows: Self| {
            let columns = wanted
                .iter()
                .map(|(name, to)| {
                    let from = rows.data_type(name);
                    (
                        name.clone(),
                        if name == GROUP && !rows.has(GROUP) {
                            Expr::Literal(ScalarValue::Binary(None), None)
                        } else if name.starts_with("__") {
                            rows.get(name)
                        } else {
                            operators::unify_to(rows.get(name), &from, to)
                        },
                    )
                })
                .collect();
            rows.select(columns)
        };
        let (left, right) = (align(self)?, align(other)?);
        Ok(Self { plan: LogicalPlanBuilder::new(left.plan).union(right.plan)?.build()? })
    }

    /// Joins each row with the row of the other side that has equal keys, if any. Columns of both sides must differ.
    pub fn left_join(self, other: LogicalPlan, on: &[(String, String)]) -> Result<Self> {
        let (left, right): (Vec<Column>, Vec<Column>) =
            on.iter().map(|(l, r)| (Column::new_unqualified(l), Column::new_unqualified(r))).unzip();
        self.edit(|b| b.join(other, datafusion_common::JoinType::Left, (left, right), None))
    }

    /// Adds [`GROUP`]: the values of these columns in an injective encoding.
    pub fn with_group(self, columns: &[String]) -> Result<Self> {
        let keys = columns.iter().map(|name| operators::sort_key(SortKind::Text, self.get(name), false)).collect();
        self.set(vec![(GROUP.to_owned(), operators::order_key(keys))])
    }

    /// Ends a search: sorts the rows and drops the hidden columns, except [`GROUP`], which becomes the last one.
    pub fn finish(self) -> Result<LogicalPlan> {
        let group = self.has(GROUP).then(|| GROUP.to_owned());
        let fields = self.fields().into_iter().chain(group).map(|name| column(&name)).collect::<Vec<_>>();
        let sorted = Arc::new(self.sorted(true, None).plan);
        Ok(LogicalPlan::Projection(Projection::try_new(fields, sorted)?))
    }
}

/// The expression under a name, cast to the type that the name requires, and whether a cast was needed.
fn as_field(name: &str, expr: Expr, data_type: &DataType) -> (Expr, bool) {
    let is_time = matches!(data_type, DataType::Timestamp(..));
    let converted = match (name == TIME, is_time) {
        _ if name.starts_with("__") => None,
        (true, false) => Some(operators::as_time(expr.clone(), data_type)),
        (false, true) => Some(operators::to_number(expr.clone(), &types::time_type())),
        _ => None,
    };
    match converted {
        Some(converted) => (converted.alias(name), true),
        None => (expr.alias(name), false),
    }
}

/// Makes an expression distinct from every equal one in the projections below it.
///
/// Of two equal neighbouring projections DataFusion 55.2 keeps one (`merge_consecutive_projections` in its
/// `optimize_projections`), so `eval x=x+1 | eval x=x+1` would add 1. Projections become adjacent when the nodes between
/// them are optimised away, and equal when unread columns are removed from them. Each expression that would give a
/// different value the second time therefore gets a unique inner name, which changes neither values nor columns.
fn told_apart(expr: Expr, below: &LogicalPlan) -> Expr {
    let Expr::Alias(mut alias) = expr else { return expr };
    // An expression that reads no column changed by an equal projection gives the same value again.
    if matches!(&*alias.expr, Expr::Column(column) if column.name == alias.name) || !alias.expr.any_column_refs() {
        return Expr::Alias(alias);
    }
    let (mut plan, mut equal) = (below, 0);
    loop {
        if let LogicalPlan::Projection(projection) = plan {
            equal += projection.expr.iter().filter(|other| is_equal(&alias, other)).count();
        }
        match plan.inputs()[..] {
            [input] => plan = input,
            _ => break,
        }
    }
    if equal > 0 {
        alias.expr = Box::new(alias.expr.alias(format!("{INNER}{equal}")));
    }
    Expr::Alias(alias)
}

/// What inner names begin with.
const INNER: &str = "__again";

/// Whether an expression equals an alias, ignoring an inner name.
fn is_equal(alias: &Alias, other: &Expr) -> bool {
    let Expr::Alias(other) = other else { return false };
    let expr = match &*other.expr {
        Expr::Alias(inner) if inner.name.starts_with(INNER) => &inner.expr,
        _ => &other.expr,
    };
    other.name == alias.name && *expr == alias.expr
}

/// Sorting by the order key.
pub fn by_order(ascending: bool) -> SortExpr {
    SortExpr::new(column(ORDER), ascending, false)
}
