//! Every function's examples, in every way that DataFusion may run it; and the registry.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, NullArray, StringArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Schema};
use datafusion_common::ScalarValue;
use datafusion_expr::function::AccumulatorArgs;
use datafusion_expr::{Accumulator, AggregateUDF, EmitTo, GroupsAccumulator};
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::{Column, Literal};
use serde_json::{Value as Json, json};

use super::{RowNeed, STATS_FUNCTIONS, StatsFunction, find};
use crate::types::{self, Output};

mod session;

/// A function ready to make accumulators, with the types of its arguments.
struct Ready {
    udaf: Arc<AggregateUDF>,
    fields: Vec<FieldRef>,
    returns: FieldRef,
    schema: Schema,
    exprs: Vec<Arc<dyn PhysicalExpr>>,
}

impl Ready {
    /// Over these arguments; the number of the function's name, if it takes one, comes behind them.
    fn new(function: &StatsFunction, number: Option<f64>, arguments: &[ArrayRef]) -> Self {
        let udaf = (function.udaf)();
        let field = |(i, a): (usize, &ArrayRef)| Arc::new(Field::new(format!("c{i}"), a.data_type().clone(), true));
        let mut fields: Vec<FieldRef> = arguments.iter().enumerate().map(field).collect();
        let column = |i| Arc::new(Column::new(&format!("c{i}"), i)) as Arc<dyn PhysicalExpr>;
        let mut exprs: Vec<_> = (0..fields.len()).map(column).collect();
        if function.takes_number() {
            fields.push(Arc::new(Field::new("number", DataType::Float64, true)));
            exprs.push(Arc::new(Literal::new(ScalarValue::Float64(number))));
        }
        let returns = udaf.return_field(&fields).unwrap();
        Self { udaf, schema: Schema::new(fields.clone()), fields, returns, exprs }
    }

    fn args(&self) -> AccumulatorArgs<'_> {
        AccumulatorArgs {
            return_field: self.returns.clone(),
            schema: &self.schema,
            ignore_nulls: false,
            order_bys: &[],
            is_reversed: false,
            name: "test",
            is_distinct: false,
            exprs: &self.exprs,
            expr_fields: &self.fields,
        }
    }

    fn single(&self) -> Box<dyn Accumulator> {
        self.udaf.accumulator(self.args()).unwrap()
    }

    fn grouped(&self) -> Box<dyn GroupsAccumulator> {
        self.udaf.create_groups_accumulator(self.args()).unwrap()
    }
}

/// A column of the type that the values have: texts unless all are numbers, booleans, or some are lists.
fn column(values: &[Json]) -> ArrayRef {
    let all = |is: fn(&Json) -> bool| values.iter().filter(|v| !v.is_null()).all(is) && !values.is_empty();
    let data_type = if values.iter().any(Json::is_array) {
        types::multivalue_type()
    } else if all(Json::is_boolean) {
        types::bool_type()
    } else if all(Json::is_number) {
        types::number_type()
    } else {
        types::text_type()
    };
    let mut out = Output::new(&data_type, values.len()).unwrap();
    for value in values {
        match value {
            Json::Null => out.null(),
            Json::Bool(b) => out.bool(*b),
            Json::Number(n) => out.number(n.as_f64().unwrap()),
            Json::String(s) => out.text(s),
            Json::Array(items) => out.multi(items.iter().map(|item| item.as_str().unwrap())),
            Json::Object(_) => panic!("not a value: {value}"),
        }
    }
    out.finish()
}

/// The arguments that the planner would give for this column.
fn arguments(needs: RowNeed, value: ArrayRef) -> Vec<ArrayRef> {
    let rows = value.len();
    let keys: Vec<_> = (0..rows as u32).map(u32::to_be_bytes).collect();
    let order: ArrayRef = Arc::new(BinaryArray::from_iter_values(keys));
    let micros = (1..=rows as i64).map(|second| second * 1_000_000);
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"));
    match needs {
        RowNeed::Nothing => vec![value],
        RowNeed::Order => vec![value, order],
        RowNeed::Time => vec![value, time, order],
    }
}

fn slice(arguments: &[ArrayRef], from: usize, to: usize) -> Vec<ArrayRef> {
    arguments.iter().map(|a| a.slice(from, to - from)).collect()
}

