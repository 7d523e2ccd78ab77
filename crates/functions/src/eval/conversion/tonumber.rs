//! `tonumber`: a text parsed as a number.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `tonumber(<str>, <base>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "tonumber",
    aliases: &[],
    family: "conversion",
    usage: "tonumber(<str>, <base>)",
    parameters: &[Parameter::required("str", ParameterKind::Text), Parameter::optional("base", ParameterKind::Number)],
    repeats: 0,
    summary: "The number that a text spells.",
    details: "In base 10 if none from 2 to 36 is given. Null for what spells no number, and so for a number between spaces.",
    source: "Search Reference: Conversion functions, tonumber()",
    examples: &[
        Example { expression: r#"tonumber("0A4", 16)"#, given: "", result: "164" },
        Example { expression: r#"tonumber(" 21 ")"#, given: "", result: "null" },
        Example { expression: r#"tonumber("1e3")"#, given: "", result: "1000" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let base = match arguments.get(1) {
        None => Some(10.0),
        Some(base) => base.number(),
    };
    let number = match base {
        Some(10.0) => arguments[0].number(),
        Some(base) if base.fract() == 0.0 && (2.0..=36.0).contains(&base) => {
            arguments[0].text().and_then(|text| in_base(&text, base as u32))
        }
        _ => None,
    };
    match number {
        Some(number) => output.number(number),
        None => output.null(),
    }
    Ok(())
}

fn in_base(text: &str, base: u32) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let digits = if base == 16 { digits.strip_prefix("0x").unwrap_or(digits) } else { digits };
    if digits.starts_with('+') {
        return None;
    }
    u64::from_str_radix(digits, base).ok().map(|number| sign * number as f64)
}
