//! `commands`: the names of the commands of a search, in order.

use datafusion_common::Result;

use crate::function::{EvalFunction, Example, Implementation, Parameter, ParameterKind};
use crate::types::{Cell, Output, multivalue_type};

/// `commands(<search_str>)`.
pub static FUNCTION: EvalFunction = EvalFunction {
    name: "commands",
    aliases: &[],
    family: "multivalue",
    usage: "commands(<search_str>)",
    parameters: &[Parameter::required("search_str", ParameterKind::Text)],
    repeats: 0,
    summary: "The names of the commands of a search, in order.",
    details: "The text is cut at `|` outside quotes; a first part without a `|` before it is the command `search`.",
    source: "Search Reference: Multivalue eval functions, commands()",
    examples: &[Example {
        expression: r#"commands("search foo | stats count | sort count")"#,
        given: "",
        result: r#"["search","stats","sort"]"#,
    }],
    implementation: Implementation::Rows { returns: |_| multivalue_type(), row, pure: true },
};

fn row(arguments: &[Cell<'_>], output: &mut Output) -> Result<()> {
    let Some(search) = arguments[0].text() else {
        output.null();
        return Ok(());
    };
    let mut names = Vec::new();
    for (i, part) in pipeline(&search).iter().enumerate() {
        let word: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        match (i, part.trim().is_empty()) {
            (0, true) => {}
            (0, false) => names.push("search".to_owned()),
            _ if word.is_empty() => {}
            _ => names.push(word),
        }
    }
    output.multi(names);
    Ok(())
}

fn pipeline(search: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in search.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '|' if !quoted => {
                parts.push(&search[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&search[start..]);
    parts
}
