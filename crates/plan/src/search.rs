//! Lowers search expressions to a filter over rows and to a condition for the scan, and collects the fields that they
//! read.

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use dogwatch_functions::operators::{self, Comparison};
use dogwatch_functions::time_modifier;
use dogwatch_predicate::{Condition, Pattern, Predicate};
use dogwatch_syntax::{Code, CompareOp, SearchExpr, SearchKind, SearchValue, Spanned};

use crate::catalog::SourceCatalog;
use crate::error::{PlanError, Result};
use crate::fields::FieldSet;
use crate::relation::{Relation, TIME};

/// Fields for the origin of an event, whose values have aliases in searches.
const NAMED_BY_TABLE: [&str; 2] = ["index", "sourcetype"];

/// Adds the fields that a search expression reads.
pub fn reads(expr: &SearchExpr, fields: &mut FieldSet) {
    match &expr.kind {
        SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().for_each(|part| reads(part, fields)),
        SearchKind::Not(part) => reads(part, fields),
        SearchKind::Term(_) => fields.add("_raw"),
        SearchKind::Compare { field, .. } | SearchKind::In { field, .. } => fields.add(&field.value),
        SearchKind::Time { .. } => fields.add(TIME),
        SearchKind::All | SearchKind::Subsearch(_) | SearchKind::Branch(_) | SearchKind::Error => {}
    }
}

/// A search expression as a filter. It is never null: a comparison with a missing field is false, so that its `NOT` is
/// true.
pub fn filter(expr: &SearchExpr, rows: &Relation, catalog: &dyn SourceCatalog) -> Result<Expr> {
    let all = |parts: &[SearchExpr]| parts.iter().map(|p| filter(p, rows, catalog)).collect::<Result<Vec<_>>>();
    Ok(match &expr.kind {
        SearchKind::All => lit(true),
        SearchKind::And(parts) => crate::expr::all_of(all(parts)?),
        SearchKind::Or(parts) => all(parts)?.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false)),
        SearchKind::Not(part) => Expr::Not(Box::new(filter(part, rows, catalog)?)),
        SearchKind::Term(value) => operators::search_term(rows.get("_raw"), &value.pattern, value.term),
        SearchKind::Compare { field, op, value } => compare(field, *op, value, rows, catalog),
        SearchKind::In { field, values } => {
            let patterns: Vec<_> = values.iter().flat_map(|value| meant(field, value, catalog)).collect();
            operators::search_equal_any(rows.get(&field.value), &patterns)
        }
        SearchKind::Time { earliest, modifier } => {
            let bound = instant(modifier, catalog.now())?;
            let bound = lit(ScalarValue::TimestampMicrosecond(Some(bound), Some("UTC".into())));
            let time = rows.get(TIME);
            if rows.data_type(TIME) == DataType::Null {
                lit(false)
            } else {
                let test = if *earliest { time.clone().gt_eq(bound) } else { time.clone().lt(bound) };
                time.is_not_null().and(test)
            }
        }
        SearchKind::Subsearch(_) | SearchKind::Branch(_) | SearchKind::Error => {
            return Err(PlanError::search(Code::Unsupported, expr.span, "a pipeline cannot stand here"));
        }
    })
}

/// The instant that a time modifier denotes, microseconds since 1970 UTC.
pub fn instant(modifier: &Spanned<String>, now: i64) -> Result<i64> {
    time_modifier::resolve(&modifier.value, now).map_err(|why| {
        dogwatch_syntax::Diagnostic::error(Code::BadTime, modifier.span, why)
            .with_help("write for example -24h, -7d@d, @w0, now, 2026-11-23T16:00:00Z or seconds since 1970")
            .into()
    })
}

fn compare(
    field: &Spanned<String>,
    op: CompareOp,
    value: &SearchValue,
    rows: &Relation,
    catalog: &dyn SourceCatalog,
) -> Expr {
    let column = rows.get(&field.value);
    let ordered = |comparison| operators::search_compare(comparison, column.clone(), &value.pattern.to_string());
    match op {
        CompareOp::Equal | CompareOp::NotEqual => {
            let patterns = meant(field, value, catalog);
            if let (CompareOp::Equal, [pattern]) = (op, patterns.as_slice()) {
                return operators::search_equal(column, pattern);
            }
            if op == CompareOp::Equal {
                return operators::search_equal_any(column, &patterns);
            }
            patterns
                .iter()
                .map(|pattern| operators::search_not_equal(column.clone(), pattern))
                .reduce(Expr::and)
                .unwrap_or_else(|| lit(false))
        }
        CompareOp::Less => ordered(Comparison::Less),
        CompareOp::LessEqual => ordered(Comparison::LessOrEqual),
        CompareOp::Greater => ordered(Comparison::Greater),
        CompareOp::GreaterEqual => ordered(Comparison::GreaterOrEqual),
    }
}

/// The values that a term matches: the value itself and, for fields of an event's origin, its aliases.
fn meant(field: &Spanned<String>, value: &SearchValue, catalog: &dyn SourceCatalog) -> Vec<Pattern> {
    let mut patterns = vec![value.pattern.clone()];
    if NAMED_BY_TABLE.contains(&field.value.as_str()) {
        let names = catalog.other_names(&field.value, &value.pattern);
        patterns.extend(names.into_iter().map(|name| Pattern::literal(name).keeping_case(true)));
    }
    patterns
}

