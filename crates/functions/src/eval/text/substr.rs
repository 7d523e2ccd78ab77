//! `substr`: a part of a text.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output};

/// `substr(<str>, <start>, <length>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "substr",
    aliases: &[],
    family: "text",
    usage: "substr(<str>, <start>, <length>)",
    parameters: &[
        Parameter::required("str", ParameterKind::Text),
        Parameter::required("start", ParameterKind::Number),
        Parameter::optional("length", ParameterKind::Number),
    ],
    repeats: 0,
    summary: "A part of a text.",
    details: "The first character is 1; a negative start counts from the end. Without a length the part goes to the end. Each value of a multivalue is changed.",
    source: "Search Reference: Text functions, substr()",
    examples: &[
        Example { expression: r#"substr("docker", 1, 3)"#, given: "", result: r#""doc""# },
        Example { expression: r#"substr("docker", -3)"#, given: "", result: r#""ker""# },
        Example { expression: r#"substr("docker", 3)"#, given: "", result: r#""cker""# },
    ],
    implementation: Implementation::Rows { returns: super::each_type, row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let (start, length) = (arguments[1].number(), arguments.get(2).map(Cell::number));
    match (start, length) {
        (Some(start), None) => super::each_value(&arguments[0], output, |text| part(text, start, f64::MAX)),
        (Some(start), Some(Some(length))) => super::each_value(&arguments[0], output, |text| part(text, start, length)),
        _ => output.null(),
    }
    Ok(())
}

fn part(text: &str, start: f64, length: f64) -> String {
    let count = text.chars().count() as f64;
    let first = if start < 0.0 { (count + start).max(0.0) } else { (start - 1.0).max(0.0) };
    // The conversion of a float to an integer saturates, so that no length overflows.
    text.chars().skip(first as usize).take(length.max(0.0) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_one_and_from_the_end() {
        assert_eq!(part("splunk", 1.0, 3.0), "spl");
        assert_eq!(part("splunk", -3.0, f64::MAX), "unk");
        assert_eq!(part("splunk", -3.0, 2.0), "un");
        assert_eq!(part("splunk", -30.0, 2.0), "sp");
        assert_eq!(part("splunk", 7.0, 2.0), "");
        assert_eq!(part("héllo", 2.0, 1.0), "é");
        assert_eq!(part("splunk", 0.0, 1.0), "s");
        assert_eq!(part("splunk", 2.0, -1.0), "");
    }
}
