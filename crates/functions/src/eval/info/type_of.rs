//! `typeof`: the name of a value's type.

use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue, plan_err};
use datafusion_expr::{Expr, lit};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::row_udf::RowFunction;
use crate::types::{Cell, Output, Value, text_type};

/// `typeof(<value>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "typeof",
    aliases: &[],
    family: "info",
    usage: "typeof(<value>)",
    parameters: &[Parameter::required("value", ParameterKind::Any)],
    repeats: 0,
    summary: "The name of a value's type.",
    details: "`Number`, `String`, `Boolean`, `Multivalue`, or `Invalid` for null. A field with text that spells a number is a number.",
    source: "Search Reference: Informational functions, typeof()",
    examples: &[
        Example { expression: "typeof(12)", given: "", result: r#""Number""# },
        Example { expression: r#"typeof("string")"#, given: "", result: r#""String""# },
        Example { expression: "typeof(1=2)", given: "", result: r#""Boolean""# },
        Example { expression: "typeof(badfield)", given: "", result: r#""Invalid""# },
    ],
    implementation: Implementation::Expression(make),
};

/// The name of a value's type, as a scalar function.
pub static TYPE_OF: RowFunction = RowFunction::new("eval_typeof", |_| text_type(), row);

fn make(arguments: Vec<Expr>, types: &[DataType]) -> Result<Expr> {
    match (arguments.into_iter().next(), types) {
        (Some(Expr::Literal(ScalarValue::Utf8(Some(_)), _)), _) => Ok(lit("String")),
        (Some(value), [_]) => Ok(TYPE_OF.call(vec![value])),
        _ => plan_err!("typeof takes one argument"),
    }
}

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    output.text(match (&arguments[0], arguments[0].single()) {
        (Cell::Null, _) => "Invalid",
        (Cell::Multi(..), None) => "Multivalue",
        (_, Some(Value::Bool(_))) => "Boolean",
        (cell, _) if cell.number().is_some() => "Number",
        _ => "String",
    });
    Ok(())
}
