//! Options and arguments of a command, as its signature says.
//!
//! Options may stand anywhere between arguments. Arguments fill the signature's slots from left to right; an
//! optional slot that does not fit what stands there is skipped. Neighbouring slots that repeat may be
//! filled in any order (`union [ … ] name [ … ]`). A keyword slot owns the slot after it.

use crate::ast::{Argument, ArgumentValue, Command, CommandOption, Expr, ExprKind, OptionValue};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{Parser, Read, Reported, end_of_quotes, unescape, unescape_regex};
use crate::signature::{ArgumentKind, CommandSignature, OptionKind, OptionSpec};
use crate::span::{Span, Spanned};
use crate::suggest::nearest;

/// Signs that end a bare option value or text argument.
const VALUE_ENDS: &str = "|,[]\"`";

/// How long an expression in nested quotes may be, in bytes. Without a bound, looking for its end would take
/// quadratic time on text made for it.
const MAX_NESTED: usize = 4096;

/// A command while it is read.
pub(crate) struct Reading<'c> {
    pub(crate) signature: &'static CommandSignature,
    pub(crate) command: &'c mut Command,
    /// The first slot that can still be filled.
    next: usize,
    /// The keyword that was just read, whose content must follow.
    owed: Option<&'static str>,
}

impl<'a> Parser<'a> {
    /// Reads everything that follows the command's name.
    pub(crate) fn arguments(&mut self, signature: &'static CommandSignature, command: &mut Command) {
        let mut reading = Reading { signature, command, next: 0, owed: None };
        loop {
            self.skip_space();
            if self.at_end() {
                break;
            }
            if self.take_options(&mut reading) {
                self.skip_separators();
                continue;
            }
            if self.argument(&mut reading).is_err() {
                self.skip_command();
                return;
            }
        }
        self.finish(&mut reading);
    }

    /// Reads one argument into the first slot that takes it.
    fn argument(&mut self, reading: &mut Reading<'_>) -> Read<()> {
        let signature = reading.signature;
        let Some(index) = self.find_slot(reading) else {
            if let Some(spec) = signature.arguments.get(reading.next)
                && (spec.required || reading.owed.is_some())
            {
                let keyword = reading.owed.map(|k| format!(" after `{k}`"));
                let what = format!("{}{}", phrase(spec.kind), keyword.unwrap_or_default());
                return Err(self.unexpected(&what));
            }
            let what = self.leftover(reading);
            return Err(self.unexpected(&what));
        };
        let spec = &signature.arguments[index];
        let start = self.pos;
        reading.owed = None;
        if let ArgumentKind::Keyword(words) = spec.kind {
            for word in words {
                if self.eat_word(word) {
                    self.push(reading, spec.slot, ArgumentValue::Keyword(word), start);
                    reading.next = index + 1;
                    reading.owed = Some(word);
                    return Ok(());
                }
            }
        }
        let value = self.content(spec.kind, reading);
        let failed = value.is_err();
        if let Ok(value) | Err(Some(value)) = value {
            self.push(reading, spec.slot, value, start);
        }
        let owner = index.checked_sub(1).map(|i| &signature.arguments[i]);
        reading.next = match owner {
            Some(keyword) if is_keyword(keyword.kind) && keyword.repeated => index - 1,
            _ if spec.repeated => index,
            _ => index + 1,
        };
        if spec.repeated {
            self.skip_separators();
        }
        if failed { Err(Reported) } else { Ok(()) }
    }

    fn push(&self, reading: &mut Reading<'_>, slot: &'static str, value: ArgumentValue, start: usize) {
        let length = self.text[start..self.pos].trim_end().len();
        reading.command.arguments.push(Argument { slot, value, span: Span::new(start, start + length) });
    }

    /// What to say was expected where nothing more fits.
    fn leftover(&self, reading: &Reading<'_>) -> String {
        let name = reading.signature.name;
        if reading.command.arguments.is_empty() {
            format!("`|` or an option of `{name}`")
        } else {
            format!("`|` or the end of `{name}`")
        }
    }

