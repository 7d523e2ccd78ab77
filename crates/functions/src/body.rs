//! Expressions as text, for functions with an expression as a parameter: the body of `mvmap`, a condition evaluated after
//! each row.
//!
//! Such an expression cannot be an ordinary argument, because it reads values that only the function has. As text it is a
//! literal, so the call is rebuilt from its arguments like any other. The text is a list of tokens in postfix order,
//! which stays flat however deep the expression is.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion_common::{Column, DFSchema, Result, ScalarValue, internal_datafusion_err, internal_err};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::expr::{Case, Cast, ScalarFunction};
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::{Expr, Operator, Volatility, binary_expr, cast, lit};
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};
use serde::{Deserialize, Serialize};

use crate::operators;
use crate::registry::registry;
use crate::types::{bool_type, multivalue_type, number_type, text_type, time_type};

/// Whether a part of an expression is evaluated outside the body: a column, or a value that depends on the session, such
/// as the time of the search. It becomes an argument of the function, and the body has a column for it.
pub fn is_from_outside(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) => true,
        Expr::ScalarFunction(call) => call.args.is_empty() && call.func.signature().volatility == Volatility::Stable,
        _ => false,
    }
}

/// The tokens of an expression.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Token {
    Column(String),
    Text(String),
    Texts(Vec<Option<String>>),
    /// A number as text: a JSON parser may lose the last digit.
    Number(String),
    Bool(bool),
    /// A null of a type.
    Null(String),
    /// Joins two operands.
    Binary(String),
    /// Applies to one operand.
    Unary(String),
    Cast(String),
    /// The name and the number of arguments.
    Call(String, usize),
    /// A literal that is the text of a body, as the number of its tokens, which follow. As a text in the text every quotation
    /// mark would be escaped once more at each level, and the length double.
    Body(usize),
    /// The number of branches, and whether an `ELSE` follows them.
    Case(usize, bool),
}

/// The types that expressions of SPL have, by name.
fn types() -> [(&'static str, DataType); 9] {
    [
        ("text", text_type()),
        ("number", number_type()),
        ("bool", bool_type()),
        ("multivalue", multivalue_type()),
        ("time", time_type()),
        ("null", DataType::Null),
        ("int64", DataType::Int64),
        ("uint64", DataType::UInt64),
        ("binary", DataType::Binary),
    ]
}

const OPERATORS: [Operator; 10] = [
    Operator::And,
    Operator::Or,
    Operator::Eq,
    Operator::NotEq,
    Operator::Lt,
    Operator::LtEq,
    Operator::Gt,
    Operator::GtEq,
    Operator::Plus,
    Operator::Minus,
];

/// An operator of one operand.
type Unary = fn(Box<Expr>) -> Expr;

const UNARIES: [(&str, Unary); 9] = [
    ("not", Expr::Not),
    ("negative", Expr::Negative),
    ("is null", Expr::IsNull),
    ("is not null", Expr::IsNotNull),
    ("is true", Expr::IsTrue),
    ("is false", Expr::IsFalse),
    ("is not true", Expr::IsNotTrue),
    ("is not false", Expr::IsNotFalse),
    ("is unknown", Expr::IsUnknown),
];

/// An expression as text. Its functions are those of [`registry`].
///
/// # Errors
/// If it has parts that SPL expressions are never lowered to.
pub fn encode(expr: &Expr) -> Result<String> {
    let mut tokens = Vec::new();
    push(expr, &mut tokens)?;
    write(&tokens)
}

fn write(tokens: &[Token]) -> Result<String> {
    serde_json::to_string(tokens).map_err(|why| internal_datafusion_err!("an expression is no text: {why}"))
}

fn read(text: &str) -> Result<Vec<Token>> {
    serde_json::from_str(text).map_err(|why| internal_datafusion_err!("this is no expression: {why}"))
}

fn push(expr: &Expr, tokens: &mut Vec<Token>) -> Result<()> {
    let token = match expr {
        Expr::Alias(alias) => return push(&alias.expr, tokens),
        Expr::Column(column) => Token::Column(column.name.clone()),
        Expr::Literal(value, _) => literal(value)?,
        Expr::BinaryExpr(binary) => {
            push(&binary.left, tokens)?;
            push(&binary.right, tokens)?;
            Token::Binary(binary.op.to_string())
        }
        Expr::Cast(Cast { expr, field }) => {
            push(expr, tokens)?;
            Token::Cast(type_name(field.data_type())?)
        }
        Expr::ScalarFunction(call) => {
            let body = operators::body_argument(call.name());
            for (place, argument) in call.args.iter().enumerate() {
                match argument {
                    Expr::Literal(ScalarValue::Utf8(Some(text)), _) if body == Some(place) => {
                        let inside = read(text)?;
                        tokens.push(Token::Body(inside.len()));
                        tokens.extend(inside);
                    }
                    _ => push(argument, tokens)?,
                }
            }
            Token::Call(call.name().to_owned(), call.args.len())
        }
        Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
            for (when, then) in when_then_expr {
                push(when, tokens)?;
                push(then, tokens)?;
            }
            else_expr.iter().try_for_each(|otherwise| push(otherwise, tokens))?;
            Token::Case(when_then_expr.len(), else_expr.is_some())
        }
        other => {
            let Some((name, operand)) = unary(other) else {
                return internal_err!("an expression over single values cannot have a {} in it", other.variant_name());
            };
            push(operand, tokens)?;
            Token::Unary(name.to_owned())
        }
    };
    tokens.push(token);
    Ok(())
}

