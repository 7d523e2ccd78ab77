//! The parser's state and the reading of single things: white space, words, quotes. What these things mean
//! where is in the modules for pipelines, searches, expressions and arguments.

use crate::diagnostic::{Code, Diagnostic};
use crate::signature::Signatures;
use crate::span::{Span, Spanned};

/// How deep parentheses, function calls and prefix operators may nest.
pub const MAX_DEPTH: usize = 200;
/// How deep pipelines may stand in pipelines: subsearches and branches.
pub const MAX_PIPELINES: usize = 24;
/// How many complaints one search gets. More help nobody.
const MAX_DIAGNOSTICS: usize = 100;

/// A complaint was made; whoever gets this looks for a place to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// What was read, or the sign that a complaint was made.
pub(crate) type Read<T> = Result<T, Reported>;

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    pub(crate) pos: usize,
    pub(crate) signatures: &'a dyn Signatures,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What closes the pipelines around this place: `]` of a subsearch, `)` of a branch.
    pub(crate) closers: Vec<char>,
    /// Macro calls that are left in the text have been complained about already.
    pub(crate) macros_reported: bool,
    /// Where branches open, once somebody asked.
    pub(crate) branches: Option<Vec<usize>>,
    depth: usize,
    /// A quotation mark without partner swallowed the rest, so what is missing at the end is no news.
    quote_open: bool,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, signatures: &'a dyn Signatures) -> Self {
        Self {
            text,
            pos: 0,
            signatures,
            diagnostics: vec![],
            closers: vec![],
            macros_reported: false,
            branches: None,
            depth: 0,
            quote_open: false,
        }
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.pos..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn bump(&mut self) {
        if let Some(c) = self.peek() {
            self.pos += c.len_utf8();
        }
    }

    pub(crate) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.pos += c.len_utf8();
        }
        found
    }

    /// Skips white space, and macro calls that could not be expanded.
    pub(crate) fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            self.pos += rest.len() - rest.trim_start().len();
            if self.peek() != Some('`') {
                return;
            }
            let start = self.pos;
            let length = self.rest()[1..].find('`').map(|n| n + 2);
            self.pos += length.unwrap_or(self.rest().len());
            if !self.macros_reported {
                let span = Span::new(start, self.pos);
                self.report(Diagnostic::error(Code::BadMacro, span, "macros are not expanded here"));
            }
        }
    }

    /// Skips white space and commas.
    pub(crate) fn skip_separators(&mut self) {
        self.skip_space();
        while self.eat(',') {
            self.skip_space();
        }
    }

    /// Whether the command ends here: at the end of the text, at a pipe, or where the pipeline closes.
    pub(crate) fn at_end(&mut self) -> bool {
        self.skip_space();
        match self.peek() {
            None | Some('|') => true,
            Some(c) => self.closers.last() == Some(&c),
        }
    }

    /// Whether these words stand here, followed by something that does not go on with the word.
    pub(crate) fn at_word(&self, word: &str, ignore_case: bool) -> bool {
        let Some(head) = self.rest().get(..word.len()) else {
            return false;
        };
        let same = head == word || (ignore_case && head.eq_ignore_ascii_case(word));
        same && self.rest()[word.len()..].chars().next().is_none_or(|c| c.is_whitespace() || "()[]\"'|,`".contains(c))
    }

    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word, true);
        if found {
            self.pos += word.len();
        }
        found
    }

    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.pos)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
        Reported
    }

    pub(crate) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Reported {
        self.report(Diagnostic::error(code, span, message))
    }

    /// Goes one level deeper, or complains that it is too deep.
    pub(crate) fn enter(&mut self) -> Read<()> {
        if self.depth >= MAX_DEPTH {
            let at = Span::new(self.pos, self.pos + self.peek().map_or(0, char::len_utf8));
            return Err(self.report(
                Diagnostic::error(Code::TooLarge, at, format!("the search nests more than {MAX_DEPTH} levels deep"))
                    .with_help("split it with an eval, or move values into a lookup"),
            ));
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The thing at the cursor, for messages: a word, a string or a sign.
    fn token(&self) -> &'a str {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return "";
        };
        let wordy = |c: char| c.is_alphanumeric() || "_.:-".contains(c);
        let end = if wordy(first) { rest.find(|c| !wordy(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let end = rest.char_indices().nth(40).map_or(end, |(n, _)| end.min(n));
        &rest[..end]
    }

    /// Complains about what stands at the cursor.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Reported {
        self.skip_space();
        let token = self.token();
        let span = Span::new(self.pos, self.pos + token.len());
        match token {
            "" => {
                if self.quote_open {
                    return Reported;
                }
                self.report(Diagnostic::error(
                    Code::Unexpected,
                    span,
                    format!("unexpected end of the search: {expected} is missing"),
                ))
            }
            "|" => self.report(Diagnostic::error(
                Code::Unexpected,
                span,
                format!("unexpected end of the command: {expected} is missing before `|`"),
            )),
            ")" | "]" => {
                let (what, open) = if token == ")" { ("parenthesis", "(") } else { ("bracket", "[") };
                let complaint = if self.closers.last().is_some_and(|c| token.starts_with(*c)) {
                    Diagnostic::error(
                        Code::Unexpected,
                        span,
                        format!("unexpected `{token}`: {expected} is missing before it"),
                    )
                } else {
                    Diagnostic::error(
                        Code::UnbalancedParenthesis,
                        span,
                        format!("unexpected `{token}`: {expected} was expected"),
                    )
                    .with_label(format!("no `{open}` opens this {what}"))
                    .with_help(format!("remove this {what}, or open it with `{open}` further left"))
                };
                self.report(complaint)
            }
            _ => self.report(Diagnostic::error(
                Code::Unexpected,
                span,
                format!("unexpected `{token}`: {expected} was expected"),
            )),
        }
    }

    /// Reads the parenthesis or bracket that closes what was opened at `open`.
    pub(crate) fn close(&mut self, open: usize, closer: char, expected: &str) -> Read<()> {
        self.skip_space();
        if self.eat(closer) {
            return Ok(());
        }
        let unclosed = match self.peek() {
            None | Some('|') => true,
            Some(c @ (')' | ']')) => c != closer,
            Some(_) => false,
        };
        if !unclosed {
            return Err(self.unexpected(&format!("{expected} or `{closer}`")));
        }
        if self.quote_open {
            return Err(Reported);
        }
        let (what, opener) = if closer == ')' { ("parenthesis", '(') } else { ("bracket", '[') };
        let complaint = Diagnostic::error(
            Code::UnbalancedParenthesis,
            Span::new(open, open + 1),
            format!("missing `{closer}`: the {what} `{opener}` is never closed"),
        )
        .with_label(format!("this {what} has no partner"))
        .with_help(format!("add `{closer}` where it ends"));
        Err(self.report(complaint))
    }

    /// Reads a string in the quotation marks that stand at the cursor. Gives what is between them, escapes
    /// and all, and the span with the marks.
    pub(crate) fn quoted(&mut self) -> Read<Spanned<&'a str>> {
        let start = self.pos;
        let Some(mark) = self.peek() else {
            return Err(Reported);
        };
        let mut escaped = false;
        let mut misled = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            if escaped {
                escaped = false;
                misled = c == mark;
            } else if c == '\\' {
                escaped = true;
            } else if c == mark {
                let raw = &self.text[start + 1..start + offset];
                self.pos = start + offset + 1;
                return Ok(Spanned::new(raw, self.span_from(start)));
            }
        }
        let line = self.rest().lines().next().map_or(1, str::len).max(1);
        let help = if misled {
            format!(
                "a backslash before `{mark}` makes it part of the text; write `\\\\{mark}` to end after a backslash"
            )
        } else {
            format!("close it with `{mark}`")
        };
        let complaint = Diagnostic::error(
            Code::UnbalancedQuote,
            Span::new(start, start + line),
            "unterminated string: the quotation mark is never closed",
        )
        .with_label(format!("this `{mark}` has no partner"))
        .with_help(help);
        self.pos = self.text.len();
        self.quote_open = true;
        Err(self.report(complaint))
    }

    /// Reads a bare word: up to white space or a sign that `stop` names. Parentheses that balance inside the
    /// word belong to it when `parens` says so.
    pub(crate) fn bare(&mut self, stop: &str, parens: bool) -> Spanned<&'a str> {
        let start = self.pos;
        let mut open = 0usize;
        for c in self.rest().chars() {
            if parens && c == '(' {
                open += 1;
            } else if parens && c == ')' {
                if open == 0 {
                    break;
                }
                open -= 1;
            } else if c.is_whitespace() || stop.contains(c) {
                break;
            }
            self.pos += c.len_utf8();
        }
        Spanned::new(&self.text[start..self.pos], self.span_from(start))
    }

    /// Reads a field name in a list: bare, in single or in double quotes.
    pub(crate) fn name(&mut self, what: &str) -> Read<Spanned<String>> {
        self.skip_space();
        match self.peek() {
            Some(mark @ ('"' | '\'')) => {
                let raw = self.quoted()?;
                Ok(Spanned::new(unescape(raw.value, mark), raw.span))
            }
            _ => {
                let word = self.bare("|,()[]\"=`", false);
                if word.value.is_empty() {
                    return Err(self.unexpected(what));
                }
                Ok(Spanned::new(word.value.to_owned(), word.span))
            }
        }
    }

    /// The name of a column. What looks like a call is the name that an aggregation has without AS: `sum(bytes)`.
    pub(crate) fn column(&mut self, what: &str) -> Read<Spanned<String>> {
        let field = self.name(what)?;
        let open = self.pos;
        let quoted = self.text[field.span.start..].starts_with(['"', '\'']);
        if quoted || open != field.span.end || !self.eat('(') {
            return Ok(field);
        }
        let argument = self.name("a field")?;
        self.close(open, ')', "the end of the field")?;
        let span = self.span_from(field.span.start);
        Ok(Spanned::new(format!("{}({})", field.value, argument.value), span))
    }

    /// Goes to the end of the command, past whatever stands there.
    pub(crate) fn skip_command(&mut self) {
        self.skip_until(|_| false);
    }

    /// Goes to the end of the command, or to a sign outside quotes and brackets that `wanted` names.
    pub(crate) fn skip_until(&mut self, wanted: impl Fn(char) -> bool) {
        let mut open: Vec<char> = vec![];
        while let Some(c) = self.peek() {
            let outside = open.is_empty();
            match c {
                '"' => {
                    self.pos = end_of_quotes(self.text, self.pos);
                    continue;
                }
                '\\' => self.bump(),
                '[' => open.push(']'),
                // An unclosed parenthesis must not hide the rest of the pipeline: pipes count inside it.
                '(' => open.push(')'),
                '|' if !open.contains(&']') => return,
                _ if outside && (wanted(c) || self.closers.last() == Some(&c)) => return,
                ')' | ']' if open.contains(&c) => while open.pop().is_some_and(|o| o != c) {},
                ']' if self.closers.last() == Some(&']') => return,
                _ => {}
            }
            self.bump();
        }
    }
}

/// One past the end of the string in double quotes at `start`, or the end of the text.
pub(crate) fn end_of_quotes(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (offset, c) in text[start..].char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' {
            return start + offset + 1;
        }
    }
    text.len()
}

/// Undoes the escapes of eval strings, option values and quoted names: a backslash before the quotation mark
/// or another backslash goes, every other backslash stays, as patterns need it (Search Reference, "search
/// command", quotes and escaping characters).
pub(crate) fn unescape(raw: &str, mark: char) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(&next) if c == '\\' && (next == mark || next == '\\') => {
                text.push(next);
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}

/// Undoes the escapes of a regular expression: only `\"` becomes `"`. A pair of backslashes stays a pair.
pub(crate) fn unescape_regex(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('"') => text.push('"'),
            Some(next) => text.extend(['\\', next]),
            None => text.push('\\'),
        }
    }
    text
}
