//! The search command's comparison of a field with a value: `field=value`, `field!=value`, `field<value`, `field=*`.
//!
//! None of these is ever null, so that `NOT field=value` is true for an event without the field, whereas `field!=value`
//! is not. Source: Search Manual, Difference between != and NOT; Search Reference, search command.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, BooleanBuilder};
use arrow::datatypes::DataType;
use datafusion_common::{DataFusionError, Result};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit};
use dogwatch_predicate::{Matcher, Pattern};

use super::compare::Comparison;
use crate::literals;
use crate::row_udf::call_name;
use crate::types::{Cell, Value, bool_type, cell, parse_number};

/// Whether a field equals a pattern: the whole value, ignoring case unless the pattern is case-sensitive, and any value
/// of a multivalue. A number equals a pattern that is its printed form or denotes the same number. Text is compared only
/// as text: `1` is not `1.0`.
pub fn search_equal(field: Expr, pattern: &Pattern) -> Expr {
    if pattern.is_star() {
        return search_exists(field);
    }
    EQUAL.call(vec![field, lit(pattern.encode())])
}

/// Whether a field equals any of the patterns.
pub fn search_equal_any(field: Expr, patterns: &[Pattern]) -> Expr {
    if patterns.iter().any(Pattern::is_star) {
        return search_exists(field);
    }
    let patterns = patterns.iter().map(|pattern| Some(pattern.encode()));
    EQUAL_ANY.call(vec![field, lit(literals::list(patterns))])
}

/// Whether a field has a value that does not equal the pattern. For a multivalue, one such value is enough. `field!=*` is
/// never true.
pub fn search_not_equal(field: Expr, pattern: &Pattern) -> Expr {
    NOT_EQUAL.call(vec![field, lit(pattern.encode())])
}

/// Whether a field has a value: `field=*`.
pub fn search_exists(field: Expr) -> Expr {
    EXISTS.call(vec![field])
}

/// Whether a field is less, greater, … than a value: as numbers if both are numeric, else as text by code point. Any
/// value of a multivalue is enough; a missing field gives false. With `Equal` and `NotEqual`, `*` is not a wildcard here.
pub fn search_compare(op: Comparison, field: Expr, value: &str) -> Expr {
    match op {
        Comparison::Equal => search_equal(field, &Pattern::literal(value)),
        Comparison::NotEqual => search_not_equal(field, &Pattern::literal(value)),
        Comparison::Less => LESS.call(vec![field, lit(value)]),
        Comparison::LessOrEqual => LESS_OR_EQUAL.call(vec![field, lit(value)]),
        Comparison::Greater => GREATER.call(vec![field, lit(value)]),
        Comparison::GreaterOrEqual => GREATER_OR_EQUAL.call(vec![field, lit(value)]),
    }
}

/// The test of a value.
#[derive(Debug)]
enum Test {
    Exists,
    Equal(Wanted),
    EqualAny(Vec<Wanted>),
    NotEqual(Wanted),
    Order(Comparison, String, Option<f64>),
}

/// A pattern, and its value as a number.
#[derive(Debug)]
struct Wanted {
    matcher: Matcher,
    number: Option<f64>,
}

impl Wanted {
    fn new(pattern: &Pattern) -> Self {
        Self { matcher: pattern.matcher(), number: pattern.as_literal().and_then(parse_number) }
    }

    fn equals(&self, value: &Value<'_>) -> bool {
        if let (Value::Number(left), Some(right)) = (value, self.number) {
            return *left == right;
        }
        self.matcher.matches(&value.text())
    }
}

impl Test {
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
            Self::Equal(wanted) => wanted.equals(value),
            Self::EqualAny(wanted) => wanted.iter().any(|wanted| wanted.equals(value)),
            Self::NotEqual(wanted) => !wanted.equals(value),
            Self::Order(op, text, number) => {
                let ordering = match (value.number(), number) {
                    (Some(left), Some(right)) => left.partial_cmp(right).unwrap_or(std::cmp::Ordering::Equal),
                    _ => value.text().as_ref().cmp(text.as_str()),
                };
                op.holds(ordering)
            }
        }
    }
}

/// The kind of test; the second argument of the function has its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Exists,
    Equal,
    EqualAny,
    NotEqual,
    Order(Comparison),
}

