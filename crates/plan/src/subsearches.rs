//! Which searches hold another one whose rows they need before they can be planned.

use dogwatch_syntax::{AggregateArgument, ArgumentValue, Expr, ExprKind, Pipeline, SearchExpr, SearchKind};

/// Whether planning the pipeline runs a part of it: a subsearch among search terms, or in an expression. (`append` and
/// `union` only join what their subsearches give.)
pub fn runs_while_planned(pipeline: &Pipeline) -> bool {
    pipeline.commands.iter().flat_map(|command| &command.arguments).any(|argument| match &argument.value {
        ArgumentValue::Search(expr) => in_search(expr),
        ArgumentValue::Expr(expr) => in_expr(expr),
        ArgumentValue::Assignments(list) => list.iter().any(|assignment| in_expr(&assignment.value)),
        ArgumentValue::Subsearch(inner) => runs_while_planned(inner),
        ArgumentValue::Aggregates(list) => list.iter().any(|aggregate| match &aggregate.argument {
            Some(AggregateArgument::Eval(expr)) => in_expr(expr),
            _ => false,
        }),
        _ => false,
    })
}

fn in_search(expr: &SearchExpr) -> bool {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().any(in_search),
        SearchKind::Not(part) => in_search(part),
        SearchKind::Subsearch(_) => true,
        SearchKind::Branch(pipeline) => runs_while_planned(pipeline),
        _ => false,
    }
}

fn in_expr(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Unary { operand, .. } => in_expr(operand),
        ExprKind::Binary { left, right, .. } => in_expr(left) || in_expr(right),
        ExprKind::In { value, list, .. } => in_expr(value) || list.iter().any(in_expr),
        ExprKind::Call { arguments, .. } => arguments.iter().any(in_expr),
        ExprKind::Subsearch(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Registry;

    fn runs(search: &str) -> bool {
        runs_while_planned(&dogwatch_syntax::parse(search, &dogwatch_syntax::NoMacros, &Registry).pipeline)
    }

    #[test]
    fn only_subsearches_whose_rows_become_terms() {
        assert!(runs("a=1 [ search b=2 | fields c ]"));
        assert!(runs("a=1 OR (b=2 NOT [ search b=2 | fields c ])"));
        assert!(runs("a=1 | append [ search b=2 [ search c=3 | fields d ] ]"));
        assert!(!runs("a=1 | append [ search b=2 ] | eval x=replace(y, \"[a]\", \"\")"));
    }
}
