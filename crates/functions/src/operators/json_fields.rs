//! Many fields from one JSON text, which is read once for all of them: what `spath` needs for several paths.

use std::sync::Arc;

use arrow::array::{AsArray, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion_common::{Result, ScalarValue, exec_err, plan_err};
use datafusion_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use dogwatch_json::{Json, path};

use crate::types::{Column, Output, multivalue_type};

/// What each path leads to in a JSON text: a struct with a multivalue a path, for [`json_field`].
pub fn json_fields(text: Expr, paths: &[String]) -> Expr {
    let mut arguments = vec![text];
    arguments.extend(paths.iter().map(|path| lit(path.as_str())));
    Arc::new(ScalarUDF::from(JsonFields::default())).call(arguments)
}

/// The multivalue that the path with this number leads to, in what [`json_fields`] gave.
pub fn json_field(fields: Expr, number: usize) -> Expr {
    Arc::new(ScalarUDF::from(JsonField::default())).call(vec![fields, lit(number as u64)])
}

/// Both functions, for the registry.
pub fn json_functions() -> [ScalarUDF; 2] {
    [ScalarUDF::from(JsonFields::default()), ScalarUDF::from(JsonField::default())]
}

/// The fields of the struct, named by their number: a path can be any text.
fn members(paths: usize) -> Fields {
    (0..paths).map(|number| Arc::new(Field::new(number.to_string(), multivalue_type(), true))).collect()
}

/// Reads the text and gives the struct. Arguments: the text, and the paths as literals.
#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonFields {
    signature: Signature,
}

impl Default for JsonFields {
    fn default() -> Self {
        Self { signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonFields {
    fn name(&self) -> &str {
        "spl_json_fields"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(members(arguments.len().saturating_sub(1))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [text, paths @ ..] = args.args.as_slice() else { return exec_err!("spl_json_fields needs a text") };
        let mut names = Vec::with_capacity(paths.len());
        for path in paths {
            let ColumnarValue::Scalar(ScalarValue::Utf8(Some(path))) = path else {
                return exec_err!("the paths of spl_json_fields are literals");
            };
            names.push(path.as_str());
        }
        let steps: Vec<_> = names.iter().map(|name| path::parse(name)).collect();
        let column = match text {
            ColumnarValue::Array(array) => Column::new(Arc::clone(array)),
            ColumnarValue::Scalar(scalar) => Column::constant(scalar.to_array()?),
        };
        let rows = args.number_rows;
        let outputs = steps.iter().map(|_| Output::new(&multivalue_type(), rows)).collect::<Result<Vec<_>>>();
        let mut outputs = outputs?;
        for row in 0..rows {
            let cell = column.cell(row);
            let values = cell.values();
            let texts: Vec<_> = values.iter().map(|value| value.text()).collect();
            let read: Vec<_> = texts.iter().filter_map(|text| Json::parse(text)).collect();
            for (steps, output) in steps.iter().zip(&mut outputs) {
                let Some(steps) = steps else {
                    output.null();
                    continue;
                };
                let found = read.iter().flat_map(|json| path::follow(json, steps));
                output.multi(found.filter_map(Json::field_text));
            }
        }
        let arrays = outputs.into_iter().map(Output::finish).collect();
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new_with_length(members(paths.len()), arrays, None, rows)?)))
    }
}

/// Takes one multivalue out of the struct. Arguments: the struct, and the number as a literal.
#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonField {
    signature: Signature,
}

impl Default for JsonField {
    fn default() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonField {
    fn name(&self) -> &str {
        "spl_json_field"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(multivalue_type())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [fields, _] if matches!(fields.data_type(), DataType::Struct(_)) => {
                Ok(Arc::new(Field::new(self.name(), multivalue_type(), true)))
            }
            _ => plan_err!("spl_json_field takes what spl_json_fields gives"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [fields, ColumnarValue::Scalar(ScalarValue::UInt64(Some(number)))] = args.args.as_slice() else {
            return exec_err!("the number of spl_json_field is a literal");
        };
        let fields = fields.to_array(args.number_rows)?;
        let column = fields.as_struct_opt().and_then(|fields| fields.columns().get(*number as usize));
        match column {
            Some(column) => Ok(ColumnarValue::Array(Arc::clone(column))),
            None => exec_err!("spl_json_fields gave no field {number}"),
        }
    }
}
