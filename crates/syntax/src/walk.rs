//! Walks over a whole pipeline, its subsearches and branches included: all commands, and all places where a field is named.

use crate::ast::{AggregateArgument, ArgumentValue, Command, Expr, ExprKind, Pipeline, SearchExpr, SearchKind};
use crate::span::Span;

/// All commands, in the order of the text; those of a subsearch follow the command that it belongs to.
pub fn commands(pipeline: &Pipeline) -> Vec<&Command> {
    let mut found = Vec::new();
    add_commands(pipeline, &mut found);
    found
}

fn add_commands<'a>(pipeline: &'a Pipeline, found: &mut Vec<&'a Command>) {
    for command in &pipeline.commands {
        found.push(command);
        for argument in &command.arguments {
            match &argument.value {
                ArgumentValue::Subsearch(inner) => add_commands(inner, found),
                ArgumentValue::Search(expr) => commands_in_search(expr, found),
                ArgumentValue::Expr(expr) => commands_in_expr(expr, found),
                ArgumentValue::Assignments(list) => list.iter().for_each(|a| commands_in_expr(&a.value, found)),
                _ => {}
            }
        }
    }
}

fn commands_in_search<'a>(expr: &'a SearchExpr, found: &mut Vec<&'a Command>) {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|part| commands_in_search(part, found)),
        SearchKind::Not(part) => commands_in_search(part, found),
        SearchKind::Subsearch(pipeline) | SearchKind::Branch(pipeline) => add_commands(pipeline, found),
        _ => {}
    }
}

fn commands_in_expr<'a>(expr: &'a Expr, found: &mut Vec<&'a Command>) {
    match &expr.kind {
        ExprKind::Unary { operand, .. } => commands_in_expr(operand, found),
        ExprKind::Binary { left, right, .. } => [left, right].iter().for_each(|side| commands_in_expr(side, found)),
        ExprKind::In { value, list, .. } => {
            commands_in_expr(value, found);
            list.iter().for_each(|one| commands_in_expr(one, found));
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|one| commands_in_expr(one, found)),
        ExprKind::Subsearch(pipeline) => add_commands(pipeline, found),
        _ => {}
    }
}

/// The names of fields where the text has them, in its order, so that a message about a field can point at it.
pub fn field_references(pipeline: &Pipeline) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for command in &pipeline.commands {
        in_command(command, &mut found);
    }
    found
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
            ArgumentValue::Subsearch(pipeline) => found.extend(field_references(pipeline)),
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
        SearchKind::Subsearch(pipeline) | SearchKind::Branch(pipeline) => found.extend(field_references(pipeline)),
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
