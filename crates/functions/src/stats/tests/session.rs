//! Stats functions run by DataFusion: planned, partitioned, grouped, windowed, and with little memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion_common::ScalarValue;
use datafusion_expr::expr::WindowFunction;
use datafusion_expr::{
    Expr, ExprFunctionExt, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition, col, lit,
};
use serde_json::{Value as Json, json};

use super::{RowNeed, StatsFunction, find, json as value_of};
use crate::types;

/// Row `i` is in group `i % 3`, has `x = i` as text (none for every seventh), and is a second later than the one before.
const ROWS: i64 = 100;

fn batch(rows: &[i64]) -> RecordBatch {
    let texts = |text: fn(i64) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|i| text(*i)).collect::<StringArray>())
    };
    let order: ArrayRef = Arc::new(BinaryArray::from_iter_values(rows.iter().map(|i| i.to_be_bytes())));
    let time = TimestampMicrosecondArray::from_iter_values(rows.iter().map(|i| i * 1_000_000)).with_timezone("UTC");
    let columns = vec![
        texts(|i| Some(format!("g{}", i % 3))),
        texts(|i| (i % 7 != 0).then(|| i.to_string())),
        Arc::new(time),
        order,
    ];
    let schema = Schema::new(vec![
        Field::new("g", DataType::Utf8, true),
        Field::new("x", DataType::Utf8, true),
        Field::new("_time", types::time_type(), true),
        Field::new("order", DataType::Binary, false),
    ]);
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

/// The rows in two partitions, each in small batches and backwards, so that neither order nor split helps.
fn table(context: &SessionContext) -> DataFrame {
    let part = |parity: i64| -> Vec<RecordBatch> {
        let rows: Vec<i64> = (0..ROWS).rev().filter(|i| i % 2 == parity).collect();
        rows.chunks(9).map(batch).collect()
    };
    let partitions = vec![part(0), part(1)];
    let schema = partitions[0][0].schema();
    context.read_table(Arc::new(MemTable::try_new(schema, partitions).unwrap())).unwrap()
}

fn context() -> SessionContext {
    SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2).with_batch_size(16))
}

fn arguments(function: &StatsFunction, number: Option<f64>) -> Vec<Expr> {
    let mut arguments = match function.needs {
        RowNeed::Nothing => vec![col("x")],
        RowNeed::Order => vec![col("x"), col("order")],
        RowNeed::Time => vec![col("x"), col("_time"), col("order")],
    };
    arguments.extend(number.map(lit));
    arguments
}

/// A call under its own name.
fn aggregate(name: &str) -> Expr {
    let (function, number) = find(name).unwrap();
    (function.udaf)().call(arguments(function, number)).alias(name)
}

fn window(name: &str, from: WindowFrameBound, to: WindowFrameBound) -> Expr {
    let (function, number) = find(name).unwrap();
    let definition = WindowFunctionDefinition::AggregateUDF((function.udaf)());
    Expr::from(WindowFunction::new(definition, arguments(function, number)))
        .partition_by(vec![col("g")])
        .order_by(vec![col("order").sort(true, false)])
        .window_frame(WindowFrame::new_bounds(WindowFrameUnits::Rows, from, to))
        .build()
        .unwrap()
        .alias(name)
}

const NAMES: &[&str] = &[
    "avg", "count", "dc", "earliest", "first", "last", "latest", "list", "max", "median", "min", "mode", "p50",
    "range", "rate", "stdev", "sum", "sumsq", "values", "varp",
];

/// What each of [`NAMES`] gives for these numbers, which ascend and are different, a second apart for each step of one.
fn expected(numbers: &[i64]) -> BTreeMap<String, Json> {
    let n = numbers.len() as f64;
    let number = |x: f64| if x.fract() == 0.0 { json!(x as i64) } else { json!(x) };
    let text = |x: i64| json!(x.to_string());
    let (first, last) = (numbers[0], numbers[numbers.len() - 1]);
    let sum: i64 = numbers.iter().sum();
    let squares: i64 = numbers.iter().map(|x| x * x).sum();
    let spread = squares as f64 - (sum * sum) as f64 / n;
    let half = numbers.len() / 2;
    let median =
        if numbers.len() % 2 == 1 { numbers[half] as f64 } else { (numbers[half - 1] + numbers[half]) as f64 / 2.0 };
    let mut sorted: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let list = json!(sorted);
    sorted.sort();
    let stdev = if numbers.len() == 1 { 0.0 } else { (spread / (n - 1.0)).sqrt() };
    let values = [
        number(sum as f64 / n),
        number(n),
        number(n),
        text(first),
        text(first),
        text(last),
        text(last),
        list,
        text(last),
        number(median),
        text(first),
        json!(sorted[0]),
        number(median),
        number((last - first) as f64),
        if first == last { Json::Null } else { json!(1) },
        number(stdev),
        number(sum as f64),
        number(squares as f64),
        json!(sorted),
        number(spread / n),
    ];
    NAMES.iter().map(|name| (*name).to_owned()).zip(values).collect()
}

/// The numbers of a group.
fn numbers(group: Option<i64>) -> Vec<i64> {
    (0..ROWS).filter(|i| i % 7 != 0 && group.is_none_or(|group| i % 3 == group)).collect()
}

