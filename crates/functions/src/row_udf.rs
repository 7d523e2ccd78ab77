//! A DataFusion scalar UDF over a function that works row by row.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use crate::types::{Cell, Column, Output};

/// The logic of a row: reads its arguments, appends one value.
pub type Row = fn(&[Cell<'_>], &mut Output) -> Result<()>;

/// A scalar UDF that calls a [`Row`] for each row. Two are equal when their names are.
#[derive(Debug)]
pub struct RowUdf {
    name: &'static str,
    signature: Signature,
    returns: fn(&[DataType]) -> DataType,
    row: Row,
}

impl PartialEq for RowUdf {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RowUdf {}

impl Hash for RowUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl RowUdf {
    /// A UDF; `name` must be unique among all.
    pub fn new(name: &'static str, returns: fn(&[DataType]) -> DataType, row: Row, pure: bool) -> Self {
        let volatility = if pure { Volatility::Immutable } else { Volatility::Volatile };
        let signature = Signature::one_of(
            vec![datafusion_expr::TypeSignature::Nullary, datafusion_expr::TypeSignature::VariadicAny],
            volatility,
        );
        Self { name, signature, returns, row }
    }

    /// A call of it.
    pub fn call(self, arguments: Vec<Expr>) -> Expr {
        Arc::new(ScalarUDF::from(self)).call(arguments)
    }
}

impl ScalarUDFImpl for RowUdf {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        Ok((self.returns)(arg_types))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)))
            && self.signature.volatility == Volatility::Immutable;
        let rows = if constant { 1 } else { args.number_rows };
        let columns = args
            .args
            .into_iter()
            .map(|argument| match argument {
                ColumnarValue::Array(array) => Ok(Column::new(array)),
                ColumnarValue::Scalar(scalar) => Ok(Column::constant(scalar.to_array()?)),
            })
            .collect::<Result<Vec<_>>>()?;
        let mut output = Output::new(args.return_field.data_type(), rows)?;
        let mut cells = Vec::with_capacity(columns.len());
        for row in 0..rows {
            cells.clear();
            cells.extend(columns.iter().map(|column| column.cell(row)));
            (self.row)(&cells, &mut output)?;
        }
        let array = output.finish();
        if constant {
            return Ok(ColumnarValue::Scalar(datafusion_common::ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}
