//! `search`: keeps the events, or rows, that satisfy a search expression. At the start of a search it reads the logs; a
//! pipeline inside its parentheses is a branch, whose results are combined with those of its siblings.

use dogwatch_syntax::{
    ArgumentKind, ArgumentSpec, ArgumentValue, Command, CommandExample, CommandSignature, Diagnostic, Pipeline,
    SearchExpr, SearchKind,
};

use crate::catalog::SourceCatalog;
use crate::commands::{CommandDef, Role};
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::planner::{Planner, Step, definition, returns_events};
use crate::relation::Relation;
use crate::search::{self, Alternative};

/// `search <search-expression>`
pub static COMMAND: CommandDef = CommandDef {
    signature: CommandSignature {
        name: "search",
        aliases: &[],
        summary: "Keeps the events that match a search expression; at the start of a search, reads the logs.",
        options: &[],
        arguments: &[ArgumentSpec::optional(
            "expression",
            ArgumentKind::Search,
            "Keywords, \"phrases\" and comparisons such as `user=root`, joined by AND (or nothing), OR and NOT. \
                      OR binds tighter than AND. Values match ignoring case; `*` stands for any text.",
        )],
        details: "A comparison with a field that an event does not have is false: `a!=b` leaves out events without `a`, \
                  `NOT a=b` keeps them. `earliest=` and `latest=` bound the time. `[ … ]` is a subsearch: its rows become \
                  an OR of their fields. A pipeline in parentheses, `( terms | command … )`, is a branch: Dogwatch runs it, \
                  Splunk refuses it; `dogwatch explain` shows the form that both take.",
        source: "Search Reference: search",
        examples: &[CommandExample {
            search: "| makeresults count=2 | eval user=\"Root\" | search user=root | stats count",
            shows: "Values are compared ignoring case.",
            result: r#"[{"count":2}]"#,
        }],
    },
    role: Role::Searching,
    check,
    lower,
    ..CommandDef::BASE
};

fn expression(command: &Command) -> SearchExpr {
    match command.argument("expression") {
        Some(ArgumentValue::Search(expr)) => expr.clone(),
        _ => SearchExpr { kind: SearchKind::All, span: command.span },
    }
}

fn check(command: &Command, catalog: &dyn SourceCatalog) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check_times(&expression(command), catalog.now(), &mut found);
    if let Err(PlanError::Search(diagnostic)) = search::alternatives(&expression(command)) {
        found.push(*diagnostic);
    }
    found
}

fn check_times(expr: &SearchExpr, now: i64, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|p| check_times(p, now, found)),
        SearchKind::Not(part) => check_times(part, now, found),
        SearchKind::Time { modifier, .. } => {
            if let Err(PlanError::Search(diagnostic)) = search::instant(modifier, now) {
                found.push(*diagnostic);
            }
        }
        _ => {}
    }
}

/// Whether branches turn the events of this search into a table.
pub fn branches_make_tables(command: &Command) -> bool {
    search::alternatives(&expression(command))
        .is_ok_and(|alternatives| alternatives.iter().filter_map(|a| a.branch.as_ref()).any(|p| !returns_events(p)))
}

fn lower(planner: &mut Planner<'_>, step: &Step<'_>, rows: Option<Relation>) -> Result<Relation> {
    let alternatives = search::alternatives(&expression(step.command))?;
    if alternatives.iter().all(|alternative| alternative.branch.is_none()) {
        return matching(
            planner,
            &conjunction(alternatives.into_iter().flat_map(|a| a.terms).collect(), step),
            step.after,
            rows,
        );
    }
    let merges = alternatives.iter().filter_map(|alternative| alternative.branch.as_ref()).all(keeps_order);
    let mut branches = Vec::with_capacity(alternatives.len());
    for alternative in alternatives {
        branches.push(branch(planner, alternative, step, rows.clone())?);
    }
    if merges { planner.merged(branches) } else { planner.one_after_another(branches) }
}

/// Whether the results of a pipeline keep the order of its events.
pub fn keeps_order(pipeline: &Pipeline) -> bool {
    pipeline.commands.iter().all(|command| definition(command).is_ok_and(|d| d.keeps_order))
}

/// The results of one alternative: the events that satisfy its terms and the branch's own first search, passed through
/// the rest of the branch.
fn branch(
    planner: &mut Planner<'_>,
    alternative: Alternative,
    step: &Step<'_>,
    rows: Option<Relation>,
) -> Result<Relation> {
    let mut terms = alternative.terms;
    let mut rest: &[Command] = &[];
    if let Some(pipeline) = &alternative.branch {
        rest = &pipeline.commands;
        if let [first, after @ ..] = rest
            && first.name.value == COMMAND.signature.name
        {
            terms.push(expression(first));
            rest = after;
        }
    }
    let mut needed = step.after.clone();
    for command in rest.iter().rev() {
        needed = (definition(command)?.reads)(command, &needed);
    }
    let input = matching(planner, &conjunction(terms, step), &needed, rows)?;
    planner.commands(rest, step.after, Some(input))
}

fn conjunction(terms: Vec<SearchExpr>, step: &Step<'_>) -> SearchExpr {
    let mut flat = Vec::new();
    for term in terms {
        match term.kind {
            SearchKind::And(parts) => flat.extend(parts),
            SearchKind::All => {}
            _ => flat.push(term),
        }
    }
    let kind = match flat.len() {
        0 => SearchKind::All,
        1 => return flat.remove(0),
        _ => SearchKind::And(flat),
    };
    SearchExpr { kind, span: step.command.span }
}

fn matching(
    planner: &mut Planner<'_>,
    expr: &SearchExpr,
    needed: &FieldSet,
    rows: Option<Relation>,
) -> Result<Relation> {
    let expr = planner.resolve(expr)?;
    match rows {
        None => planner.events(&expr, needed),
        Some(rows) => {
            let filter = search::filter(&expr, &rows, planner.catalog)?;
            Ok(rows.filter(filter)?)
        }
    }
}