/// The scalar function of a kind. Its arguments are the field and what it is compared with: a pattern
/// ([`Pattern::encode`]), a list of them, or a text.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FieldSearch {
    name: &'static str,
    kind: Kind,
    signature: Signature,
}

/// A scalar function that is created on first use.
type Function = LazyLock<Arc<ScalarUDF>>;

static EXISTS: Function = LazyLock::new(|| FieldSearch::udf("search_exists", Kind::Exists));
static EQUAL: Function = LazyLock::new(|| FieldSearch::udf("search_equal", Kind::Equal));
static EQUAL_ANY: Function = LazyLock::new(|| FieldSearch::udf("search_equal_any", Kind::EqualAny));
static NOT_EQUAL: Function = LazyLock::new(|| FieldSearch::udf("search_not_equal", Kind::NotEqual));
static LESS: Function = LazyLock::new(|| FieldSearch::udf("search_less", Kind::Order(Comparison::Less)));
static LESS_OR_EQUAL: Function =
    LazyLock::new(|| FieldSearch::udf("search_less_or_equal", Kind::Order(Comparison::LessOrEqual)));
static GREATER: Function = LazyLock::new(|| FieldSearch::udf("search_greater", Kind::Order(Comparison::Greater)));
static GREATER_OR_EQUAL: Function =
    LazyLock::new(|| FieldSearch::udf("search_greater_or_equal", Kind::Order(Comparison::GreaterOrEqual)));

/// The scalar functions of this file.
pub(super) fn scalars() -> impl Iterator<Item = Arc<ScalarUDF>> {
    let all = [&EXISTS, &EQUAL, &EQUAL_ANY, &NOT_EQUAL, &LESS, &LESS_OR_EQUAL, &GREATER, &GREATER_OR_EQUAL];
    all.into_iter().map(|function| Arc::clone(function))
}

impl FieldSearch {
    fn udf(name: &'static str, kind: Kind) -> Arc<ScalarUDF> {
        let signature = Signature::any(if kind == Kind::Exists { 1 } else { 2 }, Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { name, kind, signature }))
    }

    /// The test that a call applies to all rows of a batch.
    fn test(&self, arguments: &[ColumnarValue]) -> Result<Test> {
        let wanted = || Ok::<_, DataFusionError>(Wanted::new(&Pattern::decode(literals::text(arguments, 1)?)));
        Ok(match self.kind {
            Kind::Exists => Test::Exists,
            Kind::Equal => Test::Equal(wanted()?),
            Kind::NotEqual => Test::NotEqual(wanted()?),
            Kind::EqualAny => {
                let patterns = literals::strings(literals::parameter(arguments, 1)?)?;
                Test::EqualAny(patterns.iter().flatten().map(|text| Wanted::new(&Pattern::decode(text))).collect())
            }
            Kind::Order(op) => {
                let text = literals::text(arguments, 1)?;
                Test::Order(op, text.to_owned(), parse_number(text))
            }
        })
    }
}

impl ScalarUDFImpl for FieldSearch {
    fn name(&self) -> &str {
        self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(call_name(self.name, args))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(bool_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let test = self.test(&args.args)?;
        if self.kind != Kind::EqualAny {
            return super::term::test_column(&args, |cell| test.holds(&cell));
        }
        // Lists mostly test fields that have the same value row after row, such as the origin or the action of an event.
        let mut last: Option<(String, bool)> = None;
        super::term::test_column(&args, |cell| match (&cell, &last) {
            (Cell::Text(text), Some((known, holds))) if text == known => *holds,
            (Cell::Text(text), _) => {
                let holds = test.holds(&cell);
                last = Some(((*text).to_owned(), holds));
                holds
            }
            _ => test.holds(&cell),
        })
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
        Test::Equal(Wanted::new(&Pattern::literal(pattern))).holds(&value)
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
        let test = Test::NotEqual(Wanted::new(&Pattern::literal("north")));
        assert!(!test.holds(&Cell::Null));
        assert!(test.holds(&Cell::Text("south")));
        assert!(!test.holds(&Cell::Text("NORTH")));
    }

    #[test]
    fn order_is_numeric_only_between_numbers() {
        let test = |text: &str| Test::Order(Comparison::Greater, text.into(), parse_number(text));
        assert!(test("9").holds(&Cell::Text("10")));
        assert!(!test("9a").holds(&Cell::Text("10")));
        assert!(!test("9").holds(&Cell::Null));
    }
}
