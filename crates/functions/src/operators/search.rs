//! The search command's comparison of a field with a value: `field=value`, `field!=value`, `field<value`, `field=*`.
//!
//! None of these is ever null, so that `NOT field=value` holds for an event without the field, whereas
//! `field!=value` does not. Source: Search Manual, Difference between != and NOT; Search Reference, search command.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder};
use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use dogwatch_predicate::{Matcher, Pattern};

use super::compare::Comparison;
use crate::types::{Cell, Value, bool_type, cell, parse_number};

/// Whether a field equals a pattern: the whole value, without case unless the pattern asks for it, any value of a
/// multivalue. A number equals a pattern that is how it prints or that spells the same number. Text is compared as text
/// only: `1` is not `1.0`.
pub fn search_equal(field: Expr, pattern: &Pattern) -> Expr {
    if pattern.is_star() {
        return search_exists(field);
    }
    FieldSearch::call(field, Test::Equal(pattern.matcher(), number_of(pattern)))
}

/// Whether a field equals any of the patterns.
pub fn search_equal_any(field: Expr, patterns: &[Pattern]) -> Expr {
    if patterns.iter().any(Pattern::is_star) {
        return search_exists(field);
    }
    let prepared = patterns.iter().map(|pattern| (pattern.matcher(), number_of(pattern))).collect();
    FieldSearch::call(field, Test::EqualAny(prepared))
}

/// Whether a field has a value that does not equal the pattern. For a multivalue one such value is enough. `field!=*`
/// holds for nothing.
pub fn search_not_equal(field: Expr, pattern: &Pattern) -> Expr {
    FieldSearch::call(field, Test::NotEqual(pattern.matcher(), number_of(pattern)))
}

/// Whether a field has a value: `field=*`.
pub fn search_exists(field: Expr) -> Expr {
    FieldSearch::call(field, Test::Exists)
}

/// Whether a field is less, greater, … than a value: as numbers if both are or spell one, else as text by code point.
/// Any value of a multivalue is enough; a missing field gives false. `Equal` and `NotEqual` compare here without `*`.
pub fn search_compare(op: Comparison, field: Expr, value: &str) -> Expr {
    match op {
        Comparison::Equal => search_equal(field, &Pattern::literal(value)),
        Comparison::NotEqual => search_not_equal(field, &Pattern::literal(value)),
        op => FieldSearch::call(field, Test::Order(op, value.to_owned(), parse_number(value).map(f64::to_bits))),
    }
}

fn number_of(pattern: &Pattern) -> Option<u64> {
    pattern.as_literal().and_then(parse_number).map(f64::to_bits)
}

/// What is asked of a value. Numbers are kept as bits, which can be compared and hashed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Test {
    Exists,
    Equal(Matcher, Option<u64>),
    EqualAny(Vec<(Matcher, Option<u64>)>),
    NotEqual(Matcher, Option<u64>),
    Order(Comparison, String, Option<u64>),
}

impl Test {
    fn name(&self) -> &'static str {
        match self {
            Self::Exists => "search_exists",
            Self::Equal(..) | Self::EqualAny(..) => "search_equal",
            Self::NotEqual(..) => "search_not_equal",
            Self::Order(..) => "search_compare",
        }
    }

    fn holds(&self, cell: &Cell<'_>) -> bool {
        match cell {
            Cell::Null => false,
            Cell::Multi(..) => cell.values().iter().any(|value| self.value_holds(value)),
            cell => cell.single().is_some_and(|value| self.value_holds(&value)),
        }
    }

    fn value_holds(&self, value: &Value<'_>) -> bool {
        match self {
            Self::Exists => true,
            Self::Equal(pattern, number) => equals(pattern, *number, value),
            Self::EqualAny(patterns) => patterns.iter().any(|(pattern, number)| equals(pattern, *number, value)),
            Self::NotEqual(pattern, number) => !equals(pattern, *number, value),
            Self::Order(op, text, number) => {
                let ordering = match (value.number(), number.map(f64::from_bits)) {
                    (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(std::cmp::Ordering::Equal),
                    _ => value.text().as_ref().cmp(text.as_str()),
                };
                op.holds(ordering)
            }
        }
    }
}

