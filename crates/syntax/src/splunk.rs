//! Branches rewritten into what Splunk accepts.
//!
//! `outer (a | x) OR (b | y) | z` means: what passes `outer` and `a` goes through `x`, what passes `outer` and
//! `b` goes through `y`, and both together go through `z`. Splunk says that as
//! `| union [search outer a | x] [search outer b | y] | z` (Search Reference, "union"). Only the first command
//! of a pipeline is rewritten, and only where one operand of its AND holds the branches; elsewhere Splunk has no
//! single form to offer.

use crate::ast::{Argument, ArgumentValue, Command, Pipeline, SearchExpr, SearchKind};
use crate::print::print;
use crate::span::{Span, Spanned};

/// The command that puts the branches' results together.
const UNION: &str = "union";

/// The search in a form that Splunk accepts. None if it has no branch, or its branches stand where Splunk has
/// no form for them: under NOT, in more than one operand of an AND, or in a later command.
pub fn splunk_form(pipeline: &Pipeline) -> Option<String> {
    let form = rewrite(pipeline)?;
    form.commands.iter().all(command_is_plain).then(|| print(&form))
}

fn rewrite(pipeline: &Pipeline) -> Option<Pipeline> {
    let (first, rest) = pipeline.commands.split_first()?;
    let [argument] = first.arguments.as_slice() else {
        return None;
    };
    let ArgumentValue::Search(expr) = &argument.value else {
        return None;
    };
    let operands = match &expr.kind {
        SearchKind::And(operands) => operands.as_slice(),
        _ => std::slice::from_ref(expr),
    };
    let mut branching = operands.iter().filter(|o| !is_plain(o));
    let (Some(holder), None) = (branching.next(), branching.next()) else {
        return None;
    };
    let outer: Vec<SearchExpr> = operands.iter().filter(|o| is_plain(o)).cloned().collect();
    let ways = match &holder.kind {
        SearchKind::Or(ways) => ways.as_slice(),
        _ => std::slice::from_ref(holder),
    };
    let mut ways = ways.iter().map(|way| one_way(&outer, way, argument.slot)).collect::<Option<Vec<_>>>()?;
    if ways.len() == 1 {
        let mut only = ways.remove(0);
        only.commands.extend(rest.iter().cloned());
        return Some(only);
    }
    let mut commands = vec![union_of(ways)];
    commands.extend(rest.iter().cloned());
    Some(Pipeline { commands, span: pipeline.span })
}

/// One alternative with the outer terms in front.
fn one_way(outer: &[SearchExpr], way: &SearchExpr, slot: &'static str) -> Option<Pipeline> {
    let SearchKind::Branch(branch) = &way.kind else {
        return is_plain(way).then(|| Pipeline { commands: vec![search(joined(outer, way), slot)], span: way.span });
    };
    let (first, rest) = branch.commands.split_first()?;
    let mut commands = vec![];
    match first.arguments.as_slice() {
        [Argument { slot, value: ArgumentValue::Search(expr), .. }] => commands.push(search(joined(outer, expr), slot)),
        // A branch that makes its own events does not see the outer terms.
        _ => commands.push(first.clone()),
    }
    commands.extend(rest.iter().cloned());
    let way = Pipeline { commands, span: way.span };
    if way.commands.iter().all(command_is_plain) { Some(way) } else { rewrite(&way) }
}

fn joined(outer: &[SearchExpr], inner: &SearchExpr) -> SearchExpr {
    let mut all = outer.to_vec();
    match &inner.kind {
        SearchKind::And(operands) => all.extend(operands.iter().cloned()),
        SearchKind::All if !all.is_empty() => {}
        _ => all.push(inner.clone()),
    }
    if all.len() == 1 {
        return all.remove(0);
    }
    SearchExpr { kind: SearchKind::And(all), span: inner.span }
}

fn search(expr: SearchExpr, slot: &'static str) -> Command {
    let span = expr.span;
    Command {
        name: Spanned::new("search".to_owned(), span),
        options: vec![],
        arguments: vec![Argument { slot, value: ArgumentValue::Search(expr), span }],
        span,
        implied: false,
    }
}

fn union_of(ways: Vec<Pipeline>) -> Command {
    let arguments = ways
        .into_iter()
        .map(|way| Argument { slot: "subsearch", span: way.span, value: ArgumentValue::Subsearch(way) })
        .collect();
    Command {
        name: Spanned::new(UNION.to_owned(), Span::default()),
        options: vec![],
        arguments,
        span: Span::default(),
        implied: false,
    }
}

fn command_is_plain(command: &Command) -> bool {
    command.arguments.iter().all(|a| match &a.value {
        ArgumentValue::Search(expr) => is_plain(expr),
        ArgumentValue::Subsearch(pipeline) => pipeline.commands.iter().all(command_is_plain),
        _ => true,
    })
}

/// Whether the expression holds no branch at any depth.
fn is_plain(expr: &SearchExpr) -> bool {
    match &expr.kind {
        SearchKind::Branch(_) => false,
        SearchKind::And(list) | SearchKind::Or(list) => list.iter().all(is_plain),
        SearchKind::Not(inner) => is_plain(inner),
        SearchKind::Subsearch(pipeline) => pipeline.commands.iter().all(command_is_plain),
        _ => true,
    }
}
