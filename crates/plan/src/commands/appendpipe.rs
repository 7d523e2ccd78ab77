//! `appendpipe`: runs more commands on the results, and appends what they return.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Code, Command, CommandExample, CommandSignature, Diagnostic, OptionKind,
    OptionSpec, Pipeline,
};

use crate::catalog::SourceCatalog;
use crate::commands::{Barrier, CommandDef, Role};
use crate::error::Result;
use crate::fields::FieldSet;
use crate::planner::{self, Planner, Step};
use crate::relation::Relation;

/// `appendpipe [ <commands> ]`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "appendpipe",
        summary: "Runs commands on the results there are, and adds what they make of them: subtotals, for instance.",
        options: &[OptionSpec::optional(
            "run_in_preview",
            OptionKind::Bool,
            "Accepted for Splunk's sake; without effect.",
        )],
        arguments: &[ArgumentSpec::required("subsearch", ArgumentKind::Subsearch, "The commands: `[ stats … | … ]`.")],
        details: "The results so far are kept, in memory or in a temporary file, and read twice.",
        source: "Search Reference: appendpipe",
        examples: &[CommandExample {
            search: r#"| makeresults | eval n=split("1,2", ",") | mvexpand n | table n | appendpipe [stats sum(n) AS n]"#,
            shows: "The total below the values.",
            result: r#"[{"n":"1"},{"n":"2"},{"n":"3"}]"#,
        }],
        ..CommandSignature::EMPTY
    },
    role: Role::Transforming,
    keeps_order: false,
    check,
    reads,
    barrier: |_, _| Some(Barrier::All),
    lower,
    ..CommandDef::BASE
};

fn commands(command: &Command) -> Option<&Pipeline> {
    match command.argument("subsearch") {
        Some(ArgumentValue::Subsearch(pipeline)) => Some(pipeline),
        _ => None,
    }
}

/// Text that does not begin with a command is parsed as a search expression: a mistyped command would silently find nothing.
fn check(command: &Command, _: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let first = commands(command).and_then(|pipeline| pipeline.commands.first());
    let implied = first.filter(|first| first.implied).map(|first| {
        Diagnostic::error(Code::UnknownCommand, first.span, "appendpipe runs commands, and this begins with none")
            .with_help("to keep some of the results, write `search` before it")
    });
    implied.into_iter().collect()
}

fn reads(command: &Command, after: &FieldSet) -> FieldSet {
    let inner = commands(command).map(|pipeline| planner::needed(&pipeline.commands, after));
    match inner {
        Some(Ok(needs)) => needs.into_iter().next().unwrap_or_default().union(after.clone()),
        // The planner reports it.
        Some(Err(_)) | None => after.clone(),
    }
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let rows = step.input(rows)?;
    let Some(pipeline) = commands(step.command) else { return Ok(rows) };
    let added = planner.commands(&pipeline.commands, step.after, Some(rows.clone()))?;
    planner.one_after_another(vec![rows, added])
}