    /// The slot that takes what stands at the cursor.
    fn find_slot(&mut self, reading: &Reading<'_>) -> Option<usize> {
        let specs = reading.signature.arguments;
        let mut index = reading.next;
        while let Some(spec) = specs.get(index) {
            if self.fits(spec.kind, reading) {
                return Some(index);
            }
            if spec.required || (index == reading.next && reading.owed.is_some()) {
                return None;
            }
            index += if is_keyword(spec.kind) { 2 } else { 1 };
        }
        let run = specs[..reading.next.min(specs.len())].iter().rposition(|s| !s.repeated).map_or(0, |n| n + 1);
        (run..reading.next).find(|i| self.fits(specs[*i].kind, reading))
    }

    /// Whether an argument of this kind can begin at the cursor.
    fn fits(&mut self, kind: ArgumentKind, reading: &Reading<'_>) -> bool {
        let next = self.peek();
        let word = !matches!(next, None | Some('[' | ']' | '(' | ')' | '|' | ','));
        match kind {
            ArgumentKind::Keyword(words) => words.iter().any(|w| self.at_word(w, true)),
            ArgumentKind::Number => self.number_ahead().is_some(),
            ArgumentKind::Subsearch => next == Some('['),
            ArgumentKind::Text if next == Some('[') => {
                let specs = reading.signature.arguments;
                specs.iter().all(|s| s.kind != ArgumentKind::Subsearch)
            }
            ArgumentKind::Regex => next != Some('|') && !self.at_keyword(reading.signature),
            ArgumentKind::Text
            | ArgumentKind::Fields { .. }
            | ArgumentKind::Field
            | ArgumentKind::Renames { .. }
            | ArgumentKind::SortKeys
            | ArgumentKind::Aggregates => word && !self.at_keyword(reading.signature),
            ArgumentKind::Assignments
            | ArgumentKind::Expr
            | ArgumentKind::ParenExpr
            | ArgumentKind::Search
            | ArgumentKind::FieldRegex => true,
        }
    }

    /// Whether a keyword of the command stands at the cursor; no bare name goes past it.
    pub(crate) fn at_keyword(&self, signature: &CommandSignature) -> bool {
        signature.arguments.iter().any(|spec| match spec.kind {
            ArgumentKind::Keyword(words) => words.iter().any(|w| self.at_word(w, true)),
            _ => false,
        })
    }

    /// Reads an argument. A failure may still give the node that marks the place.
    fn content(
        &mut self,
        kind: ArgumentKind,
        reading: &mut Reading<'_>,
    ) -> Result<ArgumentValue, Option<ArgumentValue>> {
        let name = reading.signature.name;
        let start = self.pos;
        let none = |Reported| None;
        Ok(match kind {
            ArgumentKind::Number => {
                let (value, length) = self.number_ahead().unwrap_or_default();
                self.pos += length;
                ArgumentValue::Number(value)
            }
            ArgumentKind::Text => ArgumentValue::Text(self.text_argument().map_err(none)?),
            ArgumentKind::Regex => ArgumentValue::Text(self.regex().map_err(none)?.value),
            ArgumentKind::Fields { wildcards, sign } => self.fields(reading, wildcards, sign).map_err(none)?,
            ArgumentKind::Field => self.field(reading).map_err(none)?,
            ArgumentKind::Renames { optional_as } => self.renames(reading, optional_as).map_err(none)?,
            ArgumentKind::SortKeys => self.sort_keys(reading).map_err(none)?,
            ArgumentKind::Assignments => ArgumentValue::Assignments(self.assignments(name)),
            ArgumentKind::Expr | ArgumentKind::ParenExpr => match self.expr(name) {
                Ok(expr) => ArgumentValue::Expr(expr),
                Err(Reported) => {
                    let span = self.span_from(start);
                    let kind = ExprKind::Error;
                    return Err(Some(ArgumentValue::Expr(Expr { kind, span })));
                }
            },
            ArgumentKind::Search => ArgumentValue::Search(self.search_or_error(start)),
            ArgumentKind::Aggregates => self.aggregates(reading).map_err(none)?,
            ArgumentKind::FieldRegex => self.field_regex().map_err(none)?,
            ArgumentKind::Subsearch => ArgumentValue::Subsearch(self.subsearch().map_err(none)?),
            // A keyword is read by its caller, which saw it standing here.
            ArgumentKind::Keyword(_) => return Err(None),
        })
    }

