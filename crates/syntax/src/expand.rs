//! Macros and comments: the text step before parsing.
//!
//! Splunk replaces a macro call in backticks by the macro's definition, as text, before it parses anything
//! (Knowledge Manager Manual, "Use search macros in searches"), and leaves out what stands between triple
//! backticks (Search Manual, "Add comments to searches"). Neither happens inside double quotes. Every stretch
//! of the result remembers its origin, so that complaints can be shown there. Nothing is parsed here.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{Segment, Source, Sources, Span};
use crate::suggest::nearest;

/// How long a search may be with its macros expanded, in bytes.
pub const MAX_EXPANDED: usize = 1 << 20;
/// How deep macros may call macros.
pub const MAX_MACRO_DEPTH: usize = 64;
/// How many macro calls one search may make in all, those inside definitions included.
const MAX_CALLS: usize = 10_000;
/// How much text expansion may handle in all. Text inside nested definitions is handled once per level.
const MAX_WORK: usize = 8 * MAX_EXPANDED;

/// Where the parser finds macros.
pub trait Macros {
    /// The macro of this name that takes this many arguments.
    fn get(&self, name: &str, arity: usize) -> Option<MacroDefinition>;
    /// All macro names, for suggestions: `name`, or `name(2)` as macros.conf writes those with arguments.
    fn names(&self) -> Vec<String>;
}

/// A macro as macros.conf defines it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MacroDefinition {
    /// The names of the arguments, which the definition holds as `$name$`.
    pub arguments: Vec<String>,
    /// The text that replaces the call.
    pub definition: String,
    /// `iseval`: the definition is an eval expression whose result replaces the call.
    pub is_eval: bool,
}

/// No macros at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMacros;

impl Macros for NoMacros {
    fn get(&self, _name: &str, _arity: usize) -> Option<MacroDefinition> {
        None
    }

    fn names(&self) -> Vec<String> {
        vec![]
    }
}

/// The search with its macros expanded and its comments removed. A call that cannot be expanded stays as it
/// is written, with an error.
pub(crate) fn expand(search: &str, macros: &dyn Macros) -> (Sources, Vec<Diagnostic>) {
    let mut expander = Expander {
        macros,
        sources: vec![Source { name: "search".to_owned(), text: search.to_owned() }],
        out: Mapped::default(),
        diagnostics: vec![],
        calls: 0,
        work: 0,
        full: false,
    };
    let mut text = Mapped::default();
    if search.len() > MAX_EXPANDED {
        expander.too_large("the search is longer than 1 MiB");
        text.push("", 0, 0);
    } else {
        text.push(search, 0, 0);
    }
    expander.text(&text, &mut vec![]);
    let sources = Sources { expanded: expander.out.text, sources: expander.sources, segments: expander.out.segments };
    (sources, expander.diagnostics)
}

/// Text whose stretches know their origin.
#[derive(Clone, Default)]
struct Mapped {
    text: String,
    segments: Vec<Segment>,
}

impl Mapped {
    fn push(&mut self, text: &str, source: usize, source_start: usize) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        if let Some(last) = self.segments.last_mut()
            && last.source == source
            && last.source_start + (last.end - last.start) == source_start
        {
            last.end = end;
            return;
        }
        self.segments.push(Segment { start, end, source, source_start });
    }

    fn push_from(&mut self, other: &Self, start: usize, end: usize) {
        let first = other.segments.partition_point(|s| s.end <= start);
        for segment in &other.segments[first..] {
            if segment.start >= end {
                break;
            }
            let from = segment.start.max(start);
            let to = segment.end.min(end);
            let at = segment.source_start + (from - segment.start);
            self.push(&other.text[from..to], segment.source, at);
        }
    }

    /// The source and offset that the byte at `at` came from.
    fn origin(&self, at: usize) -> (usize, usize) {
        let found = self.segments.partition_point(|s| s.end <= at);
        match self.segments.get(found).or(self.segments.last()) {
            Some(s) => (s.source, s.source_start + at.saturating_sub(s.start).min(s.end - s.start)),
            None => (0, 0),
        }
    }
}

struct Expander<'m> {
    macros: &'m dyn Macros,
    sources: Vec<Source>,
    out: Mapped,
    diagnostics: Vec<Diagnostic>,
    calls: usize,
    work: usize,
    full: bool,
}

