//! Where a search names fields, so that a message about a field can point at it.

use dogwatch_syntax::{
    AggregateArgument, ArgumentValue, Command, Expr, ExprKind, Pipeline, SearchExpr, SearchKind, Span,
};

/// The names of fields in the order of the text, with their places.
pub fn mentions(pipeline: &Pipeline) -> Vec<(String, Span)> {
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
