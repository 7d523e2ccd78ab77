//! SPL text to a syntax tree.
//!
//! [`parse`] takes a search, expands its macros and gives back what it understood together with all
//! complaints, never just the first. The tree is generic ([`ast`]); what commands exist and how their
//! arguments are written is asked of a [`Signatures`]. Nothing here knows Arrow, files, or a command or a
//! function by name, but for the `search` that SPL lets one leave out and the `union` of [`splunk_form`].
//!
//! [`outline`](outline()) finds the names in a text that need not parse. [`print`] writes a tree as text that parses back to it, [`splunk_form`] rewrites branches into what Splunk
//! accepts.
//!
//! ```
//! use dogwatch_syntax::{CommandSignature, NoMacros, Signatures};
//!
//! struct NoCommands;
//! impl Signatures for NoCommands {
//!     fn command(&self, _name: &str) -> Option<&'static CommandSignature> { None }
//!     fn command_names(&self) -> Vec<&'static str> { vec![] }
//! }
//!
//! let parsed = dogwatch_syntax::parse("type=EXECVE (kubectl OR docker", &NoMacros, &NoCommands);
//! assert!(parsed.has_errors());
//! assert_eq!(parsed.diagnostics[0].code.as_str(), "S002");
//! assert_eq!(parsed.diagnostics[0].span.range(), 12..13);
//! ```

#[cfg(test)]
extern crate self as dogwatch_syntax;

mod arguments;
pub mod ast;
pub mod diagnostic;
mod eval;
mod expand;
mod lists;
pub mod outline;
mod parser;
mod pipeline;
mod print;
mod search;
pub mod signature;
pub mod span;
mod spans;
mod splunk;
mod suggest;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod walk;

pub use ast::*;
pub use diagnostic::{Code, Diagnostic, Severity};
pub use dogwatch_predicate::{Pattern, PatternPiece};
pub use expand::{MAX_EXPANDED, MAX_MACRO_DEPTH, MacroDefinition, Macros, NoMacros};
pub use outline::outline;
pub use parser::{MAX_DEPTH, MAX_PIPELINES};
pub use print::{print, print_expr, print_search_expr};
pub use signature::*;
pub use span::{Segment, Source, Sources, Span, Spanned};
pub use splunk::splunk_form;
pub use suggest::nearest;

use parser::{Parser, Reported};

/// What [`parse`] understood of a search, and all that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree. Where there are errors it lacks what could not be read.
    pub pipeline: Pipeline,
    /// The expanded text, which every span refers to, and where its parts came from.
    pub sources: Sources,
    /// All complaints in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether the search cannot run.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Parses a search.
pub fn parse(search: &str, macros: &dyn Macros, signatures: &dyn Signatures) -> Parsed {
    let (sources, mut diagnostics) = expand::expand(search, macros);
    let mut parser = Parser::new(&sources.expanded, signatures);
    parser.macros_reported = !diagnostics.is_empty();
    let pipeline = parser.top();
    diagnostics.append(&mut parser.diagnostics);
    diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    Parsed { pipeline, sources, diagnostics }
}

/// Parses an eval expression that stands alone, for instance in a macro. Macros in it are not expanded;
/// subsearches in it know no command.
pub fn parse_expr(text: &str) -> (Expr, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, &NoSignatures);
    let kind = ExprKind::Error;
    let span = Span::new(0, text.len());
    if too_long(&mut parser) {
        return (Expr { kind, span }, parser.diagnostics);
    }
    let expr = parser.expr("the start").and_then(|expr| {
        parser.skip_space();
        if parser.rest().is_empty() {
            return Ok(expr);
        }
        Err(parser.unexpected("an operator"))
    });
    let expr = expr.unwrap_or(Expr { kind, span });
    (expr, parser.diagnostics)
}

/// Parses a search expression that stands alone, as in `searchmatch("…")`. Macros in it are not expanded;
/// subsearches and branches in it know no command.
pub fn parse_search_expr(text: &str) -> (SearchExpr, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, &NoSignatures);
    let kind = SearchKind::Error;
    let span = Span::new(0, text.len());
    if too_long(&mut parser) {
        return (SearchExpr { kind, span }, parser.diagnostics);
    }
    let expr = parser.search_expr().and_then(|expr| {
        parser.skip_space();
        if parser.rest().is_empty() {
            return Ok(expr);
        }
        Err(parser.unexpected("a search term"))
    });
    let expr = expr.unwrap_or(SearchExpr { kind, span });
    (expr, parser.diagnostics)
}

fn too_long(parser: &mut Parser<'_>) -> bool {
    let long = parser.text.len() > MAX_EXPANDED;
    if long {
        let Reported = parser.error(Code::TooLarge, Span::at(0), "the expression is longer than 1 MiB");
    }
    long
}

/// The commands of a text that stands outside any search: none.
struct NoSignatures;

impl Signatures for NoSignatures {
    fn command(&self, _name: &str) -> Option<&'static CommandSignature> {
        None
    }

    fn command_names(&self) -> Vec<&'static str> {
        vec![]
    }
}
