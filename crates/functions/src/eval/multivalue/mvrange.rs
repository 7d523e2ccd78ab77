//! `mvrange`: numbers from one up to, but not including, another.

use datafusion_common::{Result, exec_err};

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::time_modifier;
use crate::types::{Cell, Output, format_number, multivalue_type};

/// `mvrange(<start>, <end>, <step>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "mvrange",
    aliases: &[],
    family: "multivalue",
    usage: "mvrange(<start>, <end>, <step>)",
    parameters: &[
        Parameter::required("start", ParameterKind::Number),
        Parameter::required("end", ParameterKind::Number),
        Parameter::optional("step", ParameterKind::Any),
    ],
    repeats: 0,
    summary: "Numbers from one up to, but not including, another.",
    details: r#"The step is 1 if not given. It may be a span of time such as `"7d"`, in seconds then. Null if the range is empty; at most a million values."#,
    source: "Search Reference: Multivalue eval functions, mvrange()",
    examples: &[
        Example { expression: "mvrange(1, 11, 2)", given: "", result: r#"["1","3","5","7","9"]"# },
        Example { expression: "mvrange(1, 4)", given: "", result: r#"["1","2","3"]"# },
    ],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

/// Maximum number of values per row.
const LIMIT: f64 = 1_000_000.0;

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let step = match arguments.get(2) {
        None => Some(1.0),
        Some(step) => step.number().or_else(|| span(&step.text()?)),
    };
    let (Some(start), Some(end), Some(step)) = (arguments[0].number(), arguments[1].number(), step) else {
        output.null();
        return Ok(());
    };
    let count = ((end - start) / step).ceil();
    if step == 0.0 || count.is_nan() || count <= 0.0 {
        output.null();
        return Ok(());
    }
    if count > LIMIT {
        return exec_err!("mvrange({start}, {end}, {step}) would make more than a million values; use a greater step");
    }
    output.multi((0..count as usize).map(|i| format_number(start + i as f64 * step)));
    Ok(())
}

/// A span such as `7d` in seconds.
fn span(text: &str) -> Option<f64> {
    let end = time_modifier::relative(&format!("+{}", text.trim_start_matches('+')), 0).ok()?;
    Some(end as f64 / 1e6)
}
