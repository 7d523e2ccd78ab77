//! `round`: a number rounded to some decimal places.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, number_type};

/// `round(<num>, <precision>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "round",
    aliases: &[],
    family: "math",
    usage: "round(<num>, <precision>)",
    parameters: &[
        Parameter::required("num", ParameterKind::Number),
        Parameter::optional("precision", ParameterKind::Number),
    ],
    repeats: 0,
    summary: "A number rounded to some decimal places.",
    details: "To a whole number if none are given; a half goes away from zero. It is the digits that the number prints with that are rounded: 2.555 to two places is 2.56.",
    source: "Search Reference: Mathematical functions, round()",
    examples: &[
        Example { expression: "round(3.5)", given: "", result: "4" },
        Example { expression: "round(2.555, 2)", given: "", result: "2.56" },
        Example { expression: "round(-2.5)", given: "", result: "-3" },
    ],
    implementation: Implementation::Rows { returns: |_| number_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    match (arguments[0].number(), arguments.get(1).map(Cell::number)) {
        (Some(number), None) => output.number(round(number, 0.0)),
        (Some(number), Some(Some(places))) => output.number(round(number, places)),
        _ => output.null(),
    }
    Ok(())
}

fn round(number: f64, places: f64) -> f64 {
    if places < 0.0 {
        let unit = 10_f64.powf(-places.trunc());
        return (number / unit).round() * unit;
    }
    let digits = format!("{number}");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let places = places.min(400.0) as usize;
    if fraction.len() <= places {
        return number;
    }
    let kept = format!("{whole}.{}", &fraction[..places]).parse().unwrap_or(number);
    if fraction.as_bytes()[places] < b'5' {
        return kept;
    }
    let step = format!("1e-{places}").parse().unwrap_or(0.0);
    let rounded = if number < 0.0 { kept - step } else { kept + step };
    // The sum may be off by the last bit; formatting it with its decimal places and parsing it again gives the nearest
    // number.
    format!("{rounded:.places$}").parse().unwrap_or(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(round(2.5, 0.0), 3.0);
        assert_eq!(round(-2.5, 0.0), -3.0);
        assert_eq!(round(-0.5, 0.0), -1.0);
        assert_eq!(round(2.555, 2.0), 2.56);
        assert_eq!(round(1.005, 2.0), 1.01);
        assert_eq!(round(0.1 + 0.2, 1.0), 0.3);
        assert_eq!(round(1234.5, -2.0), 1200.0);
        assert_eq!(round(1e300, 2.0), 1e300);
        assert_eq!(round(9.995, 2.0), 10.0);
        assert_eq!(round(1.25, 1e9), 1.25);
    }
}