fn json(array: &dyn Array, row: usize) -> Json {
    if array.is_null(row) {
        return Json::Null;
    }
    let number = |n: f64| if n.fract() == 0.0 && n.abs() < 1e15 { json!(n as i64) } else { json!(n) };
    match array.data_type() {
        DataType::Float64 => number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::List(_) => {
            let list = array.as_list::<i32>().value(row);
            (0..list.len()).map(|i| json(list.as_ref(), i)).collect()
        }
        other => panic!("unexpected type {other}"),
    }
}

fn scalar(value: &ScalarValue) -> Json {
    json(value.to_array().unwrap().as_ref(), 0)
}

fn columns(state: Vec<ScalarValue>) -> Vec<ArrayRef> {
    state.iter().map(|s| s.to_array().unwrap()).collect()
}

/// The result of all rows at once, requested twice: the request must not change it.
fn at_once(ready: &Ready, arguments: &[ArrayRef]) -> Json {
    let mut single = ready.single();
    single.update_batch(arguments).unwrap();
    let result = scalar(&single.evaluate().unwrap());
    assert_eq!(result, scalar(&single.evaluate().unwrap()));
    assert!(single.size() > 0);
    result
}

/// The result of two parts, whose states are merged in this order.
fn in_two_parts(ready: &Ready, arguments: &[ArrayRef], at: usize, second_first: bool) -> Json {
    let rows = arguments[0].len();
    let part = |from, to| {
        let mut single = ready.single();
        single.update_batch(&slice(arguments, from, to)).unwrap();
        columns(single.state().unwrap())
    };
    let mut parts = [part(0, at), part(at, rows)];
    if second_first {
        parts.reverse();
    }
    let mut last = ready.single();
    parts.iter().for_each(|part| last.merge_batch(part).unwrap());
    scalar(&last.evaluate().unwrap())
}

/// The result as one of two groups, the other having the same rows; states cross once as groups, once row by row.
fn as_groups(ready: &Ready, arguments: &[ArrayRef]) -> Vec<Json> {
    let rows = arguments[0].len();
    let mut first = ready.grouped();
    first.update_batch(arguments, &vec![1; rows], None, 3).unwrap();
    let none = BooleanArray::from(vec![false; rows]);
    first.update_batch(arguments, &vec![1; rows], Some(&none), 3).unwrap();
    assert!(first.size() > 0);
    let empty = first.state(EmitTo::First(1)).unwrap();
    let full = first.state(EmitTo::All).unwrap();
    let mut last = ready.grouped();
    last.merge_batch(&full, &[1, 0], 3).unwrap();
    last.merge_batch(&empty, &[0], 3).unwrap();
    let by_row = first.convert_to_state(arguments, None).unwrap();
    last.merge_batch(&by_row, &vec![2; rows], 3).unwrap();
    let head = last.evaluate(EmitTo::First(1)).unwrap();
    let tail = last.evaluate(EmitTo::All).unwrap();
    vec![json(&head, 0), json(&tail, 0), json(&tail, 1)]
}

/// The result of a sliding frame that rows entered and left before.
fn sliding(ready: &Ready, arguments: &[ArrayRef]) -> Json {
    let rows = arguments[0].len();
    let mut frame = ready.udaf.create_sliding_accumulator(ready.args()).unwrap();
    assert!(frame.supports_retract_batch());
    frame.update_batch(arguments).unwrap();
    (0..rows).for_each(|row| frame.update_batch(&slice(arguments, row, row + 1)).unwrap());
    let half = rows / 2;
    frame.retract_batch(&slice(arguments, 0, half)).unwrap();
    frame.retract_batch(&slice(arguments, half, rows)).unwrap();
    scalar(&frame.evaluate().unwrap())
}

/// Runs one example in every way.
fn check(function: &StatsFunction, number: Option<f64>, value: ArrayRef, expected: &Json, label: &str) {
    let arguments = arguments(function.needs, value);
    let ready = Ready::new(function, number, &arguments);
    assert_eq!(*ready.returns.data_type(), (function.returns)(arguments[0].data_type()), "{label}");
    assert_eq!(at_once(&ready, &arguments), *expected, "{label}, at once");
    for at in 0..=arguments[0].len() {
        for swap in [false, true] {
            assert_eq!(in_two_parts(&ready, &arguments, at, swap), *expected, "{label}, split at {at}, {swap}");
        }
    }
    let empty = at_once(&ready, &slice(&arguments, 0, 0));
    let groups = [empty, expected.clone(), expected.clone()];
    assert_eq!(as_groups(&ready, &arguments), groups, "{label}, grouped");
    assert_eq!(sliding(&ready, &arguments), *expected, "{label}, sliding");
}

