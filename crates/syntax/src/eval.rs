//! Eval expressions: `where`, `eval`, `head (…)`, `count(eval(…))`.
//!
//! Precedence, loosest first: XOR, OR, AND, NOT (Search Manual, "Boolean expressions with logical operators",
//! column eval and where), comparisons with LIKE and IN, then `+` `-` `.`, then `*` `/` `%`, then signs.
//! Operators of one level group from the left. Which functions exist, and what types fit, is not known here.

use crate::ast::{AssignTarget, Assignment, BinaryOp, Expr, ExprKind, NamePart, UnaryOp};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{Parser, Read, Reported, unescape};
use crate::span::{Span, Spanned};

/// How many levels a tree of operators may have: a chain of that many operators is legal, as `a OR b OR …`
/// is not nested by hand.
pub(crate) const MAX_CHAIN: usize = 500;

pub(crate) const XOR: u8 = 1;
pub(crate) const OR: u8 = 2;
pub(crate) const AND: u8 = 3;
pub(crate) const NOT: u8 = 4;
pub(crate) const COMPARISON: u8 = 5;
pub(crate) const SUM: u8 = 6;
pub(crate) const PRODUCT: u8 = 7;
pub(crate) const SIGN: u8 = 8;

/// Words that are operators in an expression, whatever their case.
const OPERATOR_WORDS: [&str; 6] = ["AND", "OR", "XOR", "NOT", "LIKE", "IN"];

pub(crate) fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Xor => XOR,
        BinaryOp::Or => OR,
        BinaryOp::And => AND,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::Like => COMPARISON,
        BinaryOp::Concat | BinaryOp::Add | BinaryOp::Subtract => SUM,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => PRODUCT,
    }
}

/// Whether a word can stand bare as a field in an expression.
pub(crate) fn is_bare_field(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && !OPERATOR_WORDS.iter().any(|w| w.eq_ignore_ascii_case(name))
}

/// An infix operator as it stands in the text.
enum Infix {
    Binary(BinaryOp),
    In { negated: bool },
    NotLike,
}

/// An expression and how many levels its tree has.
struct Grown {
    expr: Expr,
    height: usize,
}

