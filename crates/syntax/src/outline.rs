//! What a search calls, found without knowing any command: its macros, and where its commands start.
//!
//! For those who want names alone, of text that need not parse: a half-written search, a macro's definition, a template. Quoted text
//! and comments are skipped by the rules by which macros are expanded.

use crate::expand::{closing_backtick, end_of_string, split_arguments};
use crate::pipeline::word_length;
use crate::span::{Span, Spanned};

/// The calls and commands of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline<'t> {
    /// The macro calls, in order.
    pub calls: Vec<MacroCall<'t>>,
    /// The commands, in order; the first is what the text starts with, be it nothing.
    pub commands: Vec<CommandOutline<'t>>,
}

/// A macro call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroCall<'t> {
    /// The macro's name; empty where the backticks hold none.
    pub name: &'t str,
    /// How many arguments it is given.
    pub arguments: usize,
    /// The call with its backticks.
    pub span: Span,
}

/// What stands before a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing: the text begins.
    Text,
    /// A pipe.
    Pipe,
    /// The bracket of a subsearch.
    Bracket,
}

/// Where a command stands, or what would be one.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandOutline<'t> {
    /// What stands before it.
    pub start: Start,
    /// Its name as it is written; empty where there is none. At the start of a text or a subsearch it may as well be the first word
    /// of a search expression.
    pub name: Spanned<&'t str>,
    /// The text behind the name, to the end of the whole.
    rest: &'t str,
}

impl<'t> CommandOutline<'t> {
    /// The words behind the name: up to a comma, a macro call, a subsearch, or the next command. A word in quotes has them.
    pub fn words(&self) -> impl Iterator<Item = Spanned<&'t str>> + use<'t> {
        Words { rest: self.rest, at: self.name.span.end }
    }
}

/// Reads a search, or a part of one.
pub fn outline(text: &str) -> Outline<'_> {
    let bytes = text.as_bytes();
    let mut outline = Outline { calls: vec![], commands: vec![command(text, Start::Text, 0)] };
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'\\' if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => at + 2,
            b'"' => end_of_string(bytes, at),
            b'`' if bytes[at..].starts_with(b"```") => end_of_comment(text, at),
            b'`' => {
                let close = closing_backtick(bytes, at);
                outline.calls.extend(close.map(|close| call(text, at, close)));
                close.unwrap_or(at) + 1
            }
            b'|' | b'[' => {
                let start = if *byte == b'|' { Start::Pipe } else { Start::Bracket };
                outline.commands.push(command(text, start, at + 1));
                at + 1
            }
            _ => at + 1,
        };
    }
    outline
}

/// One past the comment at `at`.
fn end_of_comment(text: &str, at: usize) -> usize {
    text[at + 3..].find("```").map_or(text.len(), |end| at + 3 + end + 3)
}

/// The call between the backticks at `open` and `close`.
fn call(text: &str, open: usize, close: usize) -> MacroCall<'_> {
    let inside = &text[open + 1..close];
    let span = Span::new(open, close + 1);
    let Some((name, list)) = inside.split_once('(') else {
        return MacroCall { name: inside.trim(), arguments: 0, span };
    };
    let list = list.trim_end();
    let list = list.strip_suffix(')').unwrap_or(list);
    let arguments = if list.trim().is_empty() { 0 } else { split_arguments(list.as_bytes(), 0, list.len()).len() };
    MacroCall { name: name.trim(), arguments, span }
}

fn command(text: &str, start: Start, at: usize) -> CommandOutline<'_> {
    let at = skip(text, at);
    let end = at + word_length(&text[at..]);
    CommandOutline { start, name: Spanned::new(&text[at..end], Span::new(at, end)), rest: &text[end..] }
}

/// The first place at or after `at` that is neither white space nor a comment.
fn skip(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        at = text.len() - text[at..].trim_start().len();
        if !text[at..].starts_with("```") {
            return at;
        }
        at = end_of_comment(text, at);
    }
}

struct Words<'t> {
    rest: &'t str,
    /// Where the rest begins in the whole.
    at: usize,
}

impl<'t> Iterator for Words<'t> {
    type Item = Spanned<&'t str>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = skip(self.rest, 0);
        let text = &self.rest[start..];
        let end = match text.starts_with('"') {
            true => end_of_string(text.as_bytes(), 0),
            false => text.find(|c: char| c.is_whitespace() || "|[]`,\"".contains(c)).unwrap_or(text.len()),
        };
        if end == 0 {
            return None;
        }
        let (word, rest) = text.split_at(end);
        let span = Span::new(self.at + start, self.at + start + end);
        self.rest = rest;
        self.at = span.end;
        Some(Spanned::new(word, span))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn calls_are_found_outside_quotes_and_comments() {
        let search = "`auditd` x=\"`no`\" ```a `comment` ``` | `two(a, \"b, c\", f(d, e))` | \\\" `none()` `x_filter`";
        let calls = outline(search).calls;
        let found: Vec<_> = calls.iter().map(|call| (call.name, call.arguments)).collect();
        assert_eq!(found, [("auditd", 0), ("two", 3), ("none", 0), ("x_filter", 0)]);
        assert_eq!(&search[calls[0].span.range()], "`auditd`");
        assert!(outline("`open").calls.is_empty());
        assert_eq!(outline("x` | stats count").commands.len(), 2, "what follows is read");
        assert!(outline("`a(\"b`").calls.is_empty(), "the expansion of macros finds no call either");
    }

    #[test]
    fn commands_have_a_start_a_name_and_words() {
        let search = "a=b ```|``` | Lookup local=t ```c``` \"my table\" x, y | \"|\" | x [inputlookup u.csv] | `m`";
        let commands = outline(search).commands;
        let found: Vec<_> = commands
            .iter()
            .map(|command| {
                (command.start, command.name.value, command.words().map(|word| word.value).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            found,
            [
                (Start::Text, "a", vec!["=b"]),
                (Start::Pipe, "Lookup", vec!["local=t", "\"my table\"", "x"]),
                (Start::Pipe, "", vec!["\"|\""]),
                (Start::Pipe, "x", vec![]),
                (Start::Bracket, "inputlookup", vec!["u.csv"]),
                (Start::Pipe, "", vec![]),
            ]
        );
        assert_eq!(&search[commands[1].name.span.range()], "Lookup");
    }

    proptest! {
        #[test]
        fn spans_are_places_in_the_text(search in "[a-z`\"\\\\|\\[\\](), =ä\n]{0,60}") {
            let outline = outline(&search);
            for call in outline.calls {
                prop_assert!(search[call.span.range()].starts_with('`'));
            }
            for command in outline.commands {
                prop_assert_eq!(&search[command.name.span.range()], command.name.value);
                for word in command.words() {
                    prop_assert_eq!(&search[word.span.range()], word.value);
                }
            }
        }
    }
}
