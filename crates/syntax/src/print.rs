//! A tree as text that parses back to the same tree, places apart.
//!
//! Names and values are written bare where every reader would take them so, else quoted. Eval's equality is
//! written `==`, so that no comparison can be taken for an option or an assignment. A tree with nodes that
//! stand for errors prints as well as it can.

use dogwatch_predicate::{Pattern, PatternPiece};

use crate::ast::{
    Aggregate, AggregateArgument, Argument, ArgumentValue, AssignTarget, Assignment, BinaryOp, Command, CompareOp,
    Expr, ExprKind, FieldList, NamePart, OptionValue, Pipeline, Rename, SearchExpr, SearchKind, SearchValue, SortKey,
    SortOrder, UnaryOp,
};
use crate::eval::{self, is_bare_field, precedence, target_of};
use crate::pipeline::IMPLIED;

/// Words that mean something after a list of names in one command or another, so they are quoted as names.
const RESERVED: [&str; 14] =
    ["and", "as", "by", "in", "like", "not", "or", "output", "outputnew", "over", "sortby", "where", "with", "xor"];

/// A pipeline as text.
pub fn print(pipeline: &Pipeline) -> String {
    Printer::written(|p| p.pipeline(pipeline, Place::Top))
}

/// An eval expression as text.
pub fn print_expr(expr: &Expr) -> String {
    Printer::written(|p| p.expr(expr, 0))
}

/// A search expression as text.
pub fn print_search_expr(expr: &SearchExpr) -> String {
    Printer::written(|p| p.search(expr, Tie::None))
}

/// Where a pipeline is written.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    Subsearch,
    Branch,
}

/// What a search expression is an operand of.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    None,
    And,
    Or,
    Not,
}

struct Printer {
    out: String,
}

impl Printer {
    fn written(write: impl FnOnce(&mut Self)) -> String {
        let mut printer = Self { out: String::new() };
        write(&mut printer);
        printer.out
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn list<T>(&mut self, items: &[T], divider: &str, mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.put(divider);
            }
            write(self, item);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, place: Place) {
        for (index, command) in pipeline.commands.iter().enumerate() {
            if index == 0 && command.implied {
                self.implied(command, place);
                continue;
            }
            if index > 0 {
                self.put(" ");
            }
            // Only a pipe makes parentheses a branch.
            let alone = place == Place::Branch && pipeline.commands.len() == 1;
            if index > 0 || alone || command.name.value != IMPLIED {
                self.put("| ");
            }
            self.command(command);
        }
    }

    /// The search that was left out. A first word that could be a command is kept from being one.
    fn implied(&mut self, command: &Command, place: Place) {
        for argument in &command.arguments {
            let ArgumentValue::Search(expr) = &argument.value else {
                continue;
            };
            let text = print_search_expr(expr);
            let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
            let after = text[length..].chars().next();
            let word_alone = after.is_none_or(char::is_whitespace);
            let (word, rest) = text.split_at(length);
            let taken = length > 0 && word_alone && word != "NOT" && (place == Place::Subsearch || word == IMPLIED);
            if !taken {
                self.put(&text);
            } else if rest.starts_with(" IN (") {
                self.put(&format!("\"{word}\"{rest}"));
            } else {
                self.put(&format!("({word}){rest}"));
            }
        }
    }

    fn command(&mut self, command: &Command) {
        self.put(&command.name.value);
        for option in &command.options {
            self.put(" ");
            self.put(&option.name.value);
            self.put("=");
            match &option.value.value {
                OptionValue::Number(value) => self.put(&value.to_string()),
                OptionValue::Bool(value) => self.put(if *value { "true" } else { "false" }),
                OptionValue::Text(text) if is_plain(text) => self.put(text),
                OptionValue::Text(text) => self.quoted(text),
            }
        }
        let mut after_names = false;
        for argument in &command.arguments {
            self.put(" ");
            match &argument.value {
                // Quoted it would be one more name of the list, so it was a template in brackets.
                ArgumentValue::Text(text) if after_names => self.put(&format!("[{text}]")),
                _ => self.argument(argument),
            }
            after_names = matches!(argument.value, ArgumentValue::Fields(_));
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match &argument.value {
            ArgumentValue::Number(value) => self.put(&value.to_string()),
            ArgumentValue::Text(text) => self.text(text),
            ArgumentValue::Keyword(word) => self.put(word),
            ArgumentValue::Fields(list) => self.fields(list),
            ArgumentValue::Renames(list) => self.list(list, ", ", Self::rename),
            ArgumentValue::SortKeys(keys) => self.list(keys, ", ", Self::sort_key),
            ArgumentValue::Assignments(list) => self.list(list, ", ", Self::assignment),
            ArgumentValue::Expr(expr) => {
                let text = print_expr(expr);
                // A number in front could be the count of `head 5`.
                if text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-') {
                    self.put(&format!("({text})"));
                } else {
                    self.put(&text);
                }
            }
            ArgumentValue::Search(expr) => self.search(expr, Tie::None),
            ArgumentValue::Aggregates(list) => self.list(list, ", ", Self::aggregate),
            ArgumentValue::FieldRegex { field, negated, pattern } => {
                self.name(&field.value);
                self.put(if *negated { "!=" } else { "=" });
                self.regex(&pattern.value);
            }
            ArgumentValue::Subsearch(pipeline) => self.subsearch(pipeline),
        }
    }

