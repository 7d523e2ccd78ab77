//! The operators and the functions that become expressions, run by DataFusion over a small table.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, new_null_array};
use arrow::array::{BooleanArray, TimestampMicrosecondArray};
use arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, ident, lit};
use dogwatch_predicate::Pattern;

use super::*;
use crate::function::{Implementation, LambdaKind};
use crate::types::{bool_type, cell, multivalue_type, number_type, text_type, time_type};

/// Three rows: `t` text, `n` a number, `mv` a multivalue, `at` a time, `b` a boolean, `nil` nothing.
fn table() -> RecordBatch {
    let mut values = ListBuilder::new(StringBuilder::new());
    values.values().append_value("al");
    values.values().append_value("bo");
    values.append(true);
    values.append(false);
    values.values().append_value("cy");
    values.append(true);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("t", Arc::new(StringArray::from(vec![Some("10"), Some("x"), None]))),
        ("n", Arc::new(Float64Array::from(vec![Some(2.0), Some(0.0), None]))),
        ("mv", Arc::new(values.finish())),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_500_000, 2_000_000, 0]).with_timezone("UTC"))),
        ("b", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("nil", new_null_array(&DataType::Null, 3)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

async fn column(expression: Expr) -> ArrayRef {
    let context = SessionContext::new();
    let frame = context.read_batch(table()).unwrap().select(vec![expression.alias("out")]).unwrap();
    let batches = frame.collect().await.unwrap();
    let schema = batches[0].schema();
    Arc::clone(arrow::compute::concat_batches(&schema, &batches).unwrap().column(0))
}

/// The values of an expression in the three rows, several values of one row with `|` between.
async fn values(expression: Expr) -> Vec<String> {
    let column = column(expression).await;
    (0..column.len())
        .map(|row| {
            let texts: Vec<_> = cell(&column, row).values().iter().map(|v| v.text().into_owned()).collect();
            if texts.is_empty() { "null".to_owned() } else { texts.join("|") }
        })
        .collect()
}

fn arguments(names: &[&str]) -> (Vec<Expr>, Vec<DataType>) {
    let batch = table();
    let types = names.iter().map(|name| batch.schema().field_with_name(name).unwrap().data_type().clone());
    (names.iter().map(|name| ident(*name)).collect(), types.collect())
}

fn function(name: &str, arguments: Vec<Expr>, types: &[DataType]) -> Expr {
    match crate::eval::find(name).unwrap().implementation {
        Implementation::Expression(make) => make(arguments, types).unwrap(),
        Implementation::Rows { .. } => crate::eval::scalar(name).unwrap().call(arguments),
        Implementation::Lambda(_) => panic!("{name} needs a body"),
    }
}

#[tokio::test]
async fn a_body_reads_the_value_and_other_columns() {
    let body = concat(vec![lambda_item(0), lit("-"), ident("t")]);
    assert_eq!(
        values(lambda(LambdaKind::Map, ident("mv"), body, &lambda_item(0)).unwrap()).await,
        ["al-10|bo-10", "null", "null"]
    );
    let body = compare(Comparison::NotEqual, lambda_item(0), &text_type(), lit("al"), &text_type());
    assert_eq!(
        values(lambda(LambdaKind::Filter, ident("mv"), body, &lambda_item(0)).unwrap()).await,
        ["bo", "null", "cy"]
    );
    let none = lambda(LambdaKind::Filter, ident("mv"), lit(false), &lambda_item(0)).unwrap();
    assert_eq!(values(none).await, ["null", "null", "null"]);
    let single = mv_values(ident("t"), &text_type());
    assert_eq!(
        values(lambda(LambdaKind::Map, single, lit("same"), &lambda_item(0)).unwrap()).await,
        ["same", "same", "null"]
    );
}

#[tokio::test]
async fn comparisons_go_by_type_and_value() {
    let with = |op, left: &str, left_type: DataType, right: Expr, right_type: DataType| {
        values(compare(op, ident(left), &left_type, right, &right_type))
    };
    assert_eq!(with(Comparison::Greater, "t", text_type(), lit(9.0), number_type()).await, ["True", "True", "null"]);
    assert_eq!(with(Comparison::Less, "at", time_type(), lit(1.8), number_type()).await, ["True", "False", "True"]);
    assert_eq!(
        with(Comparison::Equal, "mv", multivalue_type(), lit("bo"), text_type()).await,
        ["True", "null", "False"]
    );
    assert_eq!(with(Comparison::Equal, "b", bool_type(), lit("true"), text_type()).await, ["True", "False", "null"]);
    assert_eq!(with(Comparison::Equal, "nil", DataType::Null, lit("x"), text_type()).await, ["null", "null", "null"]);
}

#[tokio::test]
async fn arithmetic_gives_null_where_it_has_no_value() {
    let with = |op, left: Expr, left_type: DataType, right: &str, right_type: DataType| {
        values(arithmetic(op, left, &left_type, ident(right), &right_type))
    };
    assert_eq!(with(Arithmetic::Divide, lit(1.0), number_type(), "n", number_type()).await, ["0.5", "null", "null"]);
    assert_eq!(with(Arithmetic::Modulo, lit(1.0), number_type(), "n", number_type()).await, ["1", "null", "null"]);
    assert_eq!(with(Arithmetic::Add, lit(1.0), number_type(), "t", text_type()).await, ["11", "null", "null"]);
    assert_eq!(with(Arithmetic::Add, lit("a"), text_type(), "t", text_type()).await, ["a10", "ax", "null"]);
    assert_eq!(with(Arithmetic::Subtract, lit(3.0), number_type(), "at", time_type()).await, ["1.5", "1", "3"]);
    assert_eq!(with(Arithmetic::Multiply, lit(-1.0), number_type(), "n", number_type()).await, ["-2", "0", "null"]);
    assert_eq!(values(negate(ident("t"), &text_type())).await, ["-10", "null", "null"]);
}

#[tokio::test]
async fn null_stays_null_in_logic_and_never_is_in_a_search() {
    assert_eq!(values(not(ident("b"))).await, ["False", "True", "null"]);
    assert_eq!(values(xor(ident("b"), lit(true))).await, ["False", "True", "null"]);
    assert_eq!(values(truth(ident("t"), &text_type())).await, ["null", "null", "null"]);
    let equal = search_equal(ident("t"), &Pattern::literal("X"));
    assert_eq!(values(not(equal)).await, ["True", "False", "True"]);
    let unequal = search_not_equal(ident("t"), &Pattern::literal("X"));
    assert_eq!(values(unequal).await, ["True", "False", "False"]);
    assert_eq!(values(search_exists(ident("mv"))).await, ["True", "False", "True"]);
    let less = search_compare(Comparison::Less, ident("t"), "9");
    assert_eq!(values(less).await, ["False", "False", "False"]);
}

#[tokio::test]
async fn branches_come_to_one_type() {
    let (mut list, mut types) = arguments(&["b", "n", "t"]);
    assert_eq!(values(function("if", list.clone(), &types)).await, ["2", "x", "null"]);
    list.truncate(2);
    types.truncate(2);
    assert_eq!(values(function("case", list, &types)).await, ["2", "null", "null"]);
    let (list, types) = arguments(&["nil", "mv", "t"]);
    assert_eq!(values(function("coalesce", list, &types)).await, ["al|bo", "x", "cy"]);
    let (list, types) = arguments(&["nil"]);
    assert_eq!(values(function("coalesce", list.clone(), &types)).await, ["null", "null", "null"]);
    assert_eq!(values(function("isnull", list, &types)).await, ["True", "True", "True"]);
    let (list, types) = arguments(&["b", "t"]);
    assert_eq!(values(function("validate", list, &types)).await, ["null", "x", "null"]);
    let (mut list, mut types) = arguments(&["t"]);
    list.push(lit("x"));
    types.push(text_type());
    assert_eq!(values(function("nullif", list, &types)).await, ["10", "null", "null"]);
}

#[tokio::test]
async fn types_have_names() {
    for (name, expected) in [
        ("t", ["Number", "String", "Invalid"]),
        ("n", ["Number", "Number", "Invalid"]),
        ("mv", ["Multivalue", "Invalid", "String"]),
        ("b", ["Boolean", "Boolean", "Invalid"]),
        ("nil", ["Invalid", "Invalid", "Invalid"]),
    ] {
        let (list, types) = arguments(&[name]);
        assert_eq!(values(function("typeof", list, &types)).await, expected, "{name}");
    }
    assert_eq!(values(function("typeof", vec![lit("12")], &[text_type()])).await, ["String"; 3]);
}

#[tokio::test]
async fn values_convert() {
    assert_eq!(values(to_number(ident("t"), &text_type())).await, ["10", "null", "null"]);
    assert_eq!(values(to_text(ident("b"), &bool_type())).await, ["True", "False", "null"]);
    assert_eq!(values(mv_values(ident("n"), &number_type())).await, ["2", "0", "null"]);
    assert_eq!(column(as_time(ident("n"), &number_type())).await.data_type(), &time_type());
    assert_eq!(values(as_time(ident("n"), &number_type())).await, ["2", "0", "null"]);
    for to in [text_type(), number_type(), multivalue_type(), time_type(), bool_type()] {
        let converted = column(unify_to(ident("nil"), &DataType::Null, &to)).await;
        assert_eq!((converted.data_type(), converted.null_count()), (&to, 3));
    }
    assert_eq!(values(to_number(lit(ScalarValue::Int64(Some(7))), &DataType::Int64)).await, ["7"; 3]);
}

#[tokio::test]
async fn keys_sort_rows() {
    let context = SessionContext::new();
    let sorted = async |key: Expr| {
        let frame = context.read_batch(table()).unwrap().sort(vec![key.sort(true, false)]).unwrap();
        let batches = frame.select(vec![ident("n")]).unwrap().collect().await.unwrap();
        let all = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        (0..3).map(|row| cell(all.column(0), row).number()).collect::<Vec<_>>()
    };
    let key = |descending| sort_key(SortKind::Auto, ident("n"), descending);
    assert_eq!(sorted(order_key(vec![key(false)])).await, [Some(0.0), Some(2.0), None]);
    assert_eq!(sorted(order_key(vec![key(true)])).await, [Some(2.0), Some(0.0), None]);
    assert_eq!(sorted(invert_order(prefix_order(1, key(false)))).await, [None, Some(2.0), Some(0.0)]);
    let number = number_order(lit(ScalarValue::UInt64(Some(1))));
    assert_eq!(sorted(order_key(vec![number, key(true)])).await, [Some(2.0), Some(0.0), None]);
}