    /// The number at the cursor and its length, if a whole word is one.
    fn number_ahead(&self) -> Option<(f64, usize)> {
        let rest = self.rest();
        let length = rest.find(|c: char| c.is_whitespace() || "|,()[]\"".contains(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let numeric = word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
            && word.ends_with(|c: char| c.is_ascii_digit());
        let value = word.parse().ok().filter(|v: &f64| numeric && v.is_finite())?;
        Some((value, length))
    }

    /// A text argument: quoted, one bare word, or a template in square brackets taken as it is.
    fn text_argument(&mut self) -> Read<String> {
        if self.peek() != Some('[') {
            return self.regex().map(|r| r.value);
        }
        let open = self.pos;
        self.bump();
        let mut depth = 1usize;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.pos = end_of_quotes(self.text, self.pos);
                    continue;
                }
                '\\' => self.bump(),
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            self.bump();
            if depth == 0 {
                return Ok(self.text[open + 1..self.pos - 1].to_owned());
            }
        }
        Err(self.close(open, ']', "`]`").err().unwrap_or(Reported))
    }

    /// A string whose backslashes stay, or a bare word.
    pub(crate) fn regex(&mut self) -> Read<Spanned<String>> {
        self.skip_space();
        if self.peek() == Some('"') {
            let raw = self.quoted()?;
            return Ok(Spanned::new(unescape_regex(raw.value), raw.span));
        }
        let word = self.bare(VALUE_ENDS, true);
        if word.value.is_empty() {
            return Err(self.unexpected("a string in double quotes"));
        }
        Ok(Spanned::new(word.value.to_owned(), word.span))
    }

    /// Reads the options that stand at the cursor, also complains of such as the command does not have.
    /// True if there was one.
    pub(crate) fn take_options(&mut self, reading: &mut Reading<'_>) -> bool {
        let mut any = false;
        loop {
            self.skip_space();
            let Some((name, value_at)) = self.option_ahead() else {
                return any;
            };
            let options = reading.signature.options;
            let spec = options.iter().find(|o| o.name.eq_ignore_ascii_case(name.value));
            if spec.is_none() && takes_equals(reading) && !mistyped(reading, name.value) {
                return any;
            }
            any = true;
            self.pos = value_at;
            let before = self.diagnostics.len();
            let value = self.option_value(spec.map(|s| s.kind), name.value);
            match (spec, value) {
                (Some(spec), Ok(raw)) => {
                    if let Ok(value) = self.typed(spec, &raw) {
                        reading.command.options.push(CommandOption {
                            name: Spanned::new(spec.name.to_owned(), name.span),
                            value: Spanned::new(value, raw.span),
                        });
                    }
                }
                (None, _) => {
                    self.diagnostics.truncate(before);
                    self.unknown_option(reading.signature, &name);
                }
                (Some(_), Err(Reported)) => {}
            }
        }
    }

    /// `name=` at the cursor: the name, and where its value begins.
    fn option_ahead(&self) -> Option<(Spanned<&'a str>, usize)> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))).unwrap_or(rest.len());
        let name = &rest[..length];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let tail = rest[length..].trim_start();
        if !tail.starts_with('=') || tail.starts_with("==") {
            return None;
        }
        let span = Span::new(self.pos, self.pos + length);
        let name = &self.text[span.range()];
        Some((Spanned::new(name, span), self.text.len() - tail.len() + 1))
    }

