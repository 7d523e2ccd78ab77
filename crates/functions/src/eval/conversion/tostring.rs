//! `tostring`: a value as text.

use arrow::datatypes::DataType;
use datafusion_common::Result;

use super::number_text::with_commas;
use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, is_multivalue, multivalue_type, text_type};

/// `tostring(<value>, <format>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "tostring",
    aliases: &[],
    family: "conversion",
    usage: "tostring(<value>, <format>)",
    parameters: &[Parameter::required("value", ParameterKind::Any), Parameter::optional("format", ParameterKind::Text)],
    repeats: 0,
    summary: "A value as text.",
    details: r#"A number prints with the digits it needs, a boolean as `True` or `False`. The format is for numbers: `"binary"`, `"hex"`, `"commas"` (thousands, and two decimal places if there is a fraction), `"duration"` (seconds as HH:MM:SS, with `D+` before it from a day on)."#,
    source: "Search Reference: Conversion functions, tostring()",
    examples: &[
        Example { expression: r#"tostring(3661, "duration")"#, given: "", result: r#""01:01:01""# },
        Example { expression: r#"tostring(1000000.1278, "commas")"#, given: "", result: r#""1,000,000.13""# },
        Example { expression: r#"tostring(15, "hex")"#, given: "", result: r#""0xF""# },
        Example { expression: r#"tostring(9, "binary")"#, given: "", result: r#""1001""# },
        Example { expression: "tostring(1=1)", given: "", result: r#""True""# },
    ],
    implementation: Implementation::Rows { returns, row, pure: true },
};

fn returns(types: &[DataType]) -> DataType {
    if types.first().is_some_and(is_multivalue) { multivalue_type() } else { text_type() }
}

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let form = match arguments.get(1) {
        None => None,
        Some(form) => form.text(),
    };
    match (form, arguments[0].number()) {
        (Some(form), Some(number)) => match formatted(number, &form) {
            Some(text) => output.text(&text),
            None => output.cell(arguments[0]),
        },
        _ => output.cell(arguments[0]),
    }
    Ok(())
}

fn formatted(number: f64, form: &str) -> Option<String> {
    let sign = if number < 0.0 { "-" } else { "" };
    let whole = number.abs() as u64;
    Some(match form {
        "binary" => format!("{sign}{whole:b}"),
        "hex" => format!("{sign}0x{whole:X}"),
        "commas" if number.fract() == 0.0 => with_commas(&format!("{number:.0}")),
        "commas" => with_commas(&format!("{number:.2}")),
        "duration" => duration(number),
        _ => return None,
    })
}

fn duration(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let micros = (seconds.abs() * 1e6).round() as u64;
    let (whole, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}", whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let days = if whole >= 86_400 { format!("{}+", whole / 86_400) } else { String::new() };
    let fraction = if fraction > 0 { format!(".{fraction:06}") } else { String::new() };
    format!("{sign}{days}{clock}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let form = |number, form| formatted(number, form).unwrap();
        assert_eq!(form(615.0, "duration"), "00:10:15");
        assert_eq!(form(90_061.0, "duration"), "1+01:01:01");
        assert_eq!(form(-1.5, "duration"), "-00:00:01.500000");
        assert_eq!(form(12_345.678_9, "commas"), "12,345.68");
        assert_eq!(form(-1234.0, "commas"), "-1,234");
        assert_eq!(form(999.0, "commas"), "999");
        assert_eq!(formatted(1.0, "roman"), None);
    }
}
