//! Extracts several fields from one JSON text, which is parsed once for all of them: for `spath` with several paths.

use std::sync::Arc;

use arrow::array::StructArray;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};
use dogwatch_json::{Json, path};

use crate::types::{Column, Output, multivalue_type};

/// The values at each path of a JSON text: a struct with one multivalue per path, for [`super::struct_field`].
pub fn json_fields(text: Expr, paths: &[String]) -> Expr {
    let mut arguments = vec![text];
    arguments.extend(paths.iter().map(|path| lit(path.as_str())));
    Arc::new(ScalarUDF::from(JsonFields::default())).call(arguments)
}

/// The function, for the registry.
pub fn json_fields_function() -> ScalarUDF {
    ScalarUDF::from(JsonFields::default())
}

/// The fields of the struct, named by number, because a path can be any text.
fn members(paths: usize) -> Fields {
    (0..paths).map(|number| Arc::new(Field::new(number.to_string(), multivalue_type(), true))).collect()
}

/// Parses the text and returns the struct. Arguments: the text, and the paths as literals.
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
