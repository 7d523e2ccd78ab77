//! `mvmap` and `mvfilter`: an expression over each value of a multivalue, as a higher-order function of DataFusion's.
//!
//! The body may read any column beside the value; DataFusion hands these on.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListBuilder, StringArray, StringBuilder, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, exec_err, plan_err};
use datafusion_expr::expr::{HigherOrderFunction, LambdaVariable};
use datafusion_expr::{
    ColumnarValue, Expr, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
    HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility, expr_fn,
};

use crate::function::LambdaKind;
use crate::types::{multivalue_type, text_type};

/// The name of the value in a body; the control character keeps it apart from the names of fields.
const ITEM: &str = "\u{1}value";

/// The expression that stands for the value at hand in the body given to [`lambda`]. It is text.
pub fn lambda_item() -> Expr {
    Expr::LambdaVariable(LambdaVariable::new(ITEM.to_owned(), Some(item_field())))
}

/// Applies a body to every value of a multivalue (see [`super::mv_values`]). In it, [`lambda_item`] is the value, and
/// columns are those of the row. For `Map` the body is text ([`super::to_text`]) and its results, without nulls, are
/// the new values; for `Filter` it is boolean ([`super::truth`]) and the values stay for which it is true. No value left
/// gives null.
pub fn lambda(kind: LambdaKind, list: Expr, body: Expr) -> Expr {
    let function = EachValue { kind, signature: HigherOrderSignature::any(2, Volatility::Immutable) };
    let body = expr_fn::lambda([ITEM], body);
    Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::new(HigherOrderUDF::from(function)), vec![list, body]))
}

fn item_field() -> FieldRef {
    Arc::new(Field::new(ITEM, text_type(), true))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct EachValue {
    kind: LambdaKind,
    signature: HigherOrderSignature,
}

impl HigherOrderUDFImpl for EachValue {
    fn name(&self) -> &str {
        match self.kind {
            LambdaKind::Map => "mvmap",
            LambdaKind::Filter => "mvfilter",
        }
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _step: usize,
        _fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        Ok(LambdaParametersProgress::Complete(vec![vec![item_field()]]))
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [ValueOrLambda::Value(list), ValueOrLambda::Lambda(_)] if *list.data_type() == multivalue_type() => {
                Ok(Arc::new(Field::new("", multivalue_type(), true)))
            }
            _ => plan_err!("{} takes a multivalue and an expression over its values", self.name()),
        }
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let [ValueOrLambda::Value(list), ValueOrLambda::Lambda(body)] = args.args.as_slice() else {
            return exec_err!("{} takes a multivalue and an expression over its values", self.name());
        };
        let list = list.to_array(args.number_rows)?;
        let Some(list) = list.as_list_opt::<i32>() else {
            return exec_err!("{} takes a multivalue, not {}", self.name(), list.data_type());
        };
        let (rows, places) = flatten(list);
        if places.is_empty() {
            return Ok(ColumnarValue::Array(arrow::array::new_null_array(&multivalue_type(), args.number_rows)));
        }
        let values = take(list.values(), &places, None)?;
        let result = body
            .evaluate(&[&|| Ok(Arc::clone(&values))], |captured| {
                captured.iter().map(|column| Ok(take(column, &rows, None)?)).collect()
            })?
            .into_array(places.len())?;
        Ok(ColumnarValue::Array(regroup(self.kind, args.number_rows, &rows, &values, &result)?))
    }
}

/// For every value: the row that it is in and its place among the values.
fn flatten(list: &arrow::array::ListArray) -> (UInt32Array, UInt32Array) {
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    let offsets = list.value_offsets();
    for row in (0..list.len()).filter(|row| list.is_valid(*row)) {
        for place in offsets[row]..offsets[row + 1] {
            rows.push(row as u32);
            places.push(place as u32);
        }
    }
    (rows.into(), places.into())
}

fn regroup(
    kind: LambdaKind,
    number_rows: usize,
    rows: &UInt32Array,
    values: &ArrayRef,
    result: &ArrayRef,
) -> Result<ArrayRef> {
    let (texts, keep): (&StringArray, Option<&BooleanArray>) = match kind {
        LambdaKind::Map => (text_array(result)?, None),
        LambdaKind::Filter => match result.as_boolean_opt() {
            Some(keep) => (text_array(values)?, Some(keep)),
            None => return exec_err!("the expression of mvfilter must be a condition"),
        },
    };
    let mut builder = ListBuilder::with_capacity(StringBuilder::new(), number_rows);
    let mut next = 0;
    for row in 0..number_rows {
        let mut any = false;
        while next < rows.len() && rows.value(next) as usize == row {
            let kept = keep.is_none_or(|keep| keep.is_valid(next) && keep.value(next));
            if kept && texts.is_valid(next) {
                builder.values().append_value(texts.value(next));
                any = true;
            }
            next += 1;
        }
        builder.append(any);
    }
    Ok(Arc::new(builder.finish()))
}

fn text_array(array: &ArrayRef) -> Result<&StringArray> {
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>()),
        other => exec_err!("the values of a multivalue are text, not {other}"),
    }
}