/// The name of the operator and its operand.
fn unary(expr: &Expr) -> Option<(&'static str, &Expr)> {
    let operand = match expr {
        Expr::Not(operand)
        | Expr::Negative(operand)
        | Expr::IsNull(operand)
        | Expr::IsNotNull(operand)
        | Expr::IsTrue(operand)
        | Expr::IsFalse(operand)
        | Expr::IsNotTrue(operand)
        | Expr::IsNotFalse(operand)
        | Expr::IsUnknown(operand) => operand,
        _ => return None,
    };
    let same = |make: Unary| std::mem::discriminant(&make(Box::default())) == std::mem::discriminant(expr);
    UNARIES.iter().find(|(_, make)| same(*make)).map(|(name, _)| (*name, operand.as_ref()))
}

fn literal(value: &ScalarValue) -> Result<Token> {
    Ok(match value {
        null if null.is_null() => Token::Null(type_name(&null.data_type())?),
        ScalarValue::Utf8(Some(text)) => Token::Text(text.clone()),
        ScalarValue::Float64(Some(number)) => Token::Number(format!("{number:?}")),
        ScalarValue::Boolean(Some(truth)) => Token::Bool(*truth),
        ScalarValue::List(_) if value.data_type() == multivalue_type() => Token::Texts(crate::literals::texts(value)?),
        other => return internal_err!("an expression over single values cannot have a {} in it", other.data_type()),
    })
}

fn type_name(data_type: &DataType) -> Result<String> {
    let found = types().into_iter().find(|(_, known)| known == data_type);
    found.map(|(name, _)| name.to_owned()).ok_or_else(|| internal_datafusion_err!("no value of SPL is a {data_type}"))
}

fn type_of(name: &str) -> Result<DataType> {
    let found = types().into_iter().find(|(known, _)| *known == name);
    found.map(|(_, data_type)| data_type).ok_or_else(|| internal_datafusion_err!("there is no type `{name}`"))
}

/// Decodes a text from [`encode`].
///
/// # Errors
/// If the text is malformed, or has functions that are not registered.
pub fn decode(text: &str) -> Result<Expr> {
    let mut tokens = read(text)?.into_iter();
    let mut stack = Vec::new();
    while let Some(token) = tokens.next() {
        let expr = match token {
            Token::Body(length) => {
                let inside: Vec<Token> = tokens.by_ref().take(length).collect();
                if inside.len() < length {
                    return internal_err!("a body has too few tokens");
                }
                lit(write(&inside)?)
            }
            token => join(token, &mut stack)?,
        };
        stack.push(expr);
    }
    let whole = stack.pop().filter(|_| stack.is_empty());
    whole.ok_or_else(|| internal_datafusion_err!("an expression has too many or too few operands"))
}

