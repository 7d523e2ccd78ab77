//! Pipelines: commands joined by `|`, at the top, in `[ … ]` and in `( … )`.
//!
//! A pipeline that does not begin with `|` begins with a search (Search Manual, "About the search language").
//! In square brackets it may also begin with a command. After a complaint reading goes on at the next pipe.

use crate::ast::{Argument, ArgumentValue, Command, Pipeline, SearchExpr, SearchKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::parser::{MAX_PIPELINES, Parser, Read, Reported};
use crate::signature::{ArgumentKind, CommandSignature};
use crate::span::{Span, Spanned};
use crate::suggest::nearest;

/// The command that a pipeline begins with when it begins with no command.
pub(crate) const IMPLIED: &str = "search";
/// The slot of the implied command's expression, should its signature not say.
const IMPLIED_SLOT: &str = "expression";

impl Parser<'_> {
    /// The whole text as a pipeline.
    pub(crate) fn top(&mut self) -> Pipeline {
        let pipeline = self.pipeline();
        if pipeline.commands.is_empty() && self.diagnostics.is_empty() && !self.macros_reported {
            let complaint = Diagnostic::error(Code::MissingArgument, pipeline.span, "the search is empty")
                .with_help("to find every event, search for `*`");
            self.report(complaint);
        }
        pipeline
    }

    /// `[ … ]` at the cursor.
    pub(crate) fn subsearch(&mut self) -> Read<Pipeline> {
        self.enclosed(']')
    }

    /// `( … | … )` at the cursor.
    pub(crate) fn branch(&mut self) -> Read<Pipeline> {
        let start = self.pos;
        let pipeline = self.enclosed(')')?;
        let span = self.span_from(start);
        self.report(
            Diagnostic::note(
                Code::Branch,
                span,
                "a pipeline inside parentheses is a branch; it runs here, but Splunk refuses it",
            )
            .with_help("Splunk wants `| union [search …] [search …]` instead"),
        );
        Ok(pipeline)
    }

    fn enclosed(&mut self, closer: char) -> Read<Pipeline> {
        let open = self.pos;
        if self.closers.len() >= MAX_PIPELINES {
            let span = Span::new(open, open + 1);
            return Err(self.report(Diagnostic::error(
                Code::TooLarge,
                span,
                format!("subsearches and branches nest more than {MAX_PIPELINES} deep"),
            )));
        }
        self.enter()?;
        self.bump();
        self.closers.push(closer);
        let before = self.diagnostics.len();
        let mut pipeline = self.pipeline();
        self.closers.pop();
        self.leave();
        let found = self.close(open, closer, "`|`");
        pipeline.span = self.span_from(open);
        if found.is_ok() && pipeline.commands.is_empty() && self.diagnostics.len() == before {
            let complaint = Diagnostic::error(Code::MissingArgument, pipeline.span, "the subsearch is empty")
                .with_help("write a search between the brackets: `[search …]`");
            return Err(self.report(complaint));
        }
        found.map(|()| pipeline)
    }

    fn pipeline(&mut self) -> Pipeline {
        self.skip_space();
        let start = self.pos;
        let mut commands = vec![];
        let mut end = start;
        if !self.at_end() {
            let command = if self.at_first_command() { self.command() } else { self.implied_search() };
            commands.extend(command);
            end = self.finish_command();
        }
        while self.eat('|') {
            let pipe = self.pos - 1;
            self.skip_space();
            if self.at_end() {
                let between = &self.text[pipe..self.pos];
                if !between.contains('`') {
                    let span = Span::new(pipe, pipe + 1);
                    let complaint = Diagnostic::error(Code::Unexpected, span, "a command is missing after `|`")
                        .with_help("write a command there, or remove the pipe");
                    self.report(complaint);
                }
                end = self.pos;
                continue;
            }
            let before = self.diagnostics.len();
            let begin = self.pos;
            commands.extend(self.command());
            end = self.finish_command();
            self.forgive(before, begin);
        }
        Pipeline { commands, span: Span::new(start, end) }
    }

    /// Where a macro call could not be expanded, what else seems to be missing in that command is no news.
    fn forgive(&mut self, before: usize, begin: usize) {
        if self.macros_reported && self.text[begin..self.pos].contains('`') {
            let mut at = 0;
            self.diagnostics.retain(|d| {
                at += 1;
                at <= before || !matches!(d.code, Code::Unexpected | Code::MissingArgument)
            });
        }
    }

    /// Complains about what stands between a command's end and the next pipe. Gives where the command ended.
    fn finish_command(&mut self) -> usize {
        let end = self.pos;
        if !self.at_end() {
            self.unexpected("`|` or the end");
            self.bump();
            self.skip_command();
            return self.pos;
        }
        self.text[..end].trim_end().len()
    }

    /// Whether the pipeline's first word is a command though no pipe stands before it: `search` everywhere,
    /// any command in square brackets.
    fn at_first_command(&self) -> bool {
        let rest = self.rest();
        let length = word_length(rest);
        let word = &rest[..length];
        let after = &rest[length..];
        if word.is_empty() || !after.chars().next().is_none_or(|c| c.is_whitespace() || "()[]|".contains(c)) {
            return false;
        }
        let after = after.trim_start();
        if after.starts_with(['=', '<', '>']) || after.starts_with("!=") {
            return false;
        }
        if word == IMPLIED {
            return true;
        }
        self.closers.last() == Some(&']') && self.signatures.command(&word.to_ascii_lowercase()).is_some()
    }

    fn implied_search(&mut self) -> Option<Command> {
        let start = self.pos;
        let before = self.diagnostics.len();
        let expr = self.search_or_error(start);
        let span = expr.span;
        if !self.at_end() && self.diagnostics.len() == before {
            self.finish_command();
        }
        self.forgive(before, start);
        let slot = self
            .signatures
            .command(IMPLIED)
            .and_then(|s| s.arguments.iter().find(|a| a.kind == ArgumentKind::Search))
            .map_or(IMPLIED_SLOT, |a| a.slot);
        Some(Command {
            name: Spanned::new(IMPLIED.to_owned(), Span::at(start)),
            options: vec![],
            arguments: vec![Argument { slot, value: ArgumentValue::Search(expr), span }],
            span: Span::new(start, span.end),
            implied: true,
        })
    }

    /// A search expression; where none can be read, the node that says so, with the rest of the command
    /// skipped.
    pub(crate) fn search_or_error(&mut self, start: usize) -> SearchExpr {
        match self.search_expr() {
            Ok(expr) => expr,
            Err(Reported) => {
                self.skip_command();
                SearchExpr { kind: SearchKind::Error, span: self.span_from(start) }
            }
        }
    }

    /// One command, its name first.
    fn command(&mut self) -> Option<Command> {
        let start = self.pos;
        let length = word_length(self.rest());
        if length == 0 {
            self.unexpected("the name of a command");
            self.bump();
            self.skip_command();
            return None;
        }
        self.pos += length;
        let written = &self.text[start..self.pos];
        let span = self.span_from(start);
        let name = written.to_ascii_lowercase();
        let Some(signature) = self.signatures.command(&name) else {
            self.unknown_command(written, span);
            self.skip_command();
            return Some(Command {
                name: Spanned::new(name, span),
                options: vec![],
                arguments: vec![],
                span,
                implied: false,
            });
        };
        let mut command = Command {
            name: Spanned::new(signature.name.to_owned(), span),
            options: vec![],
            arguments: vec![],
            span,
            implied: false,
        };
        self.enter().ok()?;
        self.arguments(signature, &mut command);
        self.leave();
        let read = self.text[start..self.pos].trim_end().len();
        command.span = Span::new(start, start + read);
        Some(command)
    }

    fn unknown_command(&mut self, name: &str, span: Span) {
        let complaint = Diagnostic::error(Code::UnknownCommand, span, format!("unknown command `{name}`"));
        let after = self.rest().trim_start();
        let names = self.signatures.command_names();
        let complaint = if after.starts_with(['=', '<', '>']) || after.starts_with("!=") {
            complaint.with_help(format!("to filter events write `| search {name}…`"))
        } else if let Some(near) = nearest(name, names) {
            complaint.with_help(format!("did you mean `{near}`?"))
        } else {
            complaint.with_help("after `|` stands the name of a command; to look for words write `| search …`")
        };
        self.report(complaint);
    }

    /// A command without arguments that needs some.
    pub(crate) fn missing(&mut self, signature: &CommandSignature, what: &str) -> Reported {
        let at = self.text[..self.pos].trim_end().len();
        self.report(
            Diagnostic::error(Code::MissingArgument, Span::at(at), format!("{} needs {what}", signature.name))
                .with_label(format!("{what} is missing here")),
        )
    }
}

/// The length of the command name at the start of `rest`.
pub(crate) fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
}
