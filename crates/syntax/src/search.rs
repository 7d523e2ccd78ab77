//! Search expressions: the argument of `search`, written or implied.
//!
//! Parentheses bind first, then NOT, then OR, then AND, written or implied (Search Manual, "Boolean expressions
//! with logical operators", column search command); the operators are upper case. Words, fields and values are
//! wider than in eval: almost any sign may stand in them bare. A pipeline in parentheses is a branch.

use dogwatch_predicate::{Pattern, PatternPiece};

use crate::ast::{CompareOp, SearchExpr, SearchKind, SearchValue};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{Parser, Read, end_of_quotes, unescape};
use crate::span::{Span, Spanned};

/// Fields whose comparison by `=` sets the time range, and whether they set its start (Search Reference,
/// "Time modifiers").
const TIME_FIELDS: [(&str, bool); 4] =
    [("earliest", true), ("latest", false), ("_index_earliest", true), ("_index_latest", false)];

/// Signs that end a bare word.
const WORD_ENDS: &str = "|()[],\"`";

impl<'a> Parser<'a> {
    /// Reads a search expression as far as it goes; nothing at all is [`SearchKind::All`].
    pub(crate) fn search_expr(&mut self) -> Read<SearchExpr> {
        self.skip_separators();
        let start = self.pos;
        let mut all = vec![];
        loop {
            self.skip_separators();
            if matches!(self.peek(), None | Some('|' | ')' | ']')) {
                break;
            }
            if self.at_word("AND", false) {
                self.operator("AND", !all.is_empty())?;
            }
            all.push(self.search_or()?);
        }
        let kind = match all.len() {
            0 => {
                return Ok(SearchExpr { kind: SearchKind::All, span: Span::at(start) });
            }
            1 => return Ok(all.remove(0)),
            _ => SearchKind::And(all),
        };
        Ok(self.search_node(kind, start))
    }

    fn search_or(&mut self) -> Read<SearchExpr> {
        self.skip_space();
        let start = self.pos;
        let mut any = vec![self.search_not()?];
        loop {
            self.skip_space();
            if !self.at_word("OR", false) {
                break;
            }
            self.operator("OR", true)?;
            any.push(self.search_not()?);
        }
        if any.len() == 1 {
            return Ok(any.remove(0));
        }
        Ok(self.search_node(SearchKind::Or(any), start))
    }

    /// A node from `start` to the end of what was read last.
    fn search_node(&self, kind: SearchKind, start: usize) -> SearchExpr {
        let read = &self.text[start..self.pos];
        let read = read.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
        SearchExpr { kind, span: Span::new(start, start + read.len()) }
    }

    /// Reads an operator word and makes sure that it stands between operands.
    fn operator(&mut self, word: &str, has_left: bool) -> Read<()> {
        let span = Span::new(self.pos, self.pos + word.len());
        if !has_left {
            let complaint = Diagnostic::error(Code::Unexpected, span, format!("an operand is missing before `{word}`"))
                .with_help(format!("to look for the word itself, quote it: \"{word}\""));
            return Err(self.report(complaint));
        }
        self.pos = span.end;
        self.skip_separators();
        if matches!(self.peek(), None | Some('|' | ')' | ']')) {
            let complaint = Diagnostic::error(Code::Unexpected, span, format!("an operand is missing after `{word}`"))
                .with_help(format!("to look for the word itself, quote it: \"{word}\""));
            return Err(self.report(complaint));
        }
        Ok(())
    }

    fn search_not(&mut self) -> Read<SearchExpr> {
        self.enter()?;
        let result = self.search_not_inside();
        self.leave();
        result
    }

    fn search_not_inside(&mut self) -> Read<SearchExpr> {
        self.skip_separators();
        let start = self.pos;
        for word in ["OR", "AND"] {
            if self.at_word(word, false) {
                self.operator(word, false)?;
            }
        }
        if self.at_word("NOT", false) {
            self.operator("NOT", true)?;
            let operand = self.search_not()?;
            return Ok(self.search_node(SearchKind::Not(Box::new(operand)), start));
        }
        match self.peek() {
            Some('(') if self.at_branch() => {
                let pipeline = self.branch()?;
                Ok(self.search_node(SearchKind::Branch(pipeline), start))
            }
            Some('(') => self.group(),
            Some('[') => {
                let pipeline = self.subsearch()?;
                Ok(self.search_node(SearchKind::Subsearch(pipeline), start))
            }
            _ => self.term(),
        }
    }