fn equals(pattern: &Matcher, number: Option<u64>, value: &Value<'_>) -> bool {
    if let (Value::Number(left), Some(right)) = (value, number.map(f64::from_bits)) {
        return *left == right;
    }
    pattern.matches(&value.text())
}

/// The scalar function; the test is part of it, so that it is prepared once.
#[derive(Debug, PartialEq, Eq)]
struct FieldSearch {
    test: Test,
    signature: Signature,
}

impl Hash for FieldSearch {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.test.hash(state);
    }
}

impl FieldSearch {
    fn call(field: Expr, test: Test) -> Expr {
        let function = Self { test, signature: Signature::any(1, Volatility::Immutable) };
        Arc::new(ScalarUDF::from(function)).call(vec![field])
    }
}

impl ScalarUDFImpl for FieldSearch {
    fn name(&self) -> &str {
        self.test.name()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(format!("{}({}, {})", self.name(), display(args), describe(&self.test)))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(bool_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if !matches!(self.test, Test::EqualAny(_)) {
            return super::term::test_column(args, |cell| self.test.holds(&cell));
        }
        // Lists are mostly about fields that have the same value row after row: where an event comes from, what is done.
        let mut last: Option<(String, bool)> = None;
        super::term::test_column(args, |cell| match (&cell, &last) {
            (Cell::Text(text), Some((known, holds))) if text == known => *holds,
            (Cell::Text(text), _) => {
                let holds = self.test.holds(&cell);
                last = Some(((*text).to_owned(), holds));
                holds
            }
            _ => self.test.holds(&cell),
        })
    }
}

pub(super) fn display(args: &[Expr]) -> String {
    args.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn describe(test: &Test) -> String {
    match test {
        Test::Exists => "*".to_owned(),
        Test::EqualAny(patterns) => {
            patterns.iter().map(|(pattern, _)| super::term::describe(pattern)).collect::<Vec<_>>().join(" or ")
        }
        Test::Equal(pattern, _) | Test::NotEqual(pattern, _) => super::term::describe(pattern),
        Test::Order(op, text, _) => format!("{op:?} {text:?}"),
    }
}

pub(super) fn booleans(array: &ArrayRef, mut holds: impl FnMut(Cell<'_>) -> bool) -> ArrayRef {
    let mut builder = BooleanBuilder::with_capacity(array.len());
    for row in 0..array.len() {
        builder.append_value(holds(cell(array.as_ref(), row)));
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(pattern: &str, value: Cell<'_>) -> bool {
        let pattern = Pattern::literal(pattern);
        Test::Equal(pattern.matcher(), number_of(&pattern)).holds(&value)
    }

    #[test]
    fn text_is_compared_as_text_and_numbers_as_numbers() {
        assert!(!equal("1", Cell::Text("1.0")));
        assert!(equal("1.0", Cell::Number(1.0)));
        assert!(equal("true", Cell::Bool(true)));
        assert!(equal("ADMIN", Cell::Text("admin")));
        assert!(!equal("x", Cell::Null));
    }

    #[test]
    fn not_equal_needs_the_field() {
        let test = Test::NotEqual(Pattern::literal("north").matcher(), None);
        assert!(!test.holds(&Cell::Null));
        assert!(test.holds(&Cell::Text("south")));
        assert!(!test.holds(&Cell::Text("NORTH")));
    }

    #[test]
    fn order_is_numeric_only_between_numbers() {
        let test = |text: &str| Test::Order(Comparison::Greater, text.into(), parse_number(text).map(f64::to_bits));
        assert!(test("9").holds(&Cell::Text("10")));
        assert!(!test("9a").holds(&Cell::Text("10")));
        assert!(!test("9").holds(&Cell::Null));
    }
}
