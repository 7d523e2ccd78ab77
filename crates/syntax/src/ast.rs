//! The syntax tree of a search. It is generic: a command is a name, options and arguments, each argument in a
//! slot that the command's [signature](crate::signature) names. No command or function is known here by name.

use dogwatch_predicate::Pattern;

use crate::span::{Span, Spanned};

/// Commands joined by `|`. A leading `search` may be left out in SPL; the tree always has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The commands in order.
    pub commands: Vec<Command>,
    /// The whole text of the pipeline.
    pub span: Span,
}

/// One command of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The command's name, lower case, aliases resolved (`bucket` is `bin`).
    pub name: Spanned<String>,
    /// `name=value` options in the order written.
    pub options: Vec<CommandOption>,
    /// Arguments in the order of the signature's slots. Optional slots that were not written are absent.
    pub arguments: Vec<Argument>,
    /// From the name to the end of the last argument.
    pub span: Span,
    /// True for the `search` that SPL lets one leave out at the start of a pipeline.
    pub implied: bool,
}

impl Command {
    /// The value of an option, the last one if it was written twice.
    pub fn option(&self, name: &str) -> Option<&Spanned<OptionValue>> {
        self.options.iter().rev().find(|o| o.name.value == name).map(|o| &o.value)
    }

    /// Whether a boolean option is on; an option that was not given is off.
    pub fn flag(&self, name: &str) -> bool {
        self.switch(name).unwrap_or(false)
    }

    /// The value of a boolean option that is not simply off when it is not given.
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.option(name)?.value {
            OptionValue::Bool(on) => Some(on),
            _ => None,
        }
    }

    /// The value of an option that is text, a field or a word.
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.option(name)?.value {
            OptionValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an option that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.option(name)?.value {
            OptionValue::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The value of an option that counts something; a negative one counts nothing.
    pub fn count(&self, name: &str) -> Option<usize> {
        self.number(name).map(|number| number as usize)
    }

    /// The text in a slot.
    pub fn text_argument(&self, slot: &str) -> Option<&str> {
        match self.argument(slot)? {
            ArgumentValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in a slot that counts something; a negative one counts nothing.
    pub fn count_argument(&self, slot: &str) -> Option<usize> {
        match self.argument(slot)? {
            ArgumentValue::Number(number) => Some(*number as usize),
            _ => None,
        }
    }

    /// The names of the fields in a slot; none if nothing was written there.
    pub fn fields(&self, slot: &str) -> Vec<String> {
        match self.argument(slot) {
            Some(ArgumentValue::Fields(list)) => list.names.iter().map(|name| name.value.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The argument in a slot.
    pub fn argument(&self, slot: &str) -> Option<&ArgumentValue> {
        self.arguments.iter().find(|a| a.slot == slot).map(|a| &a.value)
    }

    /// All arguments in a slot that repeats.
    pub fn arguments_in<'a>(&'a self, slot: &'a str) -> impl Iterator<Item = &'a Argument> {
        self.arguments.iter().filter(move |a| a.slot == slot)
    }
}

/// `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandOption {
    /// The option's name as the signature spells it.
    pub name: Spanned<String>,
    /// Its value, checked against the signature's type.
    pub value: Spanned<OptionValue>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// A number.
    Number(f64),
    /// A boolean: `t`, `true`, `1`, `f`, `false`, `0`.
    Bool(bool),
    /// Text, a field name or a time span, quotes removed and escapes undone.
    Text(String),
}

/// An argument in its slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The slot's name in the signature.
    pub slot: &'static str,
    /// What was written there.
    pub value: ArgumentValue,
    /// Where.
    pub span: Span,
}

/// What an argument can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// A number (`head 5`, `sort 0 …`, `top 3 …`).
    Number(f64),
    /// Text, quotes removed. For a regular expression backslashes stay as they are, only `\"` becomes `"`.
    Text(String),
    /// A keyword of the signature that was written (`OUTPUTNEW`), in the signature's spelling.
    Keyword(&'static str),
    /// Field names, perhaps with wildcards.
    Fields(FieldList),
    /// `a AS b, …`.
    Renames(Vec<Rename>),
    /// Sort keys.
    SortKeys(Vec<SortKey>),
    /// `field=expression, …` of eval.
    Assignments(Vec<Assignment>),
    /// An eval expression.
    Expr(Expr),
    /// A search expression.
    Search(SearchExpr),
    /// Aggregations of stats and its kin.
    Aggregates(Vec<Aggregate>),
    /// `field=regex` or `field!=regex` of the regex command.
    FieldRegex {
        /// The field, `_raw` if none was written.
        field: Spanned<String>,
        /// True for `!=`.
        negated: bool,
        /// The pattern.
        pattern: Spanned<String>,
    },
    /// `[ … ]`.
    Subsearch(Pipeline),
}

/// A list of fields with its sign.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldList {
    /// `fields - a b`.
    pub removes: bool,
    /// The names; `*` in one is a wildcard.
    pub names: Vec<Spanned<String>>,
}

/// `from AS to`. Both may hold the same number of wildcards.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// The field there is.
    pub from: Spanned<String>,
    /// The new name; equal to `from` where the `AS` part was left out.
    pub to: Spanned<String>,
}

/// A key of `sort`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// The field.
    pub field: Spanned<String>,
    /// `-`.
    pub descending: bool,
    /// How to compare: `auto(f)`, `num(f)`, `str(f)`, `ip(f)`.
    pub order: SortOrder,
}

/// How `sort` compares the values of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Numbers as numbers, IP addresses as addresses, else text.
    #[default]
    Auto,
    /// As numbers.
    Number,
    /// As text.
    Text,
    /// As IP addresses.
    Ip,
}