    fn group(&mut self) -> Read<SearchExpr> {
        let start = self.pos;
        self.bump();
        let inner = self.search_expr()?;
        self.close(start, ')', "a search term")?;
        let span = self.span_from(start);
        if inner.kind == SearchKind::All && inner.span.start == inner.span.end {
            return Err(self.error(Code::Unexpected, span, "the parentheses are empty"));
        }
        Ok(SearchExpr { kind: inner.kind, span })
    }

    /// Whether the parenthesis at the cursor holds a pipeline: a pipe outside quotes and inner brackets, and
    /// a parenthesis that closes it.
    fn at_branch(&mut self) -> bool {
        let text = self.text;
        let branches = self.branches.get_or_insert_with(|| find_branches(text));
        branches.binary_search(&self.pos).is_ok()
    }

    /// A keyword, a phrase or a comparison.
    fn term(&mut self) -> Read<SearchExpr> {
        let start = self.pos;
        if self.at_modifier().is_some() {
            let value = self.search_value("a search term")?;
            return Ok(self.term_node(value));
        }
        let mut quoted = false;
        let (field, value) = match self.peek() {
            Some('"') => {
                quoted = true;
                let raw = self.quoted()?;
                (unescape(raw.value, '"'), search_value(&raw, true))
            }
            Some('\'') if self.single_quoted_field() => {
                let raw = self.quoted()?;
                (unescape(raw.value, '\''), search_value(&raw, false))
            }
            _ => {
                let raw = self.word(true);
                if raw.value.is_empty() {
                    return Err(self.no_term());
                }
                (raw.value.to_owned(), search_value(&raw, false))
            }
        };
        let span = self.span_from(start);
        let field = Spanned::new(field, span);
        if let Some((op, length)) = self.compare_op() {
            self.skip_space();
            self.pos += length;
            return self.comparison(field, op, start);
        }
        if let Some((negated, open)) = self.in_follows() {
            self.pos = open;
            return self.in_list_of(field, negated, start);
        }
        if !quoted {
            self.warn_lower_case_operator(&field);
        }
        Ok(self.term_node(value))
    }

    fn term_node(&self, value: SearchValue) -> SearchExpr {
        let plain = !value.quoted && !value.pattern.keeps_case() && !value.term;
        let span = value.span;
        let kind = if plain && value.pattern.is_star() { SearchKind::All } else { SearchKind::Term(value) };
        SearchExpr { kind, span }
    }

    fn no_term(&mut self) -> crate::parser::Reported {
        if let Some((_, length)) = self.compare_op() {
            let sign = self.rest()[..length].to_owned();
            let span = Span::new(self.pos, self.pos + length);
            return self.report(
                Diagnostic::error(Code::Unexpected, span, format!("a field name is missing before `{sign}`"))
                    .with_help("to look for the sign itself, put it in double quotes"),
            );
        }
        self.unexpected("a search term")
    }

    fn warn_lower_case_operator(&mut self, word: &Spanned<String>) {
        let upper = word.value.to_ascii_uppercase();
        if ["AND", "OR", "NOT"].contains(&upper.as_str()) {
            self.report(
                Diagnostic::warning(
                    Code::Unexpected,
                    word.span,
                    format!("`{}` is looked for as a word here", word.value),
                )
                .with_help(format!("the operator is written `{upper}`")),
            );
        }
    }

    /// Whether the single quote at the cursor opens a field name: it closes, and an operator follows. Else
    /// it is a letter like any other.
    fn single_quoted_field(&self) -> bool {
        let Some(close) = closing_single(self.rest()) else {
            return false;
        };
        let mut ahead = Parser::new(self.text, self.signatures);
        ahead.pos = self.pos + close + 1;
        ahead.compare_op().is_some() || ahead.in_follows().is_some()
    }

    /// The comparison operator that stands next, and its length.
    fn compare_op(&self) -> Option<(CompareOp, usize)> {
        let rest = self.rest().trim_start();
        [
            ("!=", CompareOp::NotEqual),
            ("==", CompareOp::Equal),
            ("<=", CompareOp::LessEqual),
            (">=", CompareOp::GreaterEqual),
            ("=", CompareOp::Equal),
            ("<", CompareOp::Less),
            (">", CompareOp::Greater),
        ]
        .into_iter()
        .find(|(sign, _)| rest.starts_with(sign))
        .map(|(sign, op)| (op, sign.len()))
    }