/// A result of text as the number that it spells, so that results over text and over numbers can be compared.
fn spelled(value: &Json) -> Json {
    match value {
        Json::String(s) => types::parse_number(s).map_or(value.clone(), |n| json!(n)),
        Json::Number(n) => json!(n.as_f64()),
        other => other.clone(),
    }
}

#[test]
fn examples_hold_in_every_way_of_running() {
    for function in STATS_FUNCTIONS {
        for example in function.examples {
            let name = example.expression.split('(').next().unwrap();
            let (found, number) = find(name).unwrap_or_else(|| panic!("{name} is not found"));
            assert_eq!(found.name, function.name);
            let given: Vec<Json> = serde_json::from_str(example.given).unwrap();
            let expected: Json = serde_json::from_str(example.result).unwrap();
            let label = format!("{} of {}", example.expression, example.given);
            let value: ArrayRef = match example.expression.contains('(') {
                true => column(&given),
                false => Arc::new(BooleanArray::from(vec![true; given.len()])),
            };
            check(function, number, value.clone(), &expected, &label);
            if *value.data_type() == DataType::Float64 {
                let texts: StringArray = given.iter().map(|v| (!v.is_null()).then(|| v.to_string())).collect();
                let arguments = arguments(function.needs, Arc::new(texts));
                let result = at_once(&Ready::new(function, number, &arguments), &arguments);
                assert_eq!(spelled(&result), spelled(&expected), "{label}, numbers as text");
            }
        }
    }
}

#[test]
fn registry_is_sorted_and_documented_and_names_are_unique() {
    let names: Vec<_> = STATS_FUNCTIONS.iter().map(|f| f.name).collect();
    assert!(names.is_sorted(), "sort STATS_FUNCTIONS by name: {names:?}");
    let mut all: Vec<_> = STATS_FUNCTIONS.iter().flat_map(|f| std::iter::once(&f.name).chain(f.aliases)).collect();
    all.sort();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count, "a name stands for two functions");
    for function in STATS_FUNCTIONS {
        let documented = [function.usage, function.summary, function.details, function.source];
        assert!(documented.iter().all(|text| !text.is_empty()), "{} lacks documentation", function.name);
        assert!(function.usage.starts_with(function.name), "{}: {}", function.name, function.usage);
        assert!(function.summary.ends_with('.'), "{}: the summary is a sentence", function.name);
        assert!(!function.examples.is_empty(), "{} lacks an example", function.name);
        assert_eq!((function.udaf)().name(), format!("stats_{}", function.name.replace("<number>", "")));
    }
}

