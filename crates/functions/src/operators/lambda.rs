//! `mvmap` and `mvfilter`: an expression over each value of a multivalue.
//!
//! A scalar function of the multivalue, the expression as text ([`crate::body`]), and the columns and other outside
//! values that it reads. DataFusion has higher-order functions, but numbers the values of a body among the columns of a
//! batch, and its rewrites of `CASE` and of projections get this numbering wrong; a function with plain arguments
//! survives them.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListBuilder, RecordBatch, StringArray, StringBuilder, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{Column, Result, exec_err};
use datafusion_expr::expr::LambdaVariable;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};
use datafusion_physical_expr::PhysicalExpr;

use crate::function::LambdaKind;
use crate::types::{multivalue_type, text_type};
use crate::{body, literals};

/// The name of the value in a body; the control character avoids clashes with field names.
const ITEM: &str = "\u{1}value";

/// The expression for the current value in the body passed to [`lambda`]. Its type is text. Bodies in bodies have different
/// levels, so that the inner one can read the value of the outer.
pub fn lambda_item(level: usize) -> Expr {
    let name = format!("{ITEM}{level}");
    let field = Arc::new(Field::new(&name, text_type(), true));
    Expr::LambdaVariable(LambdaVariable::new(name, Some(field)))
}

/// Applies a body to every value of a multivalue (see [`super::mv_values`]). In it, `item`, a [`lambda_item`], is the
/// value, and columns are those of the row. For `Map` the body is text ([`super::to_text`]) and its results, without nulls, are
/// the new values; for `Filter` it is boolean ([`super::truth`]) and the values for which it is true are kept. If no
/// value is left, the result is null.
///
/// # Errors
/// If the body has parts that expressions of SPL do not become.
pub fn lambda(kind: LambdaKind, list: Expr, body: Expr, item: &Expr) -> Result<Expr> {
    let mut captured: Vec<Expr> = Vec::new();
    let body = body.transform(|part| {
        Ok(match part {
            value if value == *item => Transformed::yes(Expr::Column(Column::new_unqualified(ITEM))),
            outside if matches!(outside, Expr::LambdaVariable(_)) || body::is_from_outside(&outside) => {
                let known = captured.iter().position(|known| *known == outside).unwrap_or_else(|| {
                    captured.push(outside);
                    captured.len() - 1
                });
                Transformed::yes(Expr::Column(Column::new_unqualified(captured_name(known))))
            }
            other => Transformed::no(other),
        })
    })?;
    let body = lit(body::encode(&body.data)?);
    let function = match kind {
        LambdaKind::Map => &MAP,
        LambdaKind::Filter => &FILTER,
    };
    Ok(function.call([list, body].into_iter().chain(captured).collect()))
}

/// The place of the argument of a function that is a body as text, if it is one of these.
pub fn body_argument(function: &str) -> Option<usize> {
    [&MAP, &FILTER].iter().any(|lambda| lambda.name() == function).then_some(1)
}

static MAP: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| EachValue::udf(LambdaKind::Map));
static FILTER: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| EachValue::udf(LambdaKind::Filter));

/// The scalar functions of this file.
pub(super) fn scalars() -> [Arc<ScalarUDF>; 2] {
    [Arc::clone(&MAP), Arc::clone(&FILTER)]
}

/// The name in the body of a value read from outside.
fn captured_name(number: usize) -> String {
    format!("\u{1}{number}")
}

/// The scalar function. Its arguments are the multivalue, the body, and the columns that the body reads.
#[derive(Debug, PartialEq, Eq, Hash)]
struct EachValue {
    kind: LambdaKind,
    signature: Signature,
}

impl EachValue {
    fn udf(kind: LambdaKind) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Self { kind, signature: Signature::variadic_any(Volatility::Immutable) }))
    }
}

/// A body, the columns that it reads, and its expression.
type Planned = (String, SchemaRef, Arc<dyn PhysicalExpr>);

/// Number of bodies whose expressions are cached. Few plans have more; the expressions beyond are planned for every
/// batch.
const KEPT: usize = 64;

/// The bodies that ran last.
static LAST: Mutex<VecDeque<Planned>> = Mutex::new(VecDeque::new());

/// The body over columns, and the expression that it is.
fn planned(text: &str, schema: Schema) -> Result<(SchemaRef, Arc<dyn PhysicalExpr>)> {
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |known: &&Planned| known.0 == text && known.1.as_ref() == &schema;
    if let Some((_, schema, expr)) = last().iter().find(same) {
        return Ok((Arc::clone(schema), Arc::clone(expr)));
    }
    let expr = body::plan(text, &schema)?;
    let schema = Arc::new(schema);
    let mut last = last();
    last.truncate(KEPT - 1);
    last.push_front((text.to_owned(), Arc::clone(&schema), Arc::clone(&expr)));
    Ok((schema, expr))
}

impl ScalarUDFImpl for EachValue {
    fn name(&self) -> &str {
        match self.kind {
            LambdaKind::Map => "eval_mvmap",
            LambdaKind::Filter => "eval_mvfilter",
        }
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(crate::row_udf::call_name(self.name(), args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(multivalue_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [list, _, captured @ ..] = args.args.as_slice() else {
            return exec_err!("{} takes a multivalue and an expression over its values", self.name());
        };
        let body = literals::text(&args.args, 1)?;
        let list = list.to_array(args.number_rows)?;
        let Some(list) = list.as_list_opt::<i32>() else {
            return exec_err!("{} takes a multivalue, not {}", self.name(), list.data_type());
        };
        let (rows, places) = flatten(list);
        if places.is_empty() {
            return Ok(ColumnarValue::Array(arrow::array::new_null_array(&multivalue_type(), args.number_rows)));
        }
        let values = take(list.values(), &places, None)?;
        let mut fields = vec![Field::new(ITEM, text_type(), true)];
        let mut columns = vec![Arc::clone(&values)];
        for (number, column) in captured.iter().enumerate() {
            let column = take(&column.to_array(args.number_rows)?, &rows, None)?;
            fields.push(Field::new(captured_name(number), column.data_type().clone(), true));
            columns.push(column);
        }
        let (schema, body) = planned(body, Schema::new(fields))?;
        let result = body.evaluate(&RecordBatch::try_new(schema, columns)?)?.into_array(places.len())?;
        Ok(ColumnarValue::Array(regroup(self.kind, args.number_rows, &rows, &values, &result)?))
    }
}

/// The row of every value, and its index among the values.
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