    /// `IN (` or `NOT IN (` next: whether negated, and where the parenthesis stands.
    fn in_follows(&self) -> Option<(bool, usize)> {
        let rest = self.rest().trim_start();
        let (negated, list) = match rest.strip_prefix("NOT") {
            Some(tail) if tail.starts_with(char::is_whitespace) => (true, tail.trim_start().strip_prefix("IN")?),
            _ => (false, rest.strip_prefix("IN")?),
        };
        let open = list.trim_start();
        open.starts_with('(').then(|| (negated, self.text.len() - open.len()))
    }

    fn comparison(&mut self, field: Spanned<String>, op: CompareOp, start: usize) -> Read<SearchExpr> {
        let time = TIME_FIELDS.iter().find(|(name, _)| *name == field.value);
        let kind = match time {
            Some((_, earliest)) if op == CompareOp::Equal => {
                SearchKind::Time { earliest: *earliest, modifier: self.modifier(&field.value)? }
            }
            _ => {
                let value = self.search_value(&format!("a value for `{}`", field.value))?;
                SearchKind::Compare { field, op, value }
            }
        };
        Ok(self.search_node(kind, start))
    }

    fn modifier(&mut self, field: &str) -> Read<Spanned<String>> {
        self.skip_space();
        if self.peek() == Some('"') {
            let raw = self.quoted()?;
            return Ok(Spanned::new(unescape(raw.value, '"'), raw.span));
        }
        let start = self.pos;
        let word = self.word(false);
        if word.value.is_empty() {
            return Err(self.unexpected(&format!("a time for `{field}`")));
        }
        // `now()` is the only modifier with parentheses.
        if self.rest().starts_with("()") {
            self.pos += 2;
        }
        let span = self.span_from(start);
        Ok(Spanned::new(self.text[span.range()].to_owned(), span))
    }

    fn in_list_of(&mut self, field: Spanned<String>, negated: bool, start: usize) -> Read<SearchExpr> {
        let open = self.pos;
        self.bump();
        let mut values = vec![];
        loop {
            self.skip_separators();
            if matches!(self.peek(), None | Some('|' | ')' | ']')) {
                break;
            }
            values.push(self.search_value("a value of the list")?);
        }
        self.close(open, ')', "a value")?;
        if values.is_empty() {
            let span = self.span_from(open);
            return Err(self.error(Code::Unexpected, span, "the list after `IN` is empty"));
        }
        let inside = self.search_node(SearchKind::In { field, values }, start);
        if negated {
            return Ok(self.search_node(SearchKind::Not(Box::new(inside)), start));
        }
        Ok(inside)
    }

    /// A value: bare, quoted, or in `CASE(…)` or `TERM(…)`.
    fn search_value(&mut self, what: &str) -> Read<SearchValue> {
        self.skip_space();
        if let Some(word) = self.at_modifier() {
            return self.modified_value(word);
        }
        match self.peek() {
            Some('"') => {
                let raw = self.quoted()?;
                Ok(search_value(&raw, true))
            }
            Some('[') => {
                let span = Span::new(self.pos, self.pos + 1);
                Err(self.report(
                    Diagnostic::error(
                        Code::Unsupported,
                        span,
                        "a subsearch cannot stand as the value of a comparison here",
                    )
                    .with_help("let the subsearch return the field too: `[search … | return field]`"),
                ))
            }
            Some('(') => {
                let span = Span::new(self.pos, self.pos + 1);
                Err(self.report(
                    Diagnostic::error(
                        Code::Unexpected,
                        span,
                        format!("unexpected parenthesis `(`: {what} was expected"),
                    )
                    .with_help("for several values write `field IN (a, b)`"),
                ))
            }
            _ => {
                let raw = self.word(false);
                if raw.value.is_empty() {
                    return Err(self.unexpected(what));
                }
                if raw.value.starts_with('\'') {
                    self.report(
                        Diagnostic::warning(Code::Unexpected, raw.span, "single quotes are part of the value here")
                            .with_help("quote values with double quotes"),
                    );
                }
                Ok(search_value(&raw, false))
            }
        }
    }