#[test]
fn find_knows_names_and_aliases() {
    for (asked, name) in [("count", "count"), ("c", "count"), ("distinct_count", "dc"), ("sum", "sum")] {
        assert_eq!(find(asked).map(|(f, n)| (f.name, n)), Some((name, None)));
    }
    for (asked, name, number) in [
        ("p95", "perc<number>", 95.0),
        ("perc99.9", "perc<number>", 99.9),
        ("perc0", "perc<number>", 0.0),
        ("exactperc50", "exactperc<number>", 50.0),
        ("upperperc100", "upperperc<number>", 100.0),
    ] {
        assert_eq!(find(asked).map(|(f, n)| (f.name, n)), Some((name, Some(number))));
    }
    for unknown in ["nope", "Count", "", "p", "perc", "p101", "p-1", "p+5", "p1e1", "pnan", "perc5x", "perc<number>"] {
        assert!(find(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn a_wrong_call_is_refused_when_planned() {
    let (count, _) = find("count").unwrap();
    let two = [types::text_type(), types::text_type()];
    let message = (count.udaf)().return_type(&two).unwrap_err().to_string();
    assert!(message.contains("stats_count: the aggregate wants 1 argument"), "{message}");
}

#[test]
fn size_grows_with_what_is_kept() {
    for name in ["values", "dc", "mode"] {
        let (function, _) = find(name).unwrap();
        let texts: StringArray = (0..1000).map(|i| Some(format!("{i:0>1000}"))).collect();
        let arguments = arguments(function.needs, Arc::new(texts));
        let ready = Ready::new(function, None, &arguments);
        let mut single = ready.single();
        single.update_batch(&arguments).unwrap();
        assert!(single.size() > 1_000_000, "{name}: {}", single.size());
        let mut grouped = ready.grouped();
        grouped.update_batch(&arguments, &vec![0; 1000], None, 1).unwrap();
        assert!(grouped.size() > 1_000_000, "{name}: {}", grouped.size());
        grouped.evaluate(EmitTo::All).unwrap();
        assert!(grouped.size() < 1_000, "{name}: {}", grouped.size());
    }
}

/// The result of one function over these columns, all at once.
fn result(name: &str, arguments: &[ArrayRef]) -> Json {
    let (function, number) = find(name).unwrap();
    at_once(&Ready::new(function, number, arguments), arguments)
}

#[test]
fn list_keeps_the_first_hundred_in_whatever_order_they_come() {
    let (function, _) = find("list").unwrap();
    let texts: StringArray = (0..250).map(|i| Some(i.to_string())).collect();
    let arguments = arguments(function.needs, Arc::new(texts));
    let backwards = UInt32Array::from_iter_values((0..250).rev());
    let backwards: Vec<ArrayRef> = arguments.iter().map(|a| take(a, &backwards, None).unwrap()).collect();
    let expected: Json = (0..100).map(|i| i.to_string()).collect();
    assert_eq!(result("list", &arguments), expected);
    assert_eq!(result("list", &backwards), expected);
    let ready = Ready::new(function, None, &backwards);
    assert_eq!(in_two_parts(&ready, &backwards, 120, false), expected);
    assert_eq!(in_two_parts(&ready, &backwards, 120, true), expected);
}

#[test]
fn rows_of_the_same_time_count_by_their_order_and_rows_without_time_not_at_all() {
    let second = 1_000_000;
    let time = TimestampMicrosecondArray::from(vec![Some(second), None, Some(second), None]).with_timezone("UTC");
    let order = BinaryArray::from_iter_values([[2_u8], [0], [1], [3]]);
    let arguments: Vec<ArrayRef> =
        vec![Arc::new(StringArray::from(vec!["b", "w", "a", "z"])), Arc::new(time), Arc::new(order)];
    assert_eq!(result("earliest", &arguments), json!("a"));
    assert_eq!(result("latest", &arguments), json!("b"));
    assert_eq!(result("latest_time", &arguments), json!(1));
}

#[test]
fn time_is_its_epoch_seconds() {
    let micros = vec![Some(1_795_401_382_124_000), None, Some(1_795_401_380_000_000)];
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"));
    assert_eq!(result("max", std::slice::from_ref(&time)), json!(1_795_401_382.124));
    assert_eq!(result("min", std::slice::from_ref(&time)), json!(1_795_401_380));
    assert_eq!(result("first", &arguments(RowNeed::Order, time.clone())), json!(1_795_401_382.124));
    assert_eq!(result("values", &[time]), json!(["1795401380", "1795401382.124"]));
}

#[test]
fn a_field_that_no_row_has_is_nothing() {
    for function in STATS_FUNCTIONS {
        let none: ArrayRef = Arc::new(NullArray::new(3));
        let arguments = arguments(function.needs, none);
        let result = at_once(&Ready::new(function, Some(50.0), &arguments), &arguments);
        let count = ["count", "dc", "estdc"].contains(&function.name);
        assert_eq!(result, if count { json!(0) } else { Json::Null }, "{}", function.name);
    }
}

#[test]
fn sums_that_outgrow_a_number_are_null_and_take_nothing_down() {
    let huge = column(&[json!(1e308), json!(1e308), json!(-1e308), json!(1e300)]);
    for function in STATS_FUNCTIONS {
        let arguments = arguments(function.needs, huge.clone());
        let ready = Ready::new(function, Some(50.0), &arguments);
        at_once(&ready, &arguments);
        in_two_parts(&ready, &arguments, 2, true);
    }
    for name in ["sum", "sumsq", "avg", "var", "stdevp"] {
        assert_eq!(result(name, std::slice::from_ref(&huge)), Json::Null, "{name}");
    }
}
