//! Groups of rows without a window partition for each: DataFusion's cost per partition exceeds that of the computation
//! per row, and in searches over events many groups have only a row or two.
//!
//! [`over_groups`] computes an aggregate over each row's group in a window over all rows. [`occurrence`] numbers rows with
//! the same key; [`row_key`] makes that key, and [`row_bucket`] distributes keys over a few partitions, so that several
//! threads can work, each with only part of the keys.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringArray, UInt8Array, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::row::{RowConverter, Rows, SortField};
use datafusion_common::{DataFusionError, Result, ScalarValue, internal_datafusion_err};
use datafusion_expr::function::{AccumulatorArgs, PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion_expr::{
    AggregateUDF, ColumnarValue, EmitTo, Expr, PartitionEvaluator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility, WindowUDF, WindowUDFImpl,
};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::utils::collect_columns;
use foldhash::fast::{FixedState, RandomState};

use crate::row_state::MOST_STATE;
use crate::stats::StatsFunction;

/// How many buckets there are.
const BUCKETS: u64 = 16;

/// Overhead of a key in a map, bytes: its entry, and the allocator's overhead.
const ENTRY: usize = 48;

/// A stats function over each row's group, as a window function over all rows. Its arguments are those of the aggregate,
/// then any number of keys. Rows with equal keys form a group, null being equal to null.
pub fn over_groups(function: &'static StatsFunction) -> Arc<WindowUDF> {
    let aggregate = (function.udaf)();
    let name = format!("{}_over_groups", aggregate.name());
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(WindowUDF::from(OverGroups { name, aggregate, arity: function.arity(), signature }))
}

/// The number of a row among the rows with the same value, in the order of the window, starting at 1 (UInt64). Its
/// argument is a key from [`row_key`].
pub fn occurrence() -> Arc<WindowUDF> {
    let signature = Signature::exact(vec![DataType::Binary], Volatility::Immutable);
    Arc::new(WindowUDF::from(Occurrence { signature }))
}

/// Bytes (Binary) that are the same for rows with equal values, null being equal to null, and for no others.
pub fn row_key(values: Vec<Expr>) -> Expr {
    KEY.call(values)
}

/// A number (UInt8) that is the same for rows with equal values.
pub fn row_bucket(values: Vec<Expr>) -> Expr {
    BUCKET.call(values)
}

static KEY: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf("row_key", false));
static BUCKET: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| KeyUdf::udf("row_bucket", true));

/// The scalar functions of this file.
pub(crate) fn scalars() -> [Arc<ScalarUDF>; 2] {
    [Arc::clone(&KEY), Arc::clone(&BUCKET)]
}

/// The keys of rows as bytes.
fn encoded(keys: &[ArrayRef]) -> Result<Rows> {
    let converter = RowConverter::new(keys.iter().map(|key| SortField::new(key.data_type().clone())).collect())?;
    Ok(converter.convert_columns(keys)?)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OverGroups {
    name: String,
    aggregate: Arc<AggregateUDF>,
    /// Number of arguments of the aggregate. The others are keys.
    arity: usize,
    signature: Signature,
}

/// The first ones, those of the aggregate.
fn first<T>(all: &[T], arity: usize) -> Result<&[T]> {
    all.get(..arity).ok_or_else(|| internal_datafusion_err!("too few arguments"))
}

impl WindowUDFImpl for OverGroups {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> =
            first(args.input_fields(), self.arity)?.iter().map(|field| field.data_type().clone()).collect();
        Ok(Arc::new(Field::new(args.name(), self.aggregate.return_type(&types)?, true)))
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(GroupsEvaluator {
            aggregate: Arc::clone(&self.aggregate),
            fields: first(args.input_fields(), self.arity)?.to_vec(),
            exprs: first(args.input_exprs(), self.arity)?.to_vec(),
            returns: self.field(WindowUDFFieldArgs::new(args.input_fields(), &self.name))?,
        }))
    }
}

/// The arguments to create an accumulator over columns with these fields, outside an aggregation of a plan.
pub(crate) fn accumulator_args<'a>(
    aggregate: &'a AggregateUDF,
    (fields, exprs): (&'a [FieldRef], &'a [Arc<dyn PhysicalExpr>]),
    returns: &FieldRef,
) -> AccumulatorArgs<'a> {
    static NO_COLUMNS: LazyLock<Schema> = LazyLock::new(Schema::empty);
    AccumulatorArgs {
        return_field: Arc::clone(returns),
        schema: &NO_COLUMNS,
        ignore_nulls: false,
        order_bys: &[],
        is_reversed: false,
        name: aggregate.name(),
        is_distinct: false,
        exprs,
        expr_fields: fields,
    }
}

#[derive(Debug)]
struct GroupsEvaluator {
    aggregate: Arc<AggregateUDF>,
    fields: Vec<FieldRef>,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
    returns: FieldRef,
}

