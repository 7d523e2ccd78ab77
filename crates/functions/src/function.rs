//! How an eval function is declared: name, signature, doc, examples and logic in one place. The parser's messages, the
//! reference pages and the tests are derived from it.

use arrow::datatypes::DataType;
use datafusion_common::Result;
use datafusion_expr::Expr;

use crate::types::{Cell, Output};

/// An eval function.
#[derive(Debug)]
pub struct EvalFunction {
    /// Its name, lower case.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its family, which is the name of its folder: `text`, `conditional`, `multivalue`, …
    pub family: &'static str,
    /// Its syntax: `substr(<str>, <start>, <length>)`.
    pub usage: &'static str,
    /// What its arguments may be.
    pub parameters: &'static [Parameter],
    /// Number of parameters at the end of the list that may repeat as a group: 0 for none, 1 for `coalesce(a, b, …)`, 2
    /// for `case`.
    pub repeats: usize,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Details: rules for null and multivalues, limits, differences from Splunk. Markdown.
    pub details: &'static str,
    /// The page of Splunk's documentation that it follows.
    pub source: &'static str,
    /// Expressions and their results. They run as tests.
    pub examples: &'static [Example],
    /// How it works.
    pub implementation: Implementation,
}

/// A parameter of an eval function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in messages.
    pub name: &'static str,
    /// What may be given for it.
    pub kind: ParameterKind,
    /// Whether it can be left out (only the last ones can).
    pub optional: bool,
}

impl Parameter {
    /// A parameter that must be given.
    pub const fn required(name: &'static str, kind: ParameterKind) -> Self {
        Self { name, kind, optional: false }
    }

    /// A parameter that can be left out.
    pub const fn optional(name: &'static str, kind: ParameterKind) -> Self {
        Self { name, kind, optional: true }
    }
}

/// The arguments that a parameter accepts. A field is always accepted, since its values are known only at run time; the
/// kind restricts literals, and decides what the planner passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Anything.
    Any,
    /// Text.
    Text,
    /// A number: a non-numeric string literal is an error. If the parameter repeats (`sum(1, "2")`), any string literal
    /// is, since Splunk does not accept strings there.
    Number,
    /// A boolean expression.
    Bool,
    /// A regular expression: a string literal is compiled when the search is planned.
    Regex,
    /// A whole search expression in a string literal, handed over as a boolean expression.
    Search,
    /// An expression over one value of the multivalue field that it (or the first argument) names. See [`Implementation::Lambda`].
    EachValue,
}

/// An example of a function.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// An eval expression without fields, or over fields given in `given`.
    pub expression: &'static str,
    /// Fields that the expression reads, as eval assignments (`x="a b", y=split(x," ")`). Empty for none.
    pub given: &'static str,
    /// Its value as JSON: a number, a string, `true`, `null`, an array of strings.
    pub result: &'static str,
}

/// How a function works.
#[derive(Clone, Copy)]
pub enum Implementation {
    /// Row by row: called with the arguments of one row, appends exactly one value.
    Rows {
        /// The type of the result for these argument types.
        returns: fn(&[DataType]) -> DataType,
        /// The logic.
        row: fn(&[Cell<'_>], &mut Output) -> Result<()>,
        /// Whether equal arguments always give equal results (false for `random`).
        pure: bool,
    },
    /// Becomes a DataFusion expression over its arguments, whose types are given.
    Expression(fn(Vec<Expr>, &[DataType]) -> Result<Expr>),
    /// Applies its second argument, an expression over one value, to every value of the multivalue that is its first
    /// (for `mvfilter`, whose only argument names the field, the planner puts the field first).
    Lambda(LambdaKind),
}

/// The use of the expression's result for each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LambdaKind {
    /// They are the new values (`mvmap`).
    Map,
    /// They say which values stay (`mvfilter`).
    Filter,
}

impl std::fmt::Debug for Implementation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rows { .. } => "Rows",
            Self::Expression(_) => "Expression",
            Self::Lambda(_) => "Lambda",
        })
    }
}