    /// `CASE` or `TERM` right before a parenthesis.
    fn at_modifier(&self) -> Option<&'static str> {
        ["CASE", "TERM"].into_iter().find(|word| self.rest().strip_prefix(word).is_some_and(|r| r.starts_with('(')))
    }

    fn modified_value(&mut self, word: &'static str) -> Read<SearchValue> {
        let start = self.pos;
        self.pos += word.len();
        let open = self.pos;
        self.bump();
        self.skip_space();
        let inner = self.at_modifier().filter(|inner| *inner != word);
        let mut value = match (inner, self.peek()) {
            (Some(inner), _) => {
                self.enter()?;
                let value = self.modified_value(inner);
                self.leave();
                value?
            }
            (None, Some('"')) => {
                let raw = self.quoted()?;
                search_value(&raw, true)
            }
            _ => {
                let begin = self.pos;
                self.skip_words_to_parenthesis();
                let raw = self.text[begin..self.pos].trim_end();
                let span = Span::new(begin, begin + raw.len());
                search_value(&Spanned::new(raw, span), false)
            }
        };
        self.close(open, ')', "the end of the word")?;
        value.span = self.span_from(start);
        if value.pattern.pieces().is_empty() {
            let span = value.span;
            return Err(self.error(Code::MissingArgument, span, format!("`{word}()` is empty")));
        }
        if word == "CASE" {
            value.pattern = std::mem::take(&mut value.pattern).keeping_case(true);
        } else {
            value.term = true;
        }
        Ok(value)
    }

    fn skip_words_to_parenthesis(&mut self) {
        while let Some(c) = self.peek() {
            if "()[]|\"`".contains(c) {
                return;
            }
            self.bump();
            if c == '\\' && self.peek().is_some_and(|c| "\"\\*|".contains(c)) {
                self.bump();
            }
        }
    }

    /// Reads a bare word with its escapes. A word that may be a field name ends at an operator too.
    fn word(&mut self, before_operator: bool) -> Spanned<&'a str> {
        let start = self.pos;
        while let Some(c) = self.peek() {
            let rest = self.rest();
            let ends = c.is_whitespace()
                || WORD_ENDS.contains(c)
                || (before_operator && ("=<>".contains(c) || rest.starts_with("!=")));
            if ends {
                break;
            }
            self.bump();
            if c == '\\' && self.peek().is_some_and(|c| "\"\\*|".contains(c)) {
                self.bump();
            }
        }
        Spanned::new(&self.text[start..self.pos], self.span_from(start))
    }
}

/// Where branches open, in order. One pass over the whole text, because a pass per parenthesis would take
/// quadratic time on text made for it.
fn find_branches(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    // Open brackets: where, which, and whether a pipe stands directly in them.
    let mut open: Vec<(usize, u8, bool)> = vec![];
    let mut found = vec![];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = end_of_quotes(text, at);
                continue;
            }
            b'\'' => {
                if let Some(end) = end_of_quoted_name(text, at) {
                    at = end;
                    continue;
                }
            }
            b'\\' => at += 1,
            sign @ (b'(' | b'[') => open.push((at, sign, false)),
            b')' => {
                if open.last().is_some_and(|(_, sign, _)| *sign == b'(')
                    && let Some((start, _, true)) = open.pop()
                {
                    found.push(start);
                }
            }
            b']' => {
                if let Some(bracket) = open.iter().rposition(|(_, sign, _)| *sign == b'[') {
                    open.truncate(bracket);
                }
            }
            b'|' => {
                if let Some(last) = open.last_mut() {
                    last.2 = true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found.sort_unstable();
    found
}

/// One past the single quote that closes a name, if the one at `at` opens any and is no apostrophe.
fn end_of_quoted_name(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut escaped = false;
    for (offset, c) in text[at..].char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Some(at + offset + 1),
            '"' | '\n' => return None,
            _ => {}
        }
    }
    None
}

fn closing_single(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (offset, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Some(offset),
            '|' | '"' | '\n' => return None,
            _ => {}
        }
    }
    None
}

fn search_value(raw: &Spanned<&str>, quoted: bool) -> SearchValue {
    SearchValue { pattern: pattern(raw.value, quoted), quoted, term: false, span: raw.span }
}

/// Wildcards and escapes of a value: `*` is a wildcard inside quotes too, `\*`, `\"` and `\\` stand for the
/// sign itself, bare also `\|` (Search Reference, "search command", quotes and escaping characters).
fn pattern(raw: &str, quoted: bool) -> Pattern {
    let mut pieces = vec![];
    let mut text = String::new();
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = match chars.peek() {
            Some(&next) if c == '\\' => "\"\\*".contains(next) || (!quoted && next == '|'),
            _ => false,
        };
        if escaped {
            text.extend(chars.next());
        } else if c == '*' {
            pieces.extend([PatternPiece::Literal(std::mem::take(&mut text)), PatternPiece::Star]);
        } else {
            text.push(c);
        }
    }
    pieces.push(PatternPiece::Literal(text));
    pieces.into_iter().collect()
}