    fn unknown_option(&mut self, signature: &CommandSignature, name: &Spanned<&str>) {
        let names: Vec<&str> = signature.options.iter().map(|o| o.name).collect();
        let complaint = Diagnostic::error(
            Code::BadOption,
            name.span,
            format!("`{}` has no option `{}`", signature.name, name.value),
        );
        let complaint = match nearest(name.value, names.iter().copied()) {
            Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
            None if names.is_empty() => complaint.with_help(format!("`{}` has no options", signature.name)),
            None => complaint.with_help(format!("its options are: {}", names.join(", "))),
        };
        self.report(complaint);
    }

    fn option_value(&mut self, kind: Option<OptionKind>, name: &str) -> Read<Spanned<String>> {
        self.skip_space();
        let start = self.pos;
        match self.peek() {
            Some('"') => {
                if let Some(text) = self.nested_quotes() {
                    return Ok(Spanned::new(text, self.span_from(start)));
                }
                let raw = self.quoted()?;
                Ok(Spanned::new(unescape(raw.value, '"'), raw.span))
            }
            Some('\'') if kind == Some(OptionKind::Field) => {
                let raw = self.quoted()?;
                Ok(Spanned::new(unescape(raw.value, '\''), raw.span))
            }
            _ => {
                let word = self.bare(VALUE_ENDS, true);
                if word.value.is_empty() {
                    let span = Span::at(self.text[..self.pos].trim_end().len());
                    let message = format!("the option `{name}` has no value");
                    return Err(self.error(Code::BadOption, span, message));
                }
                Ok(Spanned::new(word.value.to_owned(), word.span))
            }
        }
    }

    /// `"(" … ")"`: Splunk's way to write an expression with quotes of its own as an option's value (Search
    /// Reference, "streamstats", reset_before). The text is what is between, in parentheses.
    fn nested_quotes(&mut self) -> Option<String> {
        let inner = self.rest().strip_prefix("\"(\"")?;
        let starts = inner.chars().next()?;
        if starts.is_whitespace() || "|])[,".contains(starts) {
            return None;
        }
        let end = within(inner, MAX_NESTED).find("\")\"")?;
        self.pos += 3 + end + 3;
        Some(format!("({})", &inner[..end]))
    }

    fn typed(&mut self, spec: &OptionSpec, raw: &Spanned<String>) -> Read<OptionValue> {
        let text = raw.value.as_str();
        let number = || text.parse::<f64>().ok().filter(|v| v.is_finite());
        let value = match spec.kind {
            OptionKind::Integer => number().filter(|v| v.fract() == 0.0).map(OptionValue::Number),
            OptionKind::Number => number().map(OptionValue::Number),
            OptionKind::Bool => match text.to_ascii_lowercase().as_str() {
                "t" | "true" | "1" => Some(OptionValue::Bool(true)),
                "f" | "false" | "0" => Some(OptionValue::Bool(false)),
                _ => None,
            },
            OptionKind::Text | OptionKind::Field => Some(OptionValue::Text(raw.value.clone())),
            OptionKind::OneOf(words) => {
                words.iter().find(|w| w.eq_ignore_ascii_case(text)).map(|w| OptionValue::Text((*w).to_owned()))
            }
        };
        value.ok_or_else(|| {
            let wanted = match spec.kind {
                OptionKind::Integer => "a whole number".to_owned(),
                OptionKind::Number => "a number".to_owned(),
                OptionKind::Bool => "`true` or `false`".to_owned(),
                OptionKind::OneOf(words) => format!("one of {}", words.join(", ")),
                OptionKind::Text | OptionKind::Field => "text".to_owned(),
            };
            let message = format!("the option `{}` takes {wanted}, not `{text}`", spec.name);
            let mut complaint = Diagnostic::error(Code::BadOption, raw.span, message);
            if let OptionKind::OneOf(words) = spec.kind
                && let Some(near) = nearest(text, words.iter().copied())
            {
                complaint = complaint.with_help(format!("did you mean `{near}`?"));
            }
            self.report(complaint)
        })
    }