impl Expander<'_> {
    /// Appends `text` to the output, comments left out and calls replaced. `stack` names the macros that the
    /// text stands in.
    fn text(&mut self, text: &Mapped, stack: &mut Vec<String>) {
        let bytes = text.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && !self.full {
            let stop = end_of_plain(bytes, at);
            if stop > at {
                self.copy(text, at, stop);
                at = stop;
            } else if bytes[at] == b'"' {
                let end = end_of_string(bytes, at);
                self.copy(text, at, end);
                at = end;
            } else if bytes[at..].starts_with(b"```") {
                at = self.comment(text, at);
            } else {
                at = self.call(text, at, stack);
            }
        }
    }

    fn copy(&mut self, text: &Mapped, start: usize, end: usize) {
        if self.out.text.len() + (end - start) > MAX_EXPANDED {
            self.too_large("with its macros expanded the search is longer than 1 MiB");
            return;
        }
        self.out.push_from(text, start, end);
    }

    fn too_large(&mut self, message: &str) {
        if !self.full {
            self.full = true;
            let at = Span::at(self.out.text.len());
            self.diagnostics.push(
                Diagnostic::error(Code::TooLarge, at, message).with_help("move long lists of values into a lookup"),
            );
        }
    }

    /// A comment becomes one space, because it divides words.
    fn comment(&mut self, text: &Mapped, at: usize) -> usize {
        let (source, offset) = text.origin(at);
        let start = self.out.text.len();
        self.out.push(" ", source, offset);
        if let Some(end) = text.text[at + 3..].find("```") {
            return at + 3 + end + 3;
        }
        self.diagnostics.push(
            Diagnostic::error(Code::UnbalancedQuote, Span::new(start, start + 1), "the comment is never closed")
                .with_help("end it with three backticks: ```"),
        );
        text.text.len()
    }

    /// A macro call at `at`. Gives the place after it.
    fn call(&mut self, text: &Mapped, at: usize, stack: &mut Vec<String>) -> usize {
        let Some(close) = closing_backtick(text.text.as_bytes(), at) else {
            let start = self.out.text.len();
            self.copy(text, at, text.text.len());
            let span = Span::new(start, start + 1);
            self.diagnostics.push(
                Diagnostic::error(Code::BadMacro, span, "the macro call is never closed")
                    .with_help("a macro call stands between two backticks: `name(argument)`"),
            );
            return text.text.len();
        };
        let end = close + 1;
        match self.body(text, at + 1, close, stack) {
            Ok((name, body)) => {
                self.calls += 1;
                self.work += body.text.len();
                if self.calls > MAX_CALLS || self.work > MAX_WORK {
                    self.too_large("the macros of this search expand to too much text");
                    return end;
                }
                stack.push(name);
                self.text(&body, stack);
                stack.pop();
            }
            Err(complaint) => {
                let start = self.out.text.len();
                self.copy(text, at, end);
                self.diagnostics.push(Diagnostic { span: Span::new(start, self.out.text.len()), ..complaint });
            }
        }
        end
    }

    /// The definition that replaces the call between the backticks, arguments put in, and the macro's name.
    fn body(
        &mut self,
        text: &Mapped,
        start: usize,
        end: usize,
        stack: &[String],
    ) -> Result<(String, Mapped), Diagnostic> {
        let call = parse_call(text, start, end).map_err(bad_macro)?;
        let key = format!("{}({})", call.name, call.arguments.len());
        if stack.contains(&key) {
            let mut path: Vec<&str> = stack.iter().map(|k| short(k)).collect();
            path.push(&call.name);
            let path = path.join("` → `");
            return Err(bad_macro(format!("the macro calls itself: `{path}`")));
        }
        if stack.len() >= MAX_MACRO_DEPTH {
            return Err(Diagnostic::error(
                Code::TooLarge,
                Span::default(),
                format!("macros call macros more than {MAX_MACRO_DEPTH} deep"),
            ));
        }
        let Some(definition) = self.macros.get(&call.name, call.arguments.len()) else {
            return Err(self.unknown(&call));
        };
        if definition.is_eval {
            return Err(Diagnostic::error(
                Code::Unsupported,
                Span::default(),
                format!("the macro `{}` is an eval macro (iseval)", call.name),
            )
            .with_help("write the text that it gives in its place"));
        }
        let source = self.source(&call.name, &definition.definition);
        let body = self.substitute(&definition, source, text, &call);
        Ok((key, body))
    }

    fn unknown(&self, call: &Call) -> Diagnostic {
        let names = self.macros.names();
        let arity = call.arguments.len();
        if names.iter().any(|n| short(n) == call.name) {
            let plural = if arity == 1 { "" } else { "s" };
            return bad_macro(format!("the macro `{}` does not take {arity} argument{plural}", call.name))
                .with_help("an argument that holds a comma goes in double quotes");
        }
        let complaint = bad_macro(format!("no macro is named `{}`", call.name));
        match nearest(&call.name, names.iter().map(|n| short(n))) {
            Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
            None if names.is_empty() => complaint.with_help("no macros are loaded: name the folder that holds them"),
            None => complaint.with_help("macros come from the macros folder"),
        }
    }

    fn source(&mut self, name: &str, text: &str) -> usize {
        let name = format!("macro `{name}`");
        let known = self.sources.iter().position(|s| s.name == name && s.text == text);
        known.unwrap_or_else(|| {
            self.sources.push(Source { name, text: text.to_owned() });
            self.sources.len() - 1
        })
    }

    /// Puts the arguments of a call in place of `$name$`. Splunk does so inside quotes too.
    fn substitute(&mut self, definition: &MacroDefinition, source: usize, caller: &Mapped, call: &Call) -> Mapped {
        let text = definition.definition.as_str();
        let mut body = Mapped::default();
        let mut at = 0;
        while let Some(dollar) = text[at..].find('$').map(|n| at + n) {
            let name_end = text[dollar + 1..].find('$').map(|n| dollar + 1 + n);
            let argument = name_end.and_then(|end| {
                let name = &text[dollar + 1..end];
                let index = definition.arguments.iter().position(|a| a == name)?;
                Some((end, call.arguments.get(index)?))
            });
            match argument {
                Some((end, ranges)) => {
                    body.push(&text[at..dollar], source, at);
                    for (from, to) in ranges {
                        body.push_from(caller, *from, *to);
                    }
                    at = end + 1;
                }
                None => {
                    body.push(&text[at..=dollar], source, at);
                    at = dollar + 1;
                }
            }
            if body.text.len() > MAX_EXPANDED {
                self.too_large("with its macros expanded the search is longer than 1 MiB");
                return Mapped::default();
            }
        }
        body.push(&text[at..], source, at);
        body
    }
}

