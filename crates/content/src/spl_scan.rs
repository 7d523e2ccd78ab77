//! What a search calls, found without parsing it: its macros and its lookups.
//!
//! The parser needs to know all commands to read a search; here only names are wanted. Quoted text and comments are
//! skipped. What a search means is the engine's business.

use dogwatch_syntax::Span;

/// A macro call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: usize,
    /// The call with its backticks.
    pub(crate) span: Span,
}

/// The commands that name a lookup.
const LOOKUP_COMMANDS: &[&str] = &["lookup", "inputlookup", "outputlookup"];

/// A piece of a search that is neither quoted nor a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// The start of a command: behind a pipe, a bracket, or at the very start.
    Command(usize),
    /// A macro call between backticks; the offsets are those of its inside.
    Call(usize, usize),
}

/// The macro calls of a search, in order.
pub(crate) fn calls(search: &str) -> Vec<Call> {
    let read = |piece| match piece {
        Piece::Call(start, end) => {
            let (name, arguments) = call(&search[start..end]);
            (!name.is_empty()).then(|| Call { name, arguments, span: Span::new(start - 1, end + 1) })
        }
        Piece::Command(_) => None,
    };
    pieces(search).into_iter().filter_map(read).collect()
}

/// The lookups that a search names, in order.
pub(crate) fn lookups(search: &str) -> Vec<(String, Span)> {
    let read = |piece| match piece {
        Piece::Command(start) => lookup(search, start),
        Piece::Call(..) => None,
    };
    pieces(search).into_iter().filter_map(read).collect()
}

fn pieces(search: &str) -> Vec<Piece> {
    let bytes = search.as_bytes();
    let mut found = vec![Piece::Command(0)];
    let mut at = 0;
    let mut quotes_match = true;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = behind_quote(bytes, at),
            b'`' if search[at..].starts_with("```") => {
                at = search[at + 3..].find("```").map_or(bytes.len(), |end| at + 3 + end + 3);
            }
            b'`' => {
                let Some(end) = closing_backtick(bytes, at + 1, &mut quotes_match) else { break };
                found.push(Piece::Call(at + 1, end));
                at = end + 1;
            }
            b'|' | b'[' => {
                at += 1;
                found.push(Piece::Command(at));
            }
            _ => at += 1,
        }
    }
    found
}

/// The offset behind a quoted text that starts at `at`.
fn behind_quote(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The next backtick that is not quoted; if the quotes do not match, the next one at all. That is found out once, so
/// that a search is not walked to its end for each of its calls.
fn closing_backtick(bytes: &[u8], from: usize, quotes_match: &mut bool) -> Option<usize> {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'`' => return Some(at),
            b'"' if *quotes_match => at = behind_quote(bytes, at),
            _ => at += 1,
        }
    }
    *quotes_match = false;
    bytes[from..].iter().position(|byte| *byte == b'`').map(|end| from + end)
}

/// The name and the number of arguments of a call.
fn call(inside: &str) -> (String, usize) {
    let Some((name, rest)) = inside.split_once('(') else { return (inside.trim().to_owned(), 0) };
    let arguments = rest.trim_end().strip_suffix(')').unwrap_or(rest);
    if arguments.trim().is_empty() {
        return (name.trim().to_owned(), 0);
    }
    let bytes = arguments.as_bytes();
    let (mut count, mut depth, mut at) = (1, 0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = behind_quote(bytes, at);
                continue;
            }
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => count += 1,
            _ => {}
        }
        at += 1;
    }
    (name.trim().to_owned(), count)
}

/// The lookup that the command at `start` names: its first word that is no option.
fn lookup(search: &str, start: usize) -> Option<(String, Span)> {
    let rest = &search[start..];
    let mut words = Words { rest, at: start };
    let (command, _) = words.next()?;
    if !LOOKUP_COMMANDS.iter().any(|known| command.eq_ignore_ascii_case(known)) {
        return None;
    }
    let (name, span) = words.find(|(word, _)| !word.contains('='))?;
    let bare = name.trim_matches('"');
    let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
    is_name.then(|| (bare.to_owned(), span))
}

/// The words of a command, up to the next pipe or bracket.
struct Words<'s> {
    rest: &'s str,
    at: usize,
}

impl<'s> Iterator for Words<'s> {
    type Item = (&'s str, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let trimmed = self.rest.trim_start();
        self.at += self.rest.len() - trimmed.len();
        let end = trimmed.find(|c: char| c.is_whitespace() || "|[]`,".contains(c)).unwrap_or(trimmed.len());
        if end == 0 {
            return None;
        }
        let (word, rest) = trimmed.split_at(end);
        let span = Span::new(self.at, self.at + end);
        self.rest = rest;
        self.at += end;
        Some((word, span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn calls_are_found_outside_quotes_and_comments() {
        let search = "`auditd` x=\"`no`\" ```a `comment` ``` | `two(a, \"b, c\", f(d, e))` | `none()` `x_filter`";
        let found = calls(search);
        let told: Vec<_> = found.iter().map(|call| (call.name.as_str(), call.arguments)).collect();
        assert_eq!(told, [("auditd", 0), ("two", 3), ("none", 0), ("x_filter", 0)]);
        assert_eq!(&search[found[0].span.range()], "`auditd`");
        assert!(calls("`open").is_empty());
        assert_eq!(calls("`a(\"b`").len(), 1);
    }

    #[test]
    fn lookups_are_found_where_commands_start() {
        let search = "index=a lookup no | lookup local=true known user OUTPUT x | search \"| lookup no\" \
                      [| inputlookup append=t start=0 other.csv where a=b] | outputlookup create_empty=f \"third\"";
        let names: Vec<_> = lookups(search).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["known", "other.csv", "third"]);
        assert_eq!(lookups("lookup first a")[0].0, "first");
        assert!(lookups("| lookup [search x]").is_empty());
    }

    proptest! {
        #[test]
        fn no_search_breaks_it(search in "[a-z`\"\\\\|\\[\\](), =ä\n]{0,60}") {
            for found in calls(&search) {
                prop_assert!(search.get(found.span.range()).is_some());
            }
            for (_, span) in lookups(&search) {
                prop_assert!(search.get(span.range()).is_some());
            }
        }
    }
}
