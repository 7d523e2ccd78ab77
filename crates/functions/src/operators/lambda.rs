//! `mvmap` and `mvfilter`: an expression over each value of a multivalue.
//!
//! A scalar function of the multivalue and of the columns that the body reads. DataFusion has higher-order functions, but
//! numbers the values of a body among the columns of a batch, and its rewrites of `CASE` and of projections lose count;
//! a function with plain arguments survives them.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListBuilder, RecordBatch, StringArray, StringBuilder, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_common::{Column, DFSchema, Result, exec_err};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::expr::LambdaVariable;
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};

use crate::function::LambdaKind;
use crate::types::{multivalue_type, text_type};

/// The name of the value in a body; the control character keeps it apart from the names of fields.
const ITEM: &str = "\u{1}value";

/// The expression that stands for the value at hand in the body given to [`lambda`]. It is text.
pub fn lambda_item() -> Expr {
    let field = Arc::new(Field::new(ITEM, text_type(), true));
    Expr::LambdaVariable(LambdaVariable::new(ITEM.to_owned(), Some(field)))
}

/// Applies a body to every value of a multivalue (see [`super::mv_values`]). In it, [`lambda_item`] is the value, and
/// columns are those of the row. For `Map` the body is text ([`super::to_text`]) and its results, without nulls, are
/// the new values; for `Filter` it is boolean ([`super::truth`]) and the values stay for which it is true. No value left
/// gives null.
///
/// # Errors
/// None that an expression could cause; DataFusion's walk over one can fail in general.
pub fn lambda(kind: LambdaKind, list: Expr, body: Expr) -> Result<Expr> {
    let mut captured: Vec<Column> = Vec::new();
    let body = body.transform(|part| {
        Ok(match part {
            Expr::LambdaVariable(_) => Transformed::yes(Expr::Column(Column::new_unqualified(ITEM))),
            Expr::Column(column) => {
                let known = captured.iter().position(|known| *known == column).unwrap_or_else(|| {
                    captured.push(column);
                    captured.len() - 1
                });
                Transformed::yes(Expr::Column(Column::new_unqualified(captured_name(known))))
            }
            other => Transformed::no(other),
        })
    })?;
    let signature = Signature::variadic_any(Volatility::Immutable);
    let function = EachValue { kind, body: body.data, planned: OnceLock::new(), signature };
    let arguments = std::iter::once(list).chain(captured.into_iter().map(Expr::Column)).collect();
    Ok(Arc::new(ScalarUDF::from(function)).call(arguments))
}

/// What a column that the body reads is called in it.
fn captured_name(number: usize) -> String {
    format!("\u{1}{number}")
}

#[derive(Debug)]
struct EachValue {
    kind: LambdaKind,
    /// Over the value and the captured columns.
    body: Expr,
    /// The body as it runs, made when the types of the captured columns are known.
    planned: OnceLock<Arc<dyn PhysicalExpr>>,
    signature: Signature,
}

impl PartialEq for EachValue {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.body == other.body
    }
}

impl Eq for EachValue {}

impl Hash for EachValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.body.hash(state);
    }
}

impl EachValue {
    fn planned(&self, schema: &Arc<Schema>) -> Result<&Arc<dyn PhysicalExpr>> {
        if let Some(planned) = self.planned.get() {
            return Ok(planned);
        }
        let known = DFSchema::try_from(schema.as_ref().clone())?;
        let context = PhysicalPlanningContext::default();
        let planned = create_physical_expr(&self.body, &known, &ExecutionProps::new(), &context)?;
        Ok(self.planned.get_or_init(|| planned))
    }
}

impl ScalarUDFImpl for EachValue {
    fn name(&self) -> &str {
        match self.kind {
            LambdaKind::Map => "mvmap",
            LambdaKind::Filter => "mvfilter",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(multivalue_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((list, captured)) = args.args.split_first() else {
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
        let mut fields = vec![Field::new(ITEM, text_type(), true)];
        let mut columns = vec![Arc::clone(&values)];
        for (number, column) in captured.iter().enumerate() {
            let column = take(&column.to_array(args.number_rows)?, &rows, None)?;
            fields.push(Field::new(captured_name(number), column.data_type().clone(), true));
            columns.push(column);
        }
        let schema = Arc::new(Schema::new(fields));
        let body = self.planned(&schema)?;
        let result = body.evaluate(&RecordBatch::try_new(schema, columns)?)?.into_array(places.len())?;
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
