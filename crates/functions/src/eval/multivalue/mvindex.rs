//! `mvindex`: one value of a multivalue, or a range of values.

use arrow::datatypes::DataType;
use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type, text_type};

/// `mvindex(<mv>, <start>, <end>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvindex",
    aliases: &[],
    family: "multivalue",
    usage: "mvindex(<mv>, <start>, <end>)",
    parameters: &[
        Parameter::required("mv", ParameterKind::Any),
        Parameter::required("start", ParameterKind::Number),
        Parameter::optional("end", ParameterKind::Number),
    ],
    repeats: 0,
    summary: "One value of a multivalue, or those from one place to another.",
    details: "Places count from 0, negative ones from the end: -1 is the last. Null if there is nothing at the place.",
    source: "Search Reference: Multivalue eval functions, mvindex()",
    examples: &[
        Example { expression: r#"mvindex(split("a,b,c", ","), 0)"#, given: "", result: r#""a""# },
        Example { expression: r#"mvindex(split("a,b,c", ","), -1)"#, given: "", result: r#""c""# },
        Example { expression: r#"mvindex(split("a,b,c", ","), -2, -1)"#, given: "", result: r#"["b","c"]"# },
        Example { expression: r#"mvindex(split("a,b", ","), 5)"#, given: "", result: "null" },
    ],
    implementation: Implementation::Rows { returns, row, pure: true },
};

fn returns(types: &[DataType]) -> DataType {
    if types.len() > 2 { multivalue_type() } else { text_type() }
}

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let values = arguments[0].values();
    let place = |cell: &Cell<'_>| {
        let place = cell.number().filter(|place| place.fract() == 0.0)?;
        Some(if place < 0.0 { place + values.len() as f64 } else { place })
    };
    match (place(&arguments[1]), arguments.get(2).map(place)) {
        (Some(start), None) if start >= 0.0 => match values.get(start as usize) {
            Some(value) => output.value(*value),
            None => output.null(),
        },
        (Some(start), Some(Some(end))) if start >= 0.0 && end >= start => {
            let last = (end as usize).min(values.len().saturating_sub(1));
            let part = values.get(start as usize..=last).unwrap_or_default();
            output.multi(part.iter().map(|value| value.text()));
        }
        _ => output.null(),
    }
    Ok(())
}