impl PartitionEvaluator for GroupsEvaluator {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let (arguments, keys) =
            values.split_at_checked(self.fields.len()).ok_or_else(|| internal_datafusion_err!("too few arguments"))?;
        let mut groups = vec![0; rows];
        let mut count = 1;
        if !keys.is_empty() {
            let encoded = encoded(keys)?;
            let mut known: HashMap<&[u8], usize, RandomState> = HashMap::default();
            for (row, group) in groups.iter_mut().enumerate() {
                let next = known.len();
                *group = *known.entry(encoded.row(row).data()).or_insert(next);
            }
            count = known.len();
        }
        let arguments_of = accumulator_args(&self.aggregate, (&self.fields, &self.exprs), &self.returns);
        let mut accumulator = self.aggregate.create_groups_accumulator(arguments_of)?;
        accumulator.update_batch(arguments, &groups, None, count)?;
        let results = accumulator.evaluate(EmitTo::All)?;
        if size_in_rows(&results, &groups) > MOST_STATE {
            let (aggregate, most) = (self.aggregate.name().trim_start_matches("stats_"), MOST_STATE >> 20);
            let why = format!("the results of {aggregate}, given to every row, take more than {most} MiB");
            return Err(DataFusionError::ResourcesExhausted(why));
        }
        let places = groups.into_iter().map(u32::try_from).collect::<std::result::Result<Vec<_>, _>>();
        let places = places.map_err(|_| internal_datafusion_err!("more groups than a column can hold"))?;
        Ok(take(results.as_ref(), &UInt32Array::from(places), None)?)
    }
}

/// Bytes of the texts in results when every row gets that of its group. Other types take a few bytes per row.
fn size_in_rows(results: &ArrayRef, groups: &[usize]) -> usize {
    let texts = |texts: &StringArray, from: usize, to: usize| {
        let offsets = texts.value_offsets();
        (offsets[to] - offsets[from]) as usize + size_of::<i32>() * (to - from)
    };
    if let Some(values) = results.as_string_opt::<i32>() {
        return groups.iter().map(|group| texts(values, *group, group + 1)).sum();
    }
    let Some(lists) = results.as_list_opt::<i32>() else { return 0 };
    let Some(values) = lists.values().as_string_opt::<i32>() else { return 0 };
    let offsets = lists.value_offsets();
    groups.iter().map(|group| texts(values, offsets[*group] as usize, offsets[group + 1] as usize)).sum()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Occurrence {
    signature: Signature,
}

impl WindowUDFImpl for Occurrence {
    fn name(&self) -> &'static str {
        "occurrence"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::UInt64, false)))
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let columns = args.input_exprs().iter().flat_map(collect_columns);
        let names: BTreeSet<String> = columns.map(|column| column.name().to_owned()).collect();
        Ok(Box::new(OccurrenceEvaluator { names, ..OccurrenceEvaluator::default() }))
    }
}

/// How often each key was seen.
#[derive(Debug, Default)]
struct OccurrenceEvaluator {
    seen: HashMap<Box<[u8]>, u64, RandomState>,
    /// Bytes that this takes.
    size: usize,
    /// The columns that keys are made of.
    names: BTreeSet<String>,
}

impl OccurrenceEvaluator {
    fn see(&mut self, key: &[u8]) -> Result<u64> {
        if let Some(seen) = self.seen.get_mut(key) {
            *seen += 1;
            return Ok(*seen);
        }
        self.size += key.len() + ENTRY;
        if self.size > MOST_STATE {
            let (names, most) = (self.names.iter().cloned().collect::<Vec<_>>().join(", "), MOST_STATE >> 20);
            let why = format!("the different values of {names}, whose rows are numbered, take more than {most} MiB");
            return Err(DataFusionError::ResourcesExhausted(why));
        }
        self.seen.insert(key.into(), 1);
        Ok(1)
    }
}

impl PartitionEvaluator for OccurrenceEvaluator {
    fn is_causal(&self) -> bool {
        true
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let keys = values.first().and_then(|keys| keys.as_binary_opt::<i32>());
        let keys = keys.ok_or_else(|| internal_datafusion_err!("keys are Binary"))?;
        Ok(ScalarValue::UInt64(Some(self.see(keys.value(range.start))?)))
    }
}

/// The scalar functions over keys.
#[derive(Debug, PartialEq, Eq, Hash)]
struct KeyUdf {
    name: &'static str,
    /// Whether it returns the bucket instead of the key.
    bucket: bool,
    signature: Signature,
}

impl KeyUdf {
    fn udf(name: &'static str, bucket: bool) -> Arc<ScalarUDF> {
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { name, bucket, signature }))
    }
}

