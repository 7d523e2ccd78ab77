//! Parameters of functions: literal arguments that are read once per batch.

use std::sync::Arc;

use arrow::array::{Array, AsArray, ListBuilder, StringArray, StringBuilder};
use datafusion_common::{Result, ScalarValue, exec_err};
use datafusion_expr::ColumnarValue;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Literal;

/// Several texts as one list literal. Unlike a text literal, it is shared when a plan is copied.
pub(crate) fn list(texts: impl IntoIterator<Item = Option<String>>) -> ScalarValue {
    let mut builder = ListBuilder::new(StringBuilder::new());
    texts.into_iter().for_each(|text| builder.values().append_option(text));
    builder.append(true);
    ScalarValue::List(Arc::new(builder.finish()))
}

/// The texts of a literal of [`list`].
pub(crate) fn texts(value: &ScalarValue) -> Result<Vec<Option<String>>> {
    Ok(strings(value)?.iter().map(|text| text.map(str::to_owned)).collect())
}

/// The column of the texts of a literal of [`list`].
pub(crate) fn strings(value: &ScalarValue) -> Result<StringArray> {
    match value {
        ScalarValue::List(list) if list.len() == 1 && list.is_valid(0) => match list.value(0).as_string_opt::<i32>() {
            Some(strings) => Ok(strings.clone()),
            None => exec_err!("a parameter must be a list of texts, not {}", list.data_type()),
        },
        other => exec_err!("a parameter must be a list of texts, not {}", other.data_type()),
    }
}

/// The parameter at an index of the arguments of a scalar function.
pub(crate) fn parameter(arguments: &[ColumnarValue], at: usize) -> Result<&ScalarValue> {
    match arguments.get(at) {
        Some(ColumnarValue::Scalar(value)) => Ok(value),
        _ => exec_err!("argument {} must be a literal", at + 1),
    }
}

/// A text among them.
pub(crate) fn text(arguments: &[ColumnarValue], at: usize) -> Result<&str> {
    match parameter(arguments, at)? {
        ScalarValue::Utf8(Some(text)) => Ok(text),
        other => exec_err!("argument {} must be a text, not {}", at + 1, other.data_type()),
    }
}

/// A boolean among them.
pub(crate) fn flag(arguments: &[ColumnarValue], at: usize) -> Result<bool> {
    match parameter(arguments, at)? {
        ScalarValue::Boolean(Some(flag)) => Ok(*flag),
        other => exec_err!("argument {} must be true or false, not {}", at + 1, other.data_type()),
    }
}

/// The value of a text literal among the arguments of a window function or an aggregate.
pub(crate) fn text_of(argument: Option<&Arc<dyn PhysicalExpr>>) -> Option<&str> {
    match argument.and_then(|argument| argument.downcast_ref::<Literal>()).map(Literal::value) {
        Some(ScalarValue::Utf8(Some(text))) => Some(text),
        _ => None,
    }
}