impl Parser<'_> {
    /// Reads an expression as far as it goes. `after` is what it belongs to, for messages.
    pub(crate) fn expr(&mut self, after: &str) -> Read<Expr> {
        self.operators(XOR, after).map(|grown| grown.expr)
    }

    /// Operators that bind at least as tightly as `min`, and their operands.
    fn operators(&mut self, min: u8, after: &str) -> Read<Grown> {
        self.enter()?;
        let result = self.operators_inside(min, after);
        self.leave();
        result
    }

    fn operators_inside(&mut self, min: u8, after: &str) -> Read<Grown> {
        let mut left = self.prefix(after)?;
        loop {
            self.skip_space();
            let start = self.pos;
            let Some((infix, level, length)) = self.infix() else {
                return Ok(left);
            };
            if level < min {
                return Ok(left);
            }
            self.pos += length;
            let sign = self.text[start..self.pos].to_owned();
            left = match infix {
                Infix::Binary(op) => {
                    let right = self.operators(level + 1, &sign)?;
                    self.binary(op, left, right)?
                }
                Infix::NotLike => {
                    let right = self.operators(level + 1, &sign)?;
                    let like = self.binary(BinaryOp::Like, left, right)?;
                    unary(UnaryOp::Not, like, start)
                }
                Infix::In { negated } => self.in_list(left, negated)?,
            };
        }
    }

    fn binary(&mut self, op: BinaryOp, left: Grown, right: Grown) -> Read<Grown> {
        let height = left.height.max(right.height) + 1;
        let span = left.expr.span.to(right.expr.span);
        self.check_height(height, span)?;
        let kind = ExprKind::Binary { op, left: Box::new(left.expr), right: Box::new(right.expr) };
        Ok(Grown { expr: Expr { kind, span }, height })
    }

    fn check_height(&mut self, height: usize, span: Span) -> Read<()> {
        if height <= MAX_CHAIN {
            return Ok(());
        }
        Err(self.report(
            Diagnostic::error(Code::TooLarge, span, format!("the expression chains more than {MAX_CHAIN} operators"))
                .with_help("compare with `IN (…)`, or move the values into a lookup"),
        ))
    }

    /// The infix operator at the cursor, its precedence and its length in bytes.
    fn infix(&self) -> Option<(Infix, u8, usize)> {
        use BinaryOp as B;
        let rest = self.rest();
        let two = rest.get(..2).and_then(|two| match two {
            "==" => Some(B::Equal),
            "!=" => Some(B::NotEqual),
            "<=" => Some(B::LessEqual),
            ">=" => Some(B::GreaterEqual),
            _ => None,
        });
        if let Some(op) = two {
            return Some((Infix::Binary(op), precedence(op), 2));
        }
        let one = match rest.chars().next()? {
            '=' => Some(B::Equal),
            '<' => Some(B::Less),
            '>' => Some(B::Greater),
            '.' => Some(B::Concat),
            '+' => Some(B::Add),
            '-' => Some(B::Subtract),
            '*' => Some(B::Multiply),
            '/' => Some(B::Divide),
            '%' => Some(B::Modulo),
            _ => None,
        };
        if let Some(op) = one {
            return Some((Infix::Binary(op), precedence(op), 1));
        }
        for (word, op) in [("AND", B::And), ("OR", B::Or), ("XOR", B::Xor), ("LIKE", B::Like)] {
            if self.at_operator_word(word, 0) {
                return Some((Infix::Binary(op), precedence(op), word.len()));
            }
        }
        if self.at_operator_word("IN", 0) {
            return Some((Infix::In { negated: false }, COMPARISON, 2));
        }
        if self.at_operator_word("NOT", 0) {
            let tail = &rest[3..];
            let second = 3 + tail.len() - tail.trim_start().len();
            if self.at_operator_word("IN", second) {
                return Some((Infix::In { negated: true }, COMPARISON, second + 2));
            }
            if self.at_operator_word("LIKE", second) {
                return Some((Infix::NotLike, COMPARISON, second + 4));
            }
        }
        None
    }

    fn at_operator_word(&self, word: &str, offset: usize) -> bool {
        let rest = &self.rest()[offset..];
        let same = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        same && rest[word.len()..].chars().next().is_none_or(|c| !(c.is_alphanumeric() || c == '_'))
    }

    fn prefix(&mut self, after: &str) -> Read<Grown> {
        self.skip_space();
        let start = self.pos;
        let (op, level) = match self.peek() {
            Some('-') => (UnaryOp::Minus, SIGN),
            Some('+') => (UnaryOp::Plus, SIGN),
            _ if self.at_operator_word("NOT", 0) => (UnaryOp::Not, NOT),
            _ => return self.primary(after).map(|expr| Grown { expr, height: 1 }),
        };
        self.pos += if op == UnaryOp::Not { 3 } else { 1 };
        let sign = self.text[start..self.pos].to_owned();
        let operand = self.operators(level, &sign)?;
        let grown = unary(op, operand, start);
        self.check_height(grown.height, grown.expr.span)?;
        Ok(grown)
    }

    fn in_list(&mut self, value: Grown, negated: bool) -> Read<Grown> {
        self.skip_space();
        let open = self.pos;
        if !self.eat('(') {
            return Err(self.unexpected("a list in parentheses after `IN`"));
        }
        let list = self.expr_list(open, "IN (")?;
        if list.is_empty() {
            let span = self.span_from(open);
            return Err(self.error(Code::Unexpected, span, "the list after `IN` is empty"));
        }
        let span = Span::new(value.expr.span.start, self.pos);
        let height = value.height + 1;
        self.check_height(height, span)?;
        let kind = ExprKind::In { value: Box::new(value.expr), list, negated };
        Ok(Grown { expr: Expr { kind, span }, height })
    }

    /// Expressions divided by commas, up to and with the closing parenthesis.
    fn expr_list(&mut self, open: usize, after: &str) -> Read<Vec<Expr>> {
        let mut list = vec![];
        self.skip_space();
        if self.eat(')') {
            return Ok(list);
        }
        loop {
            let after = if list.is_empty() { after } else { "," };
            list.push(self.expr(after)?);
            self.skip_space();
            if !self.eat(',') {
                self.close(open, ')', "`,`, an operator")?;
                return Ok(list);
            }
        }
    }

    fn primary(&mut self, after: &str) -> Read<Expr> {
        let start = self.pos;
        let kind = match self.peek() {
            Some('(') => {
                self.bump();
                let inner = self.expr("(")?;
                self.close(start, ')', "an operator")?;
                return Ok(Expr { kind: inner.kind, span: self.span_from(start) });
            }
            Some('[') => ExprKind::Subsearch(self.subsearch()?),
            Some('"') => ExprKind::String(unescape(self.quoted()?.value, '"')),
            Some('\'') => ExprKind::Field(unescape(self.quoted()?.value, '\'')),
            Some(c) if c.is_ascii_digit() || (c == '.' && self.digit_follows()) => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' => return self.field_or_call(after),
            _ => return Err(self.no_operand(after)),
        };
        Ok(Expr { kind, span: self.span_from(start) })
    }

    fn no_operand(&mut self, after: &str) -> Reported {
        if self.closers.is_empty() && self.peek() == Some(')') && after != "(" {
            return self.unexpected(&format!("an operand after `{after}`"));
        }
        self.unexpected(&format!("an expression after `{after}`"))
    }

    fn digit_follows(&self) -> bool {
        self.rest()[1..].starts_with(|c: char| c.is_ascii_digit())
    }

    fn number(&mut self) -> Read<ExprKind> {
        let start = self.pos;
        let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let hex = self.rest().get(..2).is_some_and(|h| h.eq_ignore_ascii_case("0x"));
        let value = if hex {
            self.pos += 2;
            let rest = self.rest();
            let length = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
            self.pos += length;
            // A hex literal wider than 64 bits has no exact number anyway.
            u64::from_str_radix(&rest[..length], 16).ok().map(|n| n as f64)
        } else {
            self.pos += digits(self.rest());
            if self.peek() == Some('.') && self.digit_follows() {
                self.pos += 1;
                self.pos += digits(self.rest());
            }
            let exponent = self.rest().strip_prefix(['e', 'E']);
            if let Some(exponent) = exponent {
                let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                let length = digits(unsigned);
                if length > 0 {
                    self.pos += 1 + (exponent.len() - unsigned.len()) + length;
                }
            }
            self.text[start..self.pos].parse().ok()
        };
        let goes_on = self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_');
        match value {
            Some(value) if !goes_on => Ok(ExprKind::Number { value, text: self.text[start..self.pos].to_owned() }),
            _ => {
                self.bare_identifier();
                let span = self.span_from(start);
                let text = &self.text[start..self.pos];
                Err(self.report(Diagnostic::error(Code::Unexpected, span, format!("`{text}` is no number")).with_help(
                    format!(
                        "text goes in double quotes, a field name that starts with a digit in single quotes: '{text}'"
                    ),
                )))
            }
        }
    }

    /// Skips what may stand in a bare name: letters, digits, `_`, `:` and the `{}` of JSON arrays.
    fn bare_identifier(&mut self) {
        loop {
            let rest = self.rest();
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
            self.pos += length;
            let Some(index) = self.rest().strip_prefix('{') else {
                return;
            };
            let digits = index.len() - index.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if !index[digits..].starts_with('}') {
                return;
            }
            self.pos += digits + 2;
        }
    }

    fn field_or_call(&mut self, after: &str) -> Read<Expr> {
        let start = self.pos;
        self.bare_identifier();
        let span = self.span_from(start);
        let text = &self.text[start..self.pos];
        self.skip_space();
        let open = self.pos;
        if self.eat('(') {
            let name = Spanned::new(text.to_lowercase(), span);
            let arguments = self.expr_list(open, &format!("{text}("))?;
            return Ok(Expr { kind: ExprKind::Call { name, arguments }, span: self.span_from(start) });
        }
        if OPERATOR_WORDS.iter().any(|w| w.eq_ignore_ascii_case(text)) {
            self.pos = start;
            return Err(self.unexpected(&format!("an operand after `{after}`")));
        }
        self.pos = span.end;
        Ok(Expr { kind: ExprKind::Field(text.to_owned()), span })
    }

    /// `target = expression, …` up to the end of the command. What cannot be read is left out; the others
    /// are still there.
    pub(crate) fn assignments(&mut self, command: &str) -> Vec<Assignment> {
        let mut list = vec![];
        let mut after_comma = false;
        loop {
            if self.at_end() && !after_comma {
                return list;
            }
            let read = self.assignment(command);
            match read {
                Ok(assignment) => list.push(assignment),
                Err(Reported) => self.skip_until(|c| c == ','),
            }
            self.skip_space();
            if !self.at_end() && self.peek() != Some(',') {
                self.unexpected("`,`, an operator or `|`");
                self.skip_until(|c| c == ',');
            }
            after_comma = self.eat(',');
        }
    }

    fn assignment(&mut self, command: &str) -> Read<Assignment> {
        let target = self.target(command)?;
        self.skip_space();
        let doubled = self.rest().starts_with("==");
        if doubled || !self.eat('=') {
            let reported = self.unexpected(&format!("`=` and an expression after the field of `{command}`"));
            return Err(reported);
        }
        let value = self.expr("=")?;
        Ok(Assignment { target, value })
    }

    fn target(&mut self, command: &str) -> Read<Spanned<AssignTarget>> {
        self.skip_space();
        if self.peek() == Some('\'') {
            let raw = self.quoted()?;
            let name = AssignTarget::Field(unescape(raw.value, '\''));
            return Ok(Spanned::new(name, raw.span));
        }
        let (text, span) = if self.peek() == Some('"') {
            let raw = self.quoted()?;
            (unescape(raw.value, '"'), raw.span)
        } else {
            let word = self.bare("|,()[]\"'=`<>!+*/%", false);
            (word.value.to_owned(), word.span)
        };
        if text.is_empty() {
            return Err(self.unexpected(&format!("a field to assign to in `{command}`")));
        }
        Ok(Spanned::new(target_of(&text), span))
    }
}