    fn subsearch(&mut self, pipeline: &Pipeline) {
        self.put("[");
        self.pipeline(pipeline, Place::Subsearch);
        self.put("]");
    }

    /// Text whose quotes are undone and whose backslashes stay.
    fn text(&mut self, text: &str) {
        let plain = is_plain(text) && text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '/');
        if plain {
            self.put(text);
        } else {
            self.regex(text);
        }
    }

    /// A regular expression in quotes. A quotation mark after a lone backslash cannot be written so; such a
    /// text came from square brackets or from a bare word, and goes back there.
    fn regex(&mut self, text: &str) {
        let mut lone = false;
        let mut writable = true;
        for c in text.chars() {
            writable &= !(lone && c == '"');
            lone = c == '\\' && !lone;
        }
        if lone {
            // Right before a bracket the backslash would escape it.
            self.put(&format!("{text} "));
        } else if writable {
            self.put(&format!("\"{}\"", text.replace('"', "\\\"")));
        } else {
            self.put(&format!("[{text}]"));
        }
    }

    fn quoted(&mut self, text: &str) {
        self.in_marks(text, '"');
    }

    fn in_marks(&mut self, text: &str, mark: char) {
        self.out.push(mark);
        for c in text.chars() {
            if c == mark || c == '\\' {
                self.out.push('\\');
            }
            self.out.push(c);
        }
        self.out.push(mark);
    }

    fn name(&mut self, name: &str) {
        let bare = is_plain(name) && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '*');
        if bare {
            self.put(name);
        } else {
            self.quoted(name);
        }
    }

    fn fields(&mut self, list: &FieldList) {
        if list.removes {
            self.put("- ");
        }
        self.list(&list.names, ", ", |p, name| p.name(&name.value));
    }

    /// A name that stands for itself was written once, or twice if the two have places of their own.
    fn rename(&mut self, rename: &Rename) {
        self.name(&rename.from.value);
        if rename.to != rename.from {
            self.put(" AS ");
            self.name(&rename.to.value);
        }
    }

    fn sort_key(&mut self, key: &SortKey) {
        if key.descending {
            self.put("-");
        }
        let function = match key.order {
            SortOrder::Auto => None,
            SortOrder::Number => Some("num("),
            SortOrder::Text => Some("str("),
            SortOrder::Ip => Some("ip("),
        };
        self.put(function.unwrap_or_default());
        self.name(&key.field.value);
        self.put(function.map_or("", |_| ")"));
    }

    fn assignment(&mut self, assignment: &Assignment) {
        match &assignment.target.value {
            AssignTarget::Field(name) => {
                let plain = is_plain(name)
                    && !name.contains(['*', '/', '-'])
                    && target_of(name) == AssignTarget::Field(name.clone());
                if plain {
                    self.put(name);
                } else {
                    self.in_marks(name, '\'');
                }
            }
            AssignTarget::Dynamic(parts) => {
                let name = parts.iter().fold(String::new(), |name, part| match part {
                    NamePart::Text(text) => name + text,
                    NamePart::Field(field) => name + "{" + field + "}",
                });
                if name.chars().all(|c| c.is_alphanumeric() || "_.:{}".contains(c)) {
                    self.put(&name);
                } else {
                    self.quoted(&name);
                }
            }
        }
        self.put("=");
        self.expr(&assignment.value, 0);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        match &aggregate.argument {
            None => self.put(&aggregate.function.value),
            Some(AggregateArgument::Field(field)) => {
                self.put(&aggregate.function.value);
                self.put("(");
                let name = field.value.as_str();
                let bare = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.:@/*{}".contains(c));
                if bare {
                    self.put(name);
                } else {
                    self.quoted(name);
                }
                self.put(")");
            }
            // Its text is also the name of its column, so the spelling must not change.
            Some(AggregateArgument::Eval(_)) => self.put(&aggregate.text),
        }
        if let Some(alias) = &aggregate.alias {
            self.put(" AS ");
            self.name(&alias.value);
        }
    }

    /// An expression as the operand of something that binds as tightly as `min`.
    fn expr(&mut self, expr: &Expr, min: u8) {
        let parens = level(&expr.kind) < min;
        if parens {
            self.put("(");
        }
        match &expr.kind {
            ExprKind::Number { text, .. } => self.put(text),
            ExprKind::String(text) => self.quoted(text),
            ExprKind::Field(name) if is_bare_field(name) => self.put(name),
            ExprKind::Field(name) => self.in_marks(name, '\''),
            ExprKind::Unary { op, operand } => {
                let (sign, level) = match op {
                    UnaryOp::Minus => ("-", eval::SIGN),
                    UnaryOp::Plus => ("+", eval::SIGN),
                    UnaryOp::Not => ("NOT ", eval::NOT),
                };
                self.put(sign);
                self.expr(operand, level);
            }
            ExprKind::Binary { op, left, right } => {
                let level = precedence(*op);
                self.expr(left, level);
                self.put(&format!(" {} ", sign(*op)));
                self.expr(right, level + 1);
            }
            ExprKind::In { value, list, negated } => {
                self.expr(value, eval::COMPARISON);
                self.put(if *negated { " NOT IN (" } else { " IN (" });
                self.list(list, ", ", |p, e| p.expr(e, 0));
                self.put(")");
            }
            ExprKind::Call { name, arguments } => {
                self.put(&name.value);
                self.put("(");
                self.list(arguments, ", ", |p, e| p.expr(e, 0));
                self.put(")");
            }
            ExprKind::Subsearch(pipeline) => self.subsearch(pipeline),
            ExprKind::Error => self.put("null()"),
        }
        if parens {
            self.put(")");
        }
    }

    fn search(&mut self, expr: &SearchExpr, tie: Tie) {
        let parens = match expr.kind {
            SearchKind::And(_) => tie != Tie::None,
            SearchKind::Or(_) => tie != Tie::None,
            _ => false,
        };
        if parens {
            self.put("(");
        }
        match &expr.kind {
            SearchKind::All | SearchKind::Error => self.put("*"),
            SearchKind::And(list) => self.list(list, " ", |p, e| p.search(e, Tie::And)),
            SearchKind::Or(list) => self.list(list, " OR ", |p, e| p.search(e, Tie::Or)),
            SearchKind::Not(inner) => {
                self.put("NOT ");
                self.search(inner, Tie::Not);
            }
            // Before a parenthesis the bare word would be the operator.
            SearchKind::Term(value) if !value.quoted && value.pattern.as_literal() == Some("IN") => {
                self.put("(");
                self.value(value);
                self.put(")");
            }
            SearchKind::Term(value) => self.value(value),
            SearchKind::Compare { field, op, value } => {
                self.search_field(&field.value);
                self.put(match op {
                    CompareOp::Equal => "=",
                    CompareOp::NotEqual => "!=",
                    CompareOp::Less => "<",
                    CompareOp::LessEqual => "<=",
                    CompareOp::Greater => ">",
                    CompareOp::GreaterEqual => ">=",
                });
                let first = value.pattern.pieces().first();
                let sign_first =
                    !value.quoted && matches!(first, Some(PatternPiece::Literal(text)) if text.starts_with('='));
                self.put(if sign_first { " " } else { "" });
                self.value(value);
            }
            SearchKind::In { field, values } => {
                self.search_field(&field.value);
                self.put(" IN (");
                self.list(values, ", ", Self::value);
                self.put(")");
            }
            SearchKind::Time { earliest, modifier } => {
                self.put(if *earliest { "earliest=" } else { "latest=" });
                let text = &modifier.value;
                let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-+@:/._".contains(c));
                if bare {
                    self.put(text);
                } else {
                    self.quoted(text);
                }
            }
            SearchKind::Subsearch(pipeline) => self.subsearch(pipeline),
            SearchKind::Branch(pipeline) => {
                self.put("(");
                self.pipeline(pipeline, Place::Branch);
                self.put(")");
            }
        }
        if parens {
            self.put(")");
        }
    }

    fn search_field(&mut self, name: &str) {
        let bare = is_plain(name) && !name.contains('*') && name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if bare {
            self.put(name);
        } else {
            self.quoted(name);
        }
    }

    fn value(&mut self, value: &SearchValue) {
        if value.pattern.keeps_case() {
            self.put("CASE(");
        }
        if value.term {
            self.put("TERM(");
        }
        self.pattern(&value.pattern, value.quoted);
        for _ in 0..usize::from(value.pattern.keeps_case()) + usize::from(value.term) {
            self.put(")");
        }
    }

    fn pattern(&mut self, pattern: &Pattern, quoted: bool) {
        if quoted {
            self.put("\"");
        }
        for piece in pattern.pieces() {
            match piece {
                PatternPiece::Star => self.put("*"),
                PatternPiece::Literal(text) => {
                    for c in text.chars() {
                        if "\"\\*".contains(c) || (!quoted && c == '|') {
                            self.out.push('\\');
                        }
                        self.out.push(c);
                    }
                }
            }
        }
        if quoted {
            self.put("\"");
        }
    }
}

/// How tightly a node holds together.
fn level(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Binary { op, .. } => precedence(*op),
        ExprKind::In { .. } => eval::COMPARISON,
        ExprKind::Unary { op: UnaryOp::Not, .. } => eval::NOT,
        ExprKind::Unary { .. } => eval::SIGN,
        _ => u8::MAX,
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "OR",
        BinaryOp::Xor => "XOR",
        BinaryOp::And => "AND",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Like => "LIKE",
        BinaryOp::Concat => ".",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
    }
}

/// Whether a word means itself wherever it stands bare.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || "_.:@/*{}-".contains(c))
        && !RESERVED.iter().any(|w| w.eq_ignore_ascii_case(text))
}
