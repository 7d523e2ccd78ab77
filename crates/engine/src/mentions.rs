//! Where a search names fields, so that a message about a field can point at it.

use std::collections::BTreeSet;

use dogwatch_syntax::{
    AggregateArgument, ArgumentValue, AssignTarget, Command, Expr, ExprKind, Pipeline, SearchExpr, SearchKind, Span,
};

/// The names of fields in the order of the text, with their places.
pub fn mentions(pipeline: &Pipeline) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for command in &pipeline.commands {
        in_command(command, &mut found);
    }
    found
}

/// The fields that a search makes itself: what `eval`, `rename`, `rex`, `lookup` and the like give a value. That it may also
/// be read from an event, where a command leaves it alone, makes it no field of the logs.
pub fn made(pipeline: &Pipeline) -> BTreeSet<String> {
    let mut made: BTreeSet<String> = BTreeSet::new();
    for argument in pipeline.commands.iter().flat_map(|command| &command.arguments) {
        match &argument.value {
            ArgumentValue::Assignments(list) => {
                made.extend(list.iter().filter_map(|assignment| match &assignment.target.value {
                    AssignTarget::Field(name) => Some(name.clone()),
                    _ => None,
                }))
            }
            ArgumentValue::Renames(list) if argument.slot != "match" => {
                made.extend(list.iter().map(|rename| rename.to.value.clone()));
            }
            ArgumentValue::Text(text) => made.extend(groups(text)),
            ArgumentValue::FieldRegex { pattern, .. } => made.extend(groups(&pattern.value)),
            ArgumentValue::Subsearch(inner) => made.extend(self::made(inner)),
            ArgumentValue::Search(expr) => in_branches(expr, &mut made),
            _ => {}
        }
    }
    made
}

fn in_branches(expr: &SearchExpr, made: &mut BTreeSet<String>) {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|part| in_branches(part, made)),
        SearchKind::Not(part) => in_branches(part, made),
        SearchKind::Branch(pipeline) => made.extend(self::made(pipeline)),
        _ => {}
    }
}

/// The named groups of a regular expression.
fn groups(pattern: &str) -> impl Iterator<Item = String> {
    let names = pattern.split("(?<").skip(1).chain(pattern.split("(?P<").skip(1));
    names.filter_map(|rest| rest.split_once('>')).map(|(name, _)| name.to_owned())
}

fn in_command(command: &Command, found: &mut Vec<(String, Span)>) {
    for argument in &command.arguments {
        match &argument.value {
            ArgumentValue::Fields(list) => found.extend(list.names.iter().map(|n| (n.value.clone(), n.span))),
            ArgumentValue::Renames(list) => found.extend(list.iter().map(|r| (r.from.value.clone(), r.from.span))),
            ArgumentValue::SortKeys(list) => found.extend(list.iter().map(|k| (k.field.value.clone(), k.field.span))),
            ArgumentValue::Assignments(list) => list.iter().for_each(|a| in_expr(&a.value, found)),
            ArgumentValue::Expr(expr) => in_expr(expr, found),
            ArgumentValue::Search(expr) => in_search(expr, found),
            ArgumentValue::FieldRegex { field, .. } => found.push((field.value.clone(), field.span)),
            ArgumentValue::Subsearch(pipeline) => found.extend(mentions(pipeline)),
            ArgumentValue::Aggregates(list) => {
                for aggregate in list {
                    match &aggregate.argument {
                        Some(AggregateArgument::Field(field)) => found.push((field.value.clone(), field.span)),
                        Some(AggregateArgument::Eval(expr)) => in_expr(expr, found),
                        None => {}
                    }
                }
            }
            ArgumentValue::Number(_) | ArgumentValue::Text(_) | ArgumentValue::Keyword(_) => {}
        }
    }
}

fn in_search(expr: &SearchExpr, found: &mut Vec<(String, Span)>) {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|p| in_search(p, found)),
        SearchKind::Not(part) => in_search(part, found),
        SearchKind::Compare { field, .. } | SearchKind::In { field, .. } => {
            found.push((field.value.clone(), field.span));
        }
        SearchKind::Subsearch(pipeline) | SearchKind::Branch(pipeline) => found.extend(mentions(pipeline)),
        _ => {}
    }
}

fn in_expr(expr: &Expr, found: &mut Vec<(String, Span)>) {
    match &expr.kind {
        ExprKind::Field(name) => found.push((name.clone(), expr.span)),
        ExprKind::Unary { operand, .. } => in_expr(operand, found),
        ExprKind::Binary { left, right, .. } => {
            in_expr(left, found);
            in_expr(right, found);
        }
        ExprKind::In { value, list, .. } => {
            in_expr(value, found);
            list.iter().for_each(|e| in_expr(e, found));
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|e| in_expr(e, found)),
        _ => {}
    }
}