impl ScalarUDFImpl for KeyUdf {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.bucket { DataType::UInt8 } else { DataType::Binary })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let keys = args.args.iter().map(|value| value.to_array(args.number_rows)).collect::<Result<Vec<_>>>()?;
        let encoded = encoded(&keys)?;
        let keys = encoded.iter();
        Ok(ColumnarValue::Array(if self.bucket {
            // Every thread must compute the same.
            let hasher = FixedState::default();
            let bucket = |key: arrow::row::Row<'_>| (hasher.hash_one(key.data()) % BUCKETS) as u8;
            Arc::new(UInt8Array::from_iter_values(keys.map(bucket)))
        } else {
            Arc::new(BinaryArray::from_iter_values(keys.map(|key| key.data().to_vec())))
        }))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, ListBuilder, RecordBatch, StringBuilder, UInt64Array};
    use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
    use datafusion_expr::expr::WindowFunction;
    use datafusion_expr::{WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition, col};

    use super::*;
    use crate::stats;

    /// Rows of groups with keys that are missing, equal in one column only, and joined the same (`a`, `bc` and `ab`, `c`).
    fn rows(context: &SessionContext) -> DataFrame {
        let one = [Some("a"), None, Some("ab"), Some("a"), None, Some("a"), Some("ab"), None, Some("a"), Some("")];
        let other = [Some("bc"), Some("c"), Some("c"), Some("bc"), Some("c"), None, Some("c"), None, Some("x"), None];
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("one", Arc::new(StringArray::from(one.to_vec()))),
            ("other", Arc::new(StringArray::from(other.to_vec()))),
            ("x", Arc::new(Float64Array::from_iter_values((1_u32..=10).map(f64::from)))),
            ("n", Arc::new(UInt64Array::from_iter_values(0..10))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, c)| (name, c, true)));
        context.read_batch(batch.unwrap()).unwrap()
    }

    fn window(function: WindowFunctionDefinition, arguments: Vec<Expr>, to: WindowFrameBound) -> WindowFunction {
        let mut call = WindowFunction::new(function, arguments);
        let first = WindowFrameBound::Preceding(ScalarValue::UInt64(None));
        call.params.window_frame = WindowFrame::new_bounds(WindowFrameUnits::Rows, first, to);
        call
    }

    async fn values(window: WindowFunction) -> Vec<String> {
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
        let found = rows(&context)
            .window(vec![Expr::from(window).alias("found")])
            .unwrap()
            .sort(vec![col("n").sort(true, true)])
            .unwrap()
            .collect()
            .await
            .unwrap();
        let text = |batch: &RecordBatch| {
            let column = Arc::clone(batch.column_by_name("found").unwrap());
            (0..batch.num_rows()).map(move |row| format!("{:?}", ScalarValue::try_from_array(&column, row).unwrap()))
        };
        found.iter().flat_map(text).collect()
    }

    #[tokio::test]
    async fn an_aggregate_over_groups_is_that_over_their_partitions() {
        let keys = || vec![col("one"), col("other")];
        for name in ["count", "sum", "dc", "max", "values"] {
            let (function, number) = stats::find(name).unwrap();
            assert_eq!(number, None);
            let aggregate = (function.udaf)();
            let all = || WindowFrameBound::Following(ScalarValue::UInt64(None));
            let definition = WindowFunctionDefinition::AggregateUDF(Arc::clone(&aggregate));
            let mut parted = window(definition, vec![col("x")], all());
            parted.params.partition_by = keys();
            let definition = WindowFunctionDefinition::WindowUDF(over_groups(function));
            let own = window(definition, [vec![col("x")], keys()].concat(), all());
            assert_eq!(values(own).await, values(parted).await, "{name}");
        }
        let (function, _) = stats::find("count").unwrap();
        let definition = WindowFunctionDefinition::WindowUDF(over_groups(function));
        let all = window(definition, vec![col("x")], WindowFrameBound::Following(ScalarValue::UInt64(None)));
        assert_eq!(values(all).await, vec!["Float64(10)"; 10]);
    }

    #[tokio::test]
    async fn rows_with_the_same_key_are_numbered_in_order() {
        let keys = || vec![col("one"), col("other")];
        let definition = WindowFunctionDefinition::WindowUDF(occurrence());
        let mut numbered = window(definition, vec![row_key(keys())], WindowFrameBound::CurrentRow);
        numbered.params.partition_by = vec![row_bucket(keys())];
        numbered.params.order_by = vec![col("n").sort(false, true)];
        let found = values(numbered).await;
        assert_eq!(found, [2, 2, 2, 1, 1, 1, 1, 1, 1, 1].map(|n| format!("UInt64({n})")));
    }
    #[test]
    fn results_that_every_row_gets_are_counted_before_they_are_made() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("abc"), None, Some("")]));
        assert_eq!(size_in_rows(&texts, &[0, 0, 1, 2]), 4 * 4 + 2 * 3);
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("abc"), Some("d")]);
        lists.append_null();
        let lists: ArrayRef = Arc::new(lists.finish());
        assert_eq!(size_in_rows(&lists, &[0, 1, 0]), 2 * (2 * 4 + 4));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
        assert_eq!(size_in_rows(&numbers, &[0; 9]), 0);
    }
}
