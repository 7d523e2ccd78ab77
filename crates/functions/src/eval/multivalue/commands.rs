//! `commands`: the names of the commands of a search, in order.

use datafusion_common::Result;
use dogwatch_syntax::outline::{Start, outline};

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
    details: "Commands begin at `|` outside quotes, comments and macro calls; a first part without a `|` before it is the command `search`.",
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
    for command in outline(&search).commands {
        let name = command.name.value;
        match command.start {
            Start::Text if search.trim_start().is_empty() || search.trim_start().starts_with('|') => {}
            Start::Text => names.push("search"),
            Start::Pipe if !name.is_empty() => names.push(name),
            Start::Pipe | Start::Bracket => {}
        }
    }
    output.multi(names);
    Ok(())
}