fn unary(op: UnaryOp, operand: Grown, start: usize) -> Grown {
    let span = Span::new(start.min(operand.expr.span.start), operand.expr.span.end);
    Grown {
        height: operand.height + 1,
        expr: Expr { kind: ExprKind::Unary { op, operand: Box::new(operand.expr) }, span },
    }
}

/// Splits `{a}_x` into its parts. Empty braces and array indices are part of a plain name (`l{}`, `l{0}`).
pub(crate) fn target_of(name: &str) -> AssignTarget {
    let mut parts = vec![];
    let mut text = String::new();
    let mut rest = name;
    while let Some(open) = rest.find('{') {
        let inner = &rest[open + 1..];
        let Some(close) = inner.find(['{', '}']).filter(|n| inner[*n..].starts_with('}')) else {
            text.push_str(&rest[..=open]);
            rest = inner;
            continue;
        };
        if inner[..close].chars().all(|c| c.is_ascii_digit()) {
            text.push_str(&rest[..open + close + 2]);
        } else {
            text.push_str(&rest[..open]);
            if !text.is_empty() {
                parts.push(NamePart::Text(std::mem::take(&mut text)));
            }
            parts.push(NamePart::Field(inner[..close].to_owned()));
        }
        rest = &inner[close + 1..];
    }
    if parts.is_empty() {
        return AssignTarget::Field(name.to_owned());
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(NamePart::Text(text));
    }
    AssignTarget::Dynamic(parts)
}