/// The left side of an eval assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum AssignTarget {
    /// A field name.
    Field(String),
    /// A name made from field values: `{a}_x`. Text and field parts in order.
    Dynamic(Vec<NamePart>),
}

/// A part of a dynamic field name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePart {
    /// Literal text.
    Text(String),
    /// The value of a field.
    Field(String),
}

/// `target = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// What is assigned.
    pub target: Spanned<AssignTarget>,
    /// The expression.
    pub value: Expr,
}

/// `function(argument) AS name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The function's name as written, lower case (`count`, `p95`).
    pub function: Spanned<String>,
    /// The argument; none in `count`.
    pub argument: Option<AggregateArgument>,
    /// The name of the result, if written with `AS`.
    pub alias: Option<Spanned<String>>,
    /// From the function's name to the end of the alias.
    pub span: Span,
    /// The text of the aggregation without the alias, which Splunk uses as its name: `sum(x)`.
    pub text: String,
}

/// The argument of an aggregation.
#[derive(Clone, Debug, PartialEq)]
pub enum AggregateArgument {
    /// A field, perhaps with wildcards.
    Field(Spanned<String>),
    /// `eval(expression)`, or an expression written directly.
    Eval(Expr),
}

/// An eval expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of eval expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number as written; its text is kept so that printing gives it back.
    Number {
        /// Its value.
        value: f64,
        /// Its spelling.
        text: String,
    },
    /// A "quoted string", escapes undone (`\"`, `\\`; other backslashes stay, as patterns need them).
    String(String),
    /// A field, bare or 'in single quotes'.
    Field(String),
    /// `-x`, `+x`, `NOT x`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a op b`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `value IN (a, b)` and its negation `value NOT IN (…)`.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// Where.
        list: Vec<Expr>,
        /// True for `NOT IN`.
        negated: bool,
    },
    /// `name(arguments)`.
    Call {
        /// The function's name, lower case.
        name: Spanned<String>,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// A subsearch whose returned text stands here.
    Subsearch(Pipeline),
    /// Stands where an expression could not be read; a diagnostic says why.
    Error,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `NOT`
    Not,
}

/// Infix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `OR`
    Or,
    /// `XOR`
    Xor,
    /// `AND`
    And,
    /// `=` and `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `LIKE`
    Like,
    /// `.`
    Concat,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// A search expression: the argument of the `search` command.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchExpr {
    /// What it is.
    pub kind: SearchKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of search expression.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchKind {
    /// Matches everything: `*`, or nothing written.
    All,
    /// All must hold; never empty.
    And(Vec<SearchExpr>),
    /// One must hold; never empty.
    Or(Vec<SearchExpr>),
    /// Must not hold.
    Not(Box<SearchExpr>),
    /// A keyword or phrase, looked for in `_raw`.
    Term(SearchValue),
    /// `field op value`.
    Compare {
        /// The field.
        field: Spanned<String>,
        /// The operator.
        op: CompareOp,
        /// The value, perhaps with wildcards.
        value: SearchValue,
    },
    /// `field IN (value, …)`.
    In {
        /// The field.
        field: Spanned<String>,
        /// The values.
        values: Vec<SearchValue>,
    },
    /// `earliest=…`, `latest=…`, `_index_earliest=…`, `_index_latest=…`.
    Time {
        /// True for the earliest bound, false for the latest.
        earliest: bool,
        /// The modifier as written.
        modifier: Spanned<String>,
    },
    /// `[ … ]`: the subsearch's rows become an OR of ANDs.
    Subsearch(Pipeline),
    /// `( terms | command … )`: a pipeline as an operand. Dogwatch runs it, Splunk refuses it.
    Branch(Pipeline),
    /// Stands where an expression could not be read; a diagnostic says why.
    Error,
}

/// Comparison operators of search expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=` (and `==`)
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// A value in a search expression.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchValue {
    /// Literal pieces and wildcards; whether case counts (`CASE(…)`).
    pub pattern: Pattern,
    /// Whether it was written in double quotes.
    pub quoted: bool,
    /// `TERM(…)`: to be matched as one word between major breakers.
    pub term: bool,
    /// Where it stands.
    pub span: Span,
}