/// The expression of a token and the operands before it. A body has none, and is not joined here.
fn join(token: Token, stack: &mut Vec<Expr>) -> Result<Expr> {
    let mut pop = |count: usize| {
        let from = stack.len().checked_sub(count);
        let from = from.ok_or_else(|| internal_datafusion_err!("an expression has too few operands"))?;
        Ok::<_, datafusion_common::DataFusionError>(stack.split_off(from))
    };
    Ok(match token {
        Token::Body(_) => return internal_err!("a body is no operand of its own"),
        Token::Column(name) => Expr::Column(Column::new_unqualified(name)),
        Token::Text(text) => lit(text),
        Token::Texts(texts) => lit(crate::literals::list(texts)),
        Token::Number(text) => {
            lit(text.parse::<f64>().map_err(|_| internal_datafusion_err!("`{text}` is no number"))?)
        }
        Token::Bool(truth) => lit(truth),
        Token::Null(name) => lit(ScalarValue::try_new_null(&type_of(&name)?)?),
        Token::Binary(name) => {
            let op = OPERATORS.into_iter().find(|op| op.to_string() == name);
            let op = op.ok_or_else(|| internal_datafusion_err!("there is no operator `{name}`"))?;
            match <[Expr; 2]>::try_from(pop(2)?) {
                Ok([left, right]) => binary_expr(left, op, right),
                Err(_) => return internal_err!("an operator joins two operands"),
            }
        }
        Token::Unary(name) => {
            let make = UNARIES.iter().find(|(known, _)| *known == name);
            let (_, make) = make.ok_or_else(|| internal_datafusion_err!("there is no operator `{name}`"))?;
            make(Box::new(pop(1)?.remove(0)))
        }
        Token::Cast(name) => cast(pop(1)?.remove(0), type_of(&name)?),
        Token::Call(name, count) => {
            let function = registry().scalar(&name);
            let function = function.ok_or_else(|| internal_datafusion_err!("there is no function `{name}`"))?;
            Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(function), pop(count)?))
        }
        Token::Case(branches, has_else) => {
            let otherwise = if has_else { pop(1)?.pop().map(Box::new) } else { None };
            let mut parts = pop(branches.saturating_mul(2))?.into_iter().map(Box::new);
            let pairs = std::iter::from_fn(|| parts.next().zip(parts.next())).collect();
            Expr::Case(Case::new(None, pairs, otherwise))
        }
    })
}

/// The expression of a text over columns of a schema, ready to run.
///
/// # Errors
/// If the text is not from [`encode`], or the columns do not match.
pub(crate) fn plan(text: &str, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>> {
    let schema = DFSchema::try_from(schema.clone())?;
    create_physical_expr(&decode(text)?, &schema, &ExecutionProps::new(), &PhysicalPlanningContext::default())
}

#[cfg(test)]
mod tests {
    use datafusion_expr::{ident, when};
    use dogwatch_predicate::Pattern;

    use super::*;
    use crate::operators::{Comparison, search_equal, search_equal_any};

    fn survives(expr: Expr) {
        let text = encode(&expr).unwrap();
        assert_eq!(decode(&text).unwrap(), expr, "{text}");
    }

    #[test]
    fn an_expression_comes_back() {
        survives(ident("a b").eq(lit("x\"\n")).and(!ident("c").is_null()).or(ident("d").is_not_true()));
        survives(lit(0.1 + 0.2) + lit(-0.0) - lit(f64::INFINITY) - lit(1e-300));
        survives(when(ident("a").is_not_null(), lit(1.0)).when(ident("b"), lit(2.0)).end().unwrap());
        survives(when(ident("a"), lit("x")).otherwise(lit(ScalarValue::Utf8(None))).unwrap());
        survives(cast(ident("a"), DataType::Boolean));
        for (_, data_type) in types() {
            survives(lit(ScalarValue::try_new_null(&data_type).unwrap()));
        }
        survives(search_equal(ident("a"), &Pattern::with_stars("x*")));
        survives(search_equal_any(ident("a"), &[Pattern::literal("x"), Pattern::with_stars("y*")]));
        survives(operators::compare(Comparison::Less, ident("a"), &text_type(), lit(2.0), &number_type()));
        survives(
            operators::lambda(
                crate::LambdaKind::Map,
                ident("mv"),
                operators::lambda_item(0),
                &operators::lambda_item(0),
            )
            .unwrap(),
        );
    }

    #[test]
    fn a_deep_expression_is_flat_text() {
        let deep = (0..2_000).fold(ident("a"), |expr, _| !expr);
        survives(deep);
    }

    #[test]
    fn bodies_in_bodies_are_as_long_as_they_are_many() {
        let nested = |levels: usize| {
            (0..levels).rev().fold(ident("x"), |inside, level| {
                operators::lambda(crate::LambdaKind::Map, ident("x"), inside, &operators::lambda_item(level)).unwrap()
            })
        };
        let length = |levels| match nested(levels) {
            Expr::ScalarFunction(call) => call.args[1].to_string().len(),
            other => panic!("{other}"),
        };
        assert!(length(40) < 3 * length(20), "{} and {}", length(40), length(20));
        survives(nested(40));
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        let wrong = [
            "",
            "[]",
            r#"[{"column":"a"},{"column":"b"}]"#,
            r#"[{"binary":"AND"}]"#,
            r#"[{"column":"a"},{"unary":"sure"}]"#,
            r#"[{"call":["no_such_function",0]}]"#,
            r#"[{"body":9223372036854775807},{"column":"a"}]"#,
            r#"[{"case":[9223372036854775807,false]}]"#,
        ];
        for text in wrong {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
