//! A member of a struct by its number: turns several results of one function into columns.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, ScalarValue, exec_err, internal_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

/// The member with this number, from 0 on.
pub fn struct_field(of: Expr, number: usize) -> Expr {
    Arc::new(ScalarUDF::from(StructField::default())).call(vec![of, lit(number as u64)])
}

/// The function, for the registry.
pub fn struct_field_function() -> ScalarUDF {
    ScalarUDF::from(StructField::default())
}

/// Arguments: the struct, and the number as a literal.
#[derive(Debug, PartialEq, Eq, Hash)]
struct StructField {
    signature: Signature,
}

impl Default for StructField {
    fn default() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for StructField {
    fn name(&self) -> &str {
        "spl_struct_field"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of a member depends on its number")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let number = match args.scalar_arguments {
            [_, Some(ScalarValue::UInt64(Some(number)))] => usize::try_from(*number).ok(),
            _ => None,
        };
        let member = args.arg_fields.first().and_then(|of| match of.data_type() {
            DataType::Struct(members) => members.get(number?),
            _ => None,
        });
        match member {
            Some(member) => Ok(Arc::new(Field::new(self.name(), member.data_type().clone(), true))),
            None => plan_err!("{} takes a struct and the number of a member", self.name()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of, ColumnarValue::Scalar(ScalarValue::UInt64(Some(number)))] = args.args.as_slice() else {
            return exec_err!("the number of {} is a literal", self.name());
        };
        let of = of.to_array(args.number_rows)?;
        let member = of.as_struct_opt().and_then(|of| of.columns().get(usize::try_from(*number).ok()?));
        match member {
            Some(member) => Ok(ColumnarValue::Array(Arc::clone(member))),
            None => exec_err!("the struct has no member {number}"),
        }
    }
}