fn bad_macro(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::BadMacro, Span::default(), message)
}

/// The name without the number of arguments.
fn short(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

/// A macro call: each argument is the ranges of the caller's text that make it up. An argument in quotes is
/// several ranges where backslashes fall away.
struct Call {
    name: String,
    arguments: Vec<Vec<(usize, usize)>>,
}

fn parse_call(text: &Mapped, start: usize, end: usize) -> Result<Call, String> {
    let inner = &text.text[start..end];
    let Some(open) = inner.find('(') else {
        return Ok(Call { name: call_name(inner)?, arguments: vec![] });
    };
    let name = call_name(&inner[..open])?;
    let trimmed = inner.trim_end();
    if !trimmed.ends_with(')') {
        return Err(format!("the call of the macro `{name}` lacks its closing parenthesis `)`"));
    }
    let from = start + open + 1;
    let to = start + trimmed.len() - 1;
    if text.text[from..to].trim().is_empty() {
        return Ok(Call { name, arguments: vec![] });
    }
    let arguments = split_arguments(text.text.as_bytes(), from, to)
        .into_iter()
        .map(|(a, b)| argument_ranges(&text.text, a, b))
        .collect();
    Ok(Call { name, arguments })
}

fn call_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("a macro name is missing between the backticks".to_owned());
    }
    if name.contains(char::is_whitespace) {
        return Err(format!("`{name}` is no macro name: it holds a space"));
    }
    Ok(name.to_owned())
}

/// Splits at commas outside quotes and parentheses.
pub(crate) fn split_arguments(bytes: &[u8], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut parts = vec![];
    let (mut at, mut begin, mut depth) = (from, from, 0usize);
    while at < to {
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at).min(to);
                continue;
            }
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push((begin, at));
                begin = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push((begin, to));
    parts
}

/// The ranges of one argument: trimmed, quotes around the whole removed and `\"` inside them undone.
fn argument_ranges(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let whole = &text[start..end];
    let start = start + (whole.len() - whole.trim_start().len());
    let end = start + whole.trim().len();
    let bytes = text.as_bytes();
    let quoted =
        end - start >= 2 && bytes[start] == b'"' && end_of_string(bytes, start) == end && bytes[end - 1] == b'"';
    if !quoted {
        return vec![(start, end)];
    }
    let mut ranges = vec![];
    let (mut begin, mut at) = (start + 1, start + 1);
    while at < end - 1 {
        if bytes[at] == b'\\' && at + 1 < end - 1 {
            if bytes[at + 1] == b'"' {
                ranges.push((begin, at));
                begin = at + 1;
            }
            at += 2;
        } else {
            at += 1;
        }
    }
    ranges.push((begin, end - 1));
    ranges
}

/// The next quotation mark or backtick from `at` on. An escaped mark opens nothing.
fn end_of_plain(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'`' => return at,
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// One past the quotation mark that ends the string at `at`, or the end of the text.
pub(crate) fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The backtick that closes the call at `open`, outside quotes.
pub(crate) fn closing_backtick(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'`' => return Some(at),
            b'"' => at = end_of_string(bytes, at),
            _ => at += 1,
        }
    }
    None
}