/// Every row of the result as name and value.
async fn rows(frame: DataFrame) -> Vec<BTreeMap<String, Json>> {
    let mut found = Vec::new();
    for batch in frame.collect().await.unwrap() {
        for row in 0..batch.num_rows() {
            let field = |(i, field): (usize, &Arc<Field>)| (field.name().clone(), value_of(batch.column(i), row));
            found.push(batch.schema().fields().iter().enumerate().map(field).collect());
        }
    }
    found
}

fn assert_same(row: &BTreeMap<String, Json>, expected: &BTreeMap<String, Json>, label: &str) {
    for (name, want) in expected {
        let is = &row[name];
        let same = match (is.as_f64(), want.as_f64()) {
            (Some(is), Some(want)) => (is - want).abs() <= want.abs() * 1e-12,
            _ => is == want,
        };
        assert!(same, "{label}: {name} is {is} and should be {want}");
    }
}

#[tokio::test]
async fn groups_over_two_partitions() {
    let all: Vec<Expr> = NAMES.iter().map(|name| aggregate(name)).collect();
    let frame = table(&context()).aggregate(vec![col("g")], all.clone()).unwrap();
    let plan = frame.clone().create_physical_plan().await.unwrap();
    let plan = displayable(plan.as_ref()).indent(false).to_string();
    assert!(plan.contains("mode=Partial") && plan.contains("mode=FinalPartitioned"), "not in two phases:\n{plan}");
    let found = rows(frame).await;
    assert_eq!(found.len(), 3);
    for row in &found {
        let group = row["g"].as_str().unwrap()[1..].parse().unwrap();
        assert_same(row, &expected(&numbers(Some(group))), &format!("group {group}"));
    }
    let found = rows(table(&context()).aggregate(vec![], all).unwrap()).await;
    assert_eq!(found.len(), 1);
    assert_same(&found[0], &expected(&numbers(None)), "all rows");
}

#[tokio::test]
async fn nothing_gives_one_row_without_groups_and_none_with() {
    let all: Vec<Expr> = NAMES.iter().map(|name| aggregate(name)).collect();
    let none = || table(&context()).filter(col("x").eq(lit("nowhere"))).unwrap();
    let found = rows(none().aggregate(vec![], all.clone()).unwrap()).await;
    assert_eq!(found.len(), 1);
    for (name, value) in &found[0] {
        let want = if ["count", "dc"].contains(&name.as_str()) { json!(0) } else { Json::Null };
        assert_eq!(*value, want, "{name} of nothing");
    }
    assert!(rows(none().aggregate(vec![col("g")], all).unwrap()).await.is_empty());
}

/// Runs every function over a frame, and compares each row with the numbers that its frame has.
async fn check_window(from: WindowFrameBound, to: WindowFrameBound, frame: fn(i64) -> (i64, i64)) {
    let all: Vec<Expr> = NAMES.iter().map(|name| window(name, from.clone(), to.clone())).collect();
    let place = window("last", WindowFrameBound::CurrentRow, WindowFrameBound::CurrentRow).alias("place");
    let with_number = table(&context()).filter(col("x").is_not_null()).unwrap();
    let found =
        rows(with_number.window([all, vec![place]].concat()).unwrap().drop_columns(&["_time", "order"]).unwrap()).await;
    assert_eq!(found.len(), numbers(None).len());
    for row in &found {
        let group: i64 = row["g"].as_str().unwrap()[1..].parse().unwrap();
        let group = numbers(Some(group));
        let here = group.iter().position(|x| json!(x.to_string()) == row["place"]).unwrap() as i64;
        let (start, end) = frame(here);
        let (start, end) = (start.max(0) as usize, end.min(group.len() as i64 - 1) as usize);
        assert_same(row, &expected(&group[start..=end]), &format!("row {}", row["place"]));
    }
}

#[tokio::test]
async fn window_over_the_whole_group() {
    let unbounded = || ScalarValue::UInt64(None);
    let (from, to) = (WindowFrameBound::Preceding(unbounded()), WindowFrameBound::Following(unbounded()));
    check_window(from, to, |_| (0, i64::MAX)).await;
}

#[tokio::test]
async fn running_window() {
    let from = WindowFrameBound::Preceding(ScalarValue::UInt64(None));
    check_window(from, WindowFrameBound::CurrentRow, |here| (0, here)).await;
}

#[tokio::test]
async fn sliding_window() {
    let from = WindowFrameBound::Preceding(ScalarValue::UInt64(Some(4)));
    check_window(from, WindowFrameBound::CurrentRow, |here| (here - 4, here)).await;
}

#[tokio::test]
async fn a_small_memory_limit_ends_the_search_with_an_error() {
    let pool = Arc::new(GreedyMemoryPool::new(1 << 20));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build_arc().unwrap();
    let config = SessionConfig::new().with_target_partitions(2);
    let texts: StringArray = (0..4000).map(|i| Some(format!("{i:0>1000}"))).collect();
    let batch = RecordBatch::try_from_iter([("x", Arc::new(texts) as ArrayRef)]).unwrap();
    let table = Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch.clone()], vec![batch]]).unwrap());
    for name in ["values", "dc", "mode"] {
        let context = SessionContext::new_with_config_rt(config.clone(), runtime.clone());
        let frame = context.read_table(table.clone()).unwrap().aggregate(vec![], vec![aggregate(name)]).unwrap();
        let message = frame.collect().await.unwrap_err().to_string();
        assert!(message.contains("Resources exhausted"), "{name}: {message}");
    }
}