/// A condition for the scan, implied by the expression.
pub fn condition(expr: &SearchExpr) -> Condition {
    match &expr.kind {
        SearchKind::And(parts) => Condition::all(parts.iter().map(condition)),
        SearchKind::Or(parts) => Condition::any(parts.iter().map(condition)),
        SearchKind::Not(part) if part.kind == SearchKind::All => Condition::Nothing,
        SearchKind::Not(part) => match &part.kind {
            SearchKind::Compare { field, op: CompareOp::Equal, value } if value.pattern.is_star() => {
                Condition::absent(&field.value)
            }
            _ => Condition::Anything,
        },
        SearchKind::Term(value) if !value.pattern.is_star() => Condition::Test(Predicate::Raw(value.pattern.clone())),
        SearchKind::Compare { field, op: CompareOp::Equal, value } if !value.pattern.is_star() => {
            Condition::field(&field.value, value.pattern.clone())
        }
        SearchKind::In { field, values } if values.iter().all(|v| !v.pattern.is_star()) => {
            Condition::any(values.iter().map(|v| Condition::field(&field.value, v.pattern.clone())))
        }
        _ => Condition::Anything,
    }
}

/// The time range given at the top level of an expression: earliest and latest.
pub fn time_range(expr: &SearchExpr, catalog: &dyn SourceCatalog) -> Result<(Option<i64>, Option<i64>)> {
    let mut range = (None, None);
    let parts = match &expr.kind {
        SearchKind::And(parts) => parts.as_slice(),
        _ => std::slice::from_ref(expr),
    };
    for part in parts {
        if let SearchKind::Time { earliest, modifier } = &part.kind {
            let bound = Some(instant(modifier, catalog.now())?);
            if *earliest {
                range.0 = range.0.max(bound)
            } else {
                range.1 = range.1.map_or(bound, |b: i64| bound.map(|n| n.min(b)))
            }
        }
    }
    Ok(range)
}

/// One alternative of a search with branches: events that satisfy `terms` go through `branch`.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// All must hold.
    pub terms: Vec<SearchExpr>,
    /// The branch that the events go through; none for events taken as they are.
    pub branch: Option<dogwatch_syntax::Pipeline>,
}

/// Whether the expression contains a branch.
pub fn has_branch(expr: &SearchExpr) -> bool {
    any(expr, &|e| matches!(e.kind, SearchKind::Branch(_)))
}

/// Whether the test is true for any part of the expression.
fn any(expr: &SearchExpr, test: &dyn Fn(&SearchExpr) -> bool) -> bool {
    test(expr)
        || match &expr.kind {
            SearchKind::And(parts) | SearchKind::Or(parts) => parts.iter().any(|p| any(p, test)),
            SearchKind::Not(part) => any(part, test),
            _ => false,
        }
}

/// Splits an expression with branches into alternatives, whose results are combined.
///
/// # Errors
/// For a branch under `NOT`, and for two branches joined by `AND`: neither yields rows.
pub fn alternatives(expr: &SearchExpr) -> Result<Vec<Alternative>> {
    if !has_branch(expr) {
        return Ok(vec![Alternative { terms: vec![expr.clone()], branch: None }]);
    }
    match &expr.kind {
        SearchKind::Branch(pipeline) => Ok(vec![Alternative { terms: vec![], branch: Some(pipeline.clone()) }]),
        SearchKind::Or(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(alternatives(part)?);
            }
            Ok(all)
        }
        SearchKind::And(parts) => {
            let (branched, plain): (Vec<_>, Vec<_>) = parts.iter().partition(|p| has_branch(p));
            if let [_, second, ..] = branched.as_slice() {
                return Err(PlanError::search(
                    Code::Branch,
                    second.span,
                    "two pipelines in a search expression can only be joined by OR",
                ));
            }
            let mut all = Vec::new();
            for part in branched {
                for mut alternative in alternatives(part)? {
                    alternative.terms.splice(0..0, plain.iter().map(|p| (*p).clone()));
                    all.push(alternative);
                }
            }
            Ok(all)
        }
        _ => Err(PlanError::search(Code::Branch, expr.span, "a pipeline cannot stand under NOT")),
    }
}

/// Replaces every subsearch of an expression by the result of `run`.
pub fn replace_subsearches(
    expr: SearchExpr,
    run: &mut dyn FnMut(&dogwatch_syntax::Pipeline) -> Result<SearchExpr>,
) -> Result<SearchExpr> {
    let span = expr.span;
    let mut each =
        |parts: Vec<SearchExpr>| parts.into_iter().map(|p| replace_subsearches(p, run)).collect::<Result<Vec<_>>>();
    let kind = match expr.kind {
        SearchKind::And(parts) => SearchKind::And(each(parts)?),
        SearchKind::Or(parts) => SearchKind::Or(each(parts)?),
        SearchKind::Not(part) => SearchKind::Not(Box::new(replace_subsearches(*part, run)?)),
        SearchKind::Subsearch(pipeline) => return run(&pipeline),
        other => other,
    };
    Ok(SearchExpr { kind, span })
}
