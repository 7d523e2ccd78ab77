//! Trees without their places, so that two spellings of one search can be compared.

use crate::ast::{
    Aggregate, AggregateArgument, ArgumentValue, Command, Expr, ExprKind, Pipeline, SearchExpr, SearchKind, SearchValue,
};
use crate::span::{Span, Spanned};

impl Pipeline {
    /// The same tree with every span set to nothing.
    pub fn without_spans(&self) -> Self {
        let mut copy = self.clone();
        clear_pipeline(&mut copy);
        copy
    }
}

impl Expr {
    /// The same expression with every span set to nothing.
    pub fn without_spans(&self) -> Self {
        let mut copy = self.clone();
        clear_expr(&mut copy);
        copy
    }
}

impl SearchExpr {
    /// The same expression with every span set to nothing.
    pub fn without_spans(&self) -> Self {
        let mut copy = self.clone();
        clear_search(&mut copy);
        copy
    }
}

fn clear<T>(spanned: &mut Spanned<T>) {
    spanned.span = Span::default();
}

fn clear_pipeline(pipeline: &mut Pipeline) {
    pipeline.span = Span::default();
    pipeline.commands.iter_mut().for_each(clear_command);
}

fn clear_command(command: &mut Command) {
    command.span = Span::default();
    clear(&mut command.name);
    for option in &mut command.options {
        clear(&mut option.name);
        clear(&mut option.value);
    }
    for argument in &mut command.arguments {
        argument.span = Span::default();
        clear_argument(&mut argument.value);
    }
}

fn clear_argument(value: &mut ArgumentValue) {
    match value {
        ArgumentValue::Number(_) | ArgumentValue::Text(_) | ArgumentValue::Keyword(_) => {}
        ArgumentValue::Fields(list) => list.names.iter_mut().for_each(clear),
        ArgumentValue::Renames(list) => {
            for rename in list {
                clear(&mut rename.from);
                clear(&mut rename.to);
            }
        }
        ArgumentValue::SortKeys(keys) => keys.iter_mut().for_each(|k| clear(&mut k.field)),
        ArgumentValue::Assignments(list) => {
            for assignment in list {
                clear(&mut assignment.target);
                clear_expr(&mut assignment.value);
            }
        }
        ArgumentValue::Expr(expr) => clear_expr(expr),
        ArgumentValue::Search(expr) => clear_search(expr),
        ArgumentValue::Aggregates(list) => list.iter_mut().for_each(clear_aggregate),
        ArgumentValue::FieldRegex { field, pattern, .. } => {
            clear(field);
            clear(pattern);
        }
        ArgumentValue::Subsearch(pipeline) => clear_pipeline(pipeline),
    }
}

fn clear_aggregate(aggregate: &mut Aggregate) {
    aggregate.span = Span::default();
    clear(&mut aggregate.function);
    match &mut aggregate.argument {
        Some(AggregateArgument::Field(field)) => clear(field),
        Some(AggregateArgument::Eval(expr)) => clear_expr(expr),
        None => {}
    }
    if let Some(alias) = &mut aggregate.alias {
        clear(alias);
    }
}

fn clear_expr(expr: &mut Expr) {
    expr.span = Span::default();
    match &mut expr.kind {
        ExprKind::Number { .. } | ExprKind::String(_) | ExprKind::Field(_) | ExprKind::Error => {}
        ExprKind::Unary { operand, .. } => clear_expr(operand),
        ExprKind::Binary { left, right, .. } => {
            clear_expr(left);
            clear_expr(right);
        }
        ExprKind::In { value, list, .. } => {
            clear_expr(value);
            list.iter_mut().for_each(clear_expr);
        }
        ExprKind::Call { name, arguments } => {
            clear(name);
            arguments.iter_mut().for_each(clear_expr);
        }
        ExprKind::Subsearch(pipeline) => clear_pipeline(pipeline),
    }
}

fn clear_search(expr: &mut SearchExpr) {
    expr.span = Span::default();
    match &mut expr.kind {
        SearchKind::All | SearchKind::Error => {}
        SearchKind::And(list) | SearchKind::Or(list) => list.iter_mut().for_each(clear_search),
        SearchKind::Not(inner) => clear_search(inner),
        SearchKind::Term(value) => clear_value(value),
        SearchKind::Compare { field, value, .. } => {
            clear(field);
            clear_value(value);
        }
        SearchKind::In { field, values } => {
            clear(field);
            values.iter_mut().for_each(clear_value);
        }
        SearchKind::Time { modifier, .. } => clear(modifier),
        SearchKind::Subsearch(pipeline) | SearchKind::Branch(pipeline) => clear_pipeline(pipeline),
    }
}

fn clear_value(value: &mut SearchValue) {
    value.span = Span::default();
}