    /// Complains about slots and options that must be there and are not.
    fn finish(&mut self, reading: &mut Reading<'_>) {
        let signature = reading.signature;
        if let Some(keyword) = reading.owed {
            let spec = &signature.arguments[reading.next.min(signature.arguments.len() - 1)];
            let what = format!("{} after `{keyword}`", phrase(spec.kind));
            self.missing(signature, &what);
            return;
        }
        let mut owned = false;
        for (index, spec) in signature.arguments.iter().enumerate() {
            let content_of_keyword = std::mem::replace(&mut owned, is_keyword(spec.kind));
            let written = reading.command.arguments.iter().any(|a| a.slot == spec.slot);
            if written || (content_of_keyword && !spec.required) {
                continue;
            }
            if content_of_keyword {
                let keyword = signature.arguments[index - 1].slot;
                if !reading.command.arguments.iter().any(|a| a.slot == keyword) {
                    continue;
                }
            }
            if spec.kind == ArgumentKind::Search {
                let expr = crate::ast::SearchExpr { kind: crate::ast::SearchKind::All, span: Span::at(self.pos) };
                self.push(reading, spec.slot, ArgumentValue::Search(expr), self.pos);
            } else if spec.required {
                self.missing(signature, &phrase(spec.kind));
            }
        }
        for option in signature.options.iter().filter(|o| o.required) {
            if reading.command.option(option.name).is_none() {
                self.missing(signature, &format!("the option `{}=…`", option.name));
            }
        }
    }
}

/// The text, cut to at most so many bytes.
fn within(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn is_keyword(kind: ArgumentKind) -> bool {
    matches!(kind, ArgumentKind::Keyword(_))
}

/// Whether a slot that is still free takes `x=y` as something else than an option.
fn takes_equals(reading: &Reading<'_>) -> bool {
    let signature = reading.signature;
    let mut after_keyword = false;
    signature.arguments.iter().enumerate().any(|(index, spec)| {
        let behind_keyword = std::mem::replace(&mut after_keyword, is_keyword(spec.kind));
        let open = index >= reading.next && (!behind_keyword || reading.owed.is_some());
        let takes = match spec.kind {
            ArgumentKind::Assignments
            | ArgumentKind::Expr
            | ArgumentKind::ParenExpr
            | ArgumentKind::Search
            | ArgumentKind::FieldRegex => true,
            ArgumentKind::Text | ArgumentKind::Regex => signature.options.is_empty(),
            _ => false,
        };
        open && takes
    })
}

/// Whether `name=…` where `head (…)` could have its expression is more likely a mistyped option.
fn mistyped(reading: &Reading<'_>, name: &str) -> bool {
    let signature = reading.signature;
    let loose = signature.arguments.iter().any(|a| a.kind == ArgumentKind::ParenExpr);
    loose && nearest(name, signature.options.iter().map(|o| o.name)).is_some()
}

/// What a slot holds, for messages.
fn phrase(kind: ArgumentKind) -> String {
    match kind {
        ArgumentKind::Number => "a number".to_owned(),
        ArgumentKind::Text => "a name or text".to_owned(),
        ArgumentKind::Regex => "a regular expression in double quotes".to_owned(),
        ArgumentKind::Fields { .. } => "a list of fields".to_owned(),
        ArgumentKind::Field => "a field".to_owned(),
        ArgumentKind::Renames { optional_as: true } => "a field".to_owned(),
        ArgumentKind::Renames { optional_as: false } => "`field AS new_name`".to_owned(),
        ArgumentKind::SortKeys => "a field to sort by".to_owned(),
        ArgumentKind::Assignments => "an assignment `field=expression`".to_owned(),
        ArgumentKind::Expr | ArgumentKind::ParenExpr => "an expression".to_owned(),
        ArgumentKind::Search => "a search expression".to_owned(),
        ArgumentKind::Aggregates => "a function, for instance `count`".to_owned(),
        ArgumentKind::Keyword(words) => format!("`{}`", words.join("` or `")),
        ArgumentKind::FieldRegex => "`field=\"regular expression\"`".to_owned(),
        ArgumentKind::Subsearch => "a subsearch in square brackets".to_owned(),
    }
}
