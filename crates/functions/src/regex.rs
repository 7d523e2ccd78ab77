//! Splunk's regular expressions, which are those of PCRE.
//!
//! Matching is done by `fancy_regex`, which supports look-around, back-references and possessive quantifiers but
//! interprets a few sequences differently from PCRE; [`compile`] rewrites these first. Work is bounded: a pattern that
//! exceeds the backtracking limit on a text does not match it, as with Splunk's `match_limit`. One difference remains:
//! `$` matches only at the very end, not before a final line break.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use fancy_regex::{CaptureMatches, CaptureNames, Captures, RegexBuilder};
use foldhash::fast::RandomState;

/// Steps of backtracking on one text.
const BACKTRACK_LIMIT: usize = 1_000_000;
/// Bytes of a pattern.
const LENGTH_LIMIT: usize = 32 * 1024;
/// Number of compiled patterns that are cached, per thread and in the shared cache.
const CACHE_LIMIT: usize = 256;
/// Bytes of a compiled pattern.
const SIZE_LIMIT: usize = 8 * 1024 * 1024;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    regex: fancy_regex::Regex,
}

/// Why a regular expression does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The message of a diagnostic, which begins with `regular expression`.
    pub message: String,
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PatternError {}

type Cache = HashMap<String, Arc<Regex>, RandomState>;

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

/// The cache shared by all threads. Each thread works with copies, since the users of a shared one contend for its
/// scratch memory.
static COMPILED: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// Compiles a pattern, or returns the thread's cached copy.
///
/// # Errors
/// If PCRE would reject it or it is too large.
pub fn compile(pattern: &str) -> Result<Arc<Regex>, PatternError> {
    if let Some(compiled) = CACHE.with_borrow(|cache| cache.get(pattern).cloned()) {
        return Ok(compiled);
    }
    let shared = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = shared().get(pattern).cloned();
    let compiled = match known {
        Some(known) => Arc::new(Regex::clone(&known)),
        None => {
            let compiled = Arc::new(Regex::new(pattern)?);
            keep(&mut shared(), pattern, Arc::new(Regex::clone(&compiled)));
            compiled
        }
    };
    CACHE.with_borrow_mut(|cache| keep(cache, pattern, Arc::clone(&compiled)));
    Ok(compiled)
}

/// Whether a pattern compiles, without compiling it if its syntax is enough to decide. Most patterns of a search are
/// never applied to a text, and compiling takes longer than the rest of planning.
///
/// # Errors
/// As [`compile`].
pub fn check(pattern: &str) -> Result<(), PatternError> {
    let checked = || CHECKED.lock().unwrap_or_else(PoisonError::into_inner);
    if checked().contains(pattern) {
        return Ok(());
    }
    if pattern.len() <= LENGTH_LIMIT
        && let Ok(hir) = regex_syntax::Parser::new().parse(&translate(pattern)?)
        && states(&hir) <= MOST_STATES
    {
        let mut checked = checked();
        if checked.len() >= CACHE_LIMIT {
            checked.clear();
        }
        checked.insert(pattern.to_owned());
        return Ok(());
    }
    compile(pattern).map(|_| ())
}

/// Patterns that [`check`] has accepted. Detections share macros, and thus patterns.
static CHECKED: LazyLock<Mutex<HashSet<String, RandomState>>> = LazyLock::new(Mutex::default);

/// A pattern with at most this many states stays far below [`SIZE_LIMIT`]: a state takes some 24 bytes.
const MOST_STATES: usize = 100_000;

/// An estimate, rather too high than too low, of the states of a pattern's compiled form.
fn states(hir: &regex_syntax::hir::Hir) -> usize {
    use regex_syntax::hir::{Class, HirKind};
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        // A range of characters becomes a few byte ranges for each of up to four bytes.
        HirKind::Class(Class::Unicode(class)) => 1 + 4 * class.ranges().len(),
        HirKind::Class(Class::Bytes(class)) => 1 + class.ranges().len(),
        HirKind::Capture(group) => 2 + states(&group.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            states(&repetition.sub).saturating_add(1).saturating_mul(times)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(states).fold(1, usize::saturating_add),
    }
}

fn keep(cache: &mut Cache, pattern: &str, compiled: Arc<Regex>) {
    if cache.len() >= CACHE_LIMIT {
        cache.clear();
    }
    cache.insert(pattern.to_owned(), compiled);
}

impl Regex {
    fn new(pattern: &str) -> Result<Self, PatternError> {
        if pattern.len() > LENGTH_LIMIT {
            let message = format!("regular expression of {} bytes; at most {LENGTH_LIMIT} are allowed", pattern.len());
            return Err(PatternError { message });
        }
        let regex = RegexBuilder::new(&translate(pattern)?)
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| explain(pattern, &error))?;
        Ok(Self { regex })
    }

    /// The names of the groups in order, starting with the whole match; `None` for an unnamed group.
    pub fn capture_names(&self) -> CaptureNames<'_> {
        self.regex.capture_names()
    }

    /// Whether it matches anywhere in a text.
    ///
    /// # Errors
    /// If the backtracking limit is exceeded, which counts as no match in Splunk.
    pub fn is_match(&self, text: &str) -> fancy_regex::Result<bool> {
        self.regex.is_match(text)
    }

    /// The first match with its groups.
    ///
    /// # Errors
    /// As [`Self::is_match`].
    pub fn captures<'t>(&self, text: &'t str) -> fancy_regex::Result<Option<Captures<'t, str>>> {
        self.regex.captures(text)
    }

    /// All matches from left to right with their groups. An error, as in [`Self::is_match`], is the last item.
    pub fn captures_iter<'r, 't>(&'r self, text: &'t str) -> CaptureMatches<'r, 't, str> {
        self.regex.captures_iter(text)
    }

    /// Replaces matches in a text. In the replacement, `\1` to `\9` stand for groups, `\0` for the match and `\\` for a
    /// backslash. `limit` is the number of matches replaced, 0 for all.
    pub fn replace(&self, text: &str, replacement: &str, limit: usize) -> String {
        // Testing for a match is much cheaper than capturing groups.
        if !self.regex.is_match(text).unwrap_or(true) {
            return text.to_owned();
        }
        let mut replaced = String::with_capacity(text.len());
        let mut copied = 0;
        for (count, captures) in self.captures_iter(text).map_while(Result::ok).enumerate() {
            if limit > 0 && count == limit {
                break;
            }
            let Some(whole) = captures.get(0) else { continue };
            replaced.push_str(text.get(copied..whole.start()).unwrap_or_default());
            expand(&captures, replacement, &mut replaced);
            copied = whole.end();
        }
        replaced.push_str(text.get(copied..).unwrap_or_default());
        replaced
    }
}

fn expand(captures: &Captures<'_, str>, replacement: &str, to: &mut String) {
    let mut rest = replacement.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek().copied()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                rest.next();
                let group = digit.to_digit(10).unwrap_or(0) as usize;
                to.push_str(captures.get(group).map_or("", |m| m.as_str()));
            }
            ('\\', Some('\\')) => {
                rest.next();
                to.push('\\');
            }
            _ => to.push(c),
        }
    }
}

fn explain(pattern: &str, error: &fancy_regex::Error) -> PatternError {
    let text = error.to_string();
    let hint = match error {
        fancy_regex::Error::ParseError(_, fancy_regex::ParseError::UnclosedOpenParen) => {
            "; a parenthesis `(` has no `)`: write `\\(` for the character"
        }
        _ => "",
    };
    PatternError { message: format!("regular expression {pattern:?} does not compile: {text}{hint}") }
}

/// Translates a pattern to the syntax of fancy_regex.
fn translate(pattern: &str) -> Result<String, PatternError> {
    let mut to = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => escape(rest, &mut to),
            '[' => class(rest, &mut to),
            '(' => group(pattern, rest, &mut to)?,
            '{' => brace(rest, &mut to),
            _ => {
                to.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    Ok(to)
}

/// Translates the sequence after a backslash, outside a class.
fn escape<'a>(text: &'a str, to: &mut String) -> &'a str {
    let Some(c) = text[1..].chars().next() else {
        to.push('\\');
        return "";
    };
    let rest = &text[1 + c.len_utf8()..];
    match c {
        'Q' => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            to.push_str(&fancy_regex::escape(quoted));
            return rest;
        }
        'E' => {}
        '<' | '>' => to.push(c),
        'h' => to.push_str("[ \\t]"),
        'H' => to.push_str("[^ \\t]"),
        'v' => to.push_str("[\\n\\x0b\\f\\r]"),
        'V' => to.push_str("[^\\n\\x0b\\f\\r]"),
        'g' | 'k' => return reference(c, text, rest, to),
        '0' => return octal(rest, to),
        // These letters have the same meaning in PCRE and fancy_regex; others stand for themselves.
        c if c.is_ascii_alphabetic() && !"AzZbBdDsSwWxpPKGRNaefnrtu".contains(c) => to.push(c),
        c => {
            to.push('\\');
            to.push(c);
        }
    }
    rest
}

/// Back-references: `\g1`, `\g{-1}`, `\g{name}`, `\k{name}`, `\k'name'`.
fn reference<'a>(letter: char, text: &'a str, rest: &'a str, to: &mut String) -> &'a str {
    let (name, after) = if let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        (name, after)
    } else if letter == 'k' {
        to.push_str("\\k");
        return rest;
    } else {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            to.push_str(&text[..2]);
            return rest;
        }
        rest.split_at(digits)
    };
    to.push_str(&format!("\\k<{name}>"));
    after
}

fn octal<'a>(rest: &'a str, to: &mut String) -> &'a str {
    let digits = rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
    let value = u32::from_str_radix(&rest[..digits], 8).unwrap_or(0);
    to.push_str(&format!("\\x{{{value:x}}}"));
    &rest[digits..]
}

/// A bracketed class. PCRE has neither nested classes nor set operations, so their operators are escaped.
fn class<'a>(text: &'a str, to: &mut String) -> &'a str {
    let start = to.len();
    to.push('[');
    let mut rest = &text[1..];
    if let Some(after) = rest.strip_prefix('^') {
        to.push('^');
        rest = after;
    }
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            ']' if first => {
                to.push_str("\\]");
                after
            }
            ']' => {
                to.push(']');
                return after;
            }
            '[' => match posix(rest) {
                Some(end) => {
                    to.push_str(&rest[..end]);
                    &rest[end..]
                }
                None => {
                    to.push_str("\\[");
                    after
                }
            },
            '\\' => class_escape(rest, to),
            '&' | '~' => {
                to.push('\\');
                to.push(c);
                after
            }
            '-' if after.starts_with('-') && !first => {
                to.push_str("\\-");
                after
            }
            c => {
                to.push(c);
                after
            }
        };
        first = false;
    }
    // No closing bracket: left unchanged, so that it is reported as an error.
    to.truncate(start);
    to.push_str(text);
    ""
}

fn posix(text: &str) -> Option<usize> {
    let name = text.strip_prefix("[:")?;
    let end = name.find(":]")?;
    let word = name[..end].strip_prefix('^').unwrap_or(&name[..end]);
    (!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())).then_some(end + 4)
}

fn class_escape<'a>(text: &'a str, to: &mut String) -> &'a str {
    let Some(c) = text[1..].chars().next() else {
        to.push('\\');
        return "";
    };
    let rest = &text[1 + c.len_utf8()..];
    match c {
        'h' => to.push_str(" \\t"),
        'v' => to.push_str("\\n\\x0b\\f\\r"),
        '0'..='7' => {
            let digits = &text[1..];
            let count = digits.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let value = u32::from_str_radix(&digits[..count], 8).unwrap_or(0);
            to.push_str(&format!("\\x{{{value:x}}}"));
            return &digits[count..];
        }
        c if c.is_ascii_alphabetic() && !"bdDsSwWxpPaefnrt".contains(c) => to.push(c),
        c if c.is_alphanumeric() => {
            to.push('\\');
            to.push(c);
        }
        // An operator character stands for itself; escaped again, it can neither nest nor operate.
        c if c.is_ascii_punctuation() => {
            to.push('\\');
            to.push(c);
        }
        c => to.push(c),
    }
    rest
}

/// Translates the sequence after an opening parenthesis: names are checked as in PCRE, Python's references rewritten.
fn group<'a>(pattern: &str, text: &'a str, to: &mut String) -> Result<&'a str, PatternError> {
    if let Some((name, rest)) = text.strip_prefix("(?P=").and_then(|r| r.split_once(')')) {
        to.push_str(&format!("\\k<{name}>"));
        return Ok(rest);
    }
    if let Some((name, rest)) = text.strip_prefix("(?P>").and_then(|r| r.split_once(')')) {
        to.push_str(&format!("\\g<{name}>"));
        return Ok(rest);
    }
    let named = [("(?P<", '>'), ("(?<", '>'), ("(?'", '\'')]
        .into_iter()
        .find_map(|(open, close)| Some((open, text.strip_prefix(open)?, close)));
    if let Some((open, rest, close)) = named
        && !(open == "(?<" && rest.starts_with(['=', '!']))
    {
        let Some((name, after)) = rest.split_once(close) else {
            let message = format!("regular expression {pattern:?}: the name of the group `{open}` has no `{close}`");
            return Err(PatternError { message });
        };
        if name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            let message = format!(
                "regular expression {pattern:?}: {name:?} cannot name a group; a name has letters, digits and `_` and \
                 does not begin with a digit"
            );
            return Err(PatternError { message });
        }
        to.push_str(&format!("(?<{name}>"));
        return Ok(after);
    }
    to.push('(');
    Ok(&text[1..])
}

/// A brace that does not begin a repetition is a literal.
fn brace<'a>(text: &'a str, to: &mut String) -> &'a str {
    let inside = text[1..].split_once('}').map(|(inside, _)| inside);
    let repeats = inside.is_some_and(|inside| {
        let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
        !low.is_empty() && low.bytes().chain(high.bytes()).all(|b| b.is_ascii_digit())
    });
    to.push_str(if repeats { "{" } else { "\\{" });
    &text[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text).unwrap_or(false)
    }

    #[test]
    fn what_checks_compiles_and_what_does_not_compile_does_not_check() {
        let sizes = [
            "",
            r"(\w+\s+){40}",
            r"[a-z]{20000}",
            r"(?i)(stra\u00dfe){900}",
            r"(\w{1000}){10}",
            "(((a{100}){100}){100}){100}",
        ];
        let kinds =
            ["a(?=b)", r"(a)\1", "a++", "(", "[z-a]", r"\p{Nothing}", "*", "a{2,1}", "(?<x>a)(?<x>b)", r"\d{2,3}?$"];
        let long = ["a".repeat(LENGTH_LIMIT), "a".repeat(LENGTH_LIMIT + 1)];
        for pattern in sizes.into_iter().chain(kinds).chain(long.iter().map(String::as_str)) {
            let shown = &pattern[..pattern.len().min(40)];
            assert_eq!(check(pattern).err(), compile(pattern).map(|_| ()).err(), "{shown}");
        }
        assert!(check(r"(\w{1000}){10}").is_err() && check(r"(\w+\s+){40}").is_ok());
    }

    #[test]
    fn reads_what_pcre_reads() {
        for (pattern, text) in [
            (r#"\/var\/run\/docker\.sock"#, "/var/run/docker.sock"),
            (r#"\"yes\""#, "\"yes\""),
            (r"a\-b\_c\@d\#e", "a-b_c@d#e"),
            (r"\<tag\>", "x<tag>y"),
            (r"[[:alpha:]]+\d", "abc1"),
            (r"[[:^digit:]_]+", "x_"),
            (r"^a\hb$", "a\tb"),
            (r"[a[b]+$", "a[b"),
            (r"^[\w.-]+$", "a.b-c"),
            (r"^[]a]+$", "]a"),
            (r"^[^]]+$", "ab"),
            (r"[&&~~]", "&"),
            (r"^[a--z]+$", "a-z"),
            (r"(?<x>a)\k<x>", "aa"),
            (r"(?P<x>a)(?P=x)", "aa"),
            (r"(a)\1", "aa"),
            (r"(a)\g{1}\g1", "aaa"),
            (r"foo(?!bar)", "foobaz"),
            (r"(?<=a)b", "ab"),
            (r"a++b", "aab"),
            (r"(?>a+)b", "aab"),
            (r"\Qa.b\E+", "a.bbb"),
            (r"{a}", "{a}"),
            (r"^a{2,}$", "aaa"),
            (r"x{,2}", "x{,2}"),
            (r"(?i)ADMIN", "admin"),
            (r"^\x41\0101?", "A\u{8}1"),
            (r"(?s)a.b", "a\nb"),
            (r"(?m)^b", "a\nb"),
            (r"[\s\S]+", "a\nb"),
            (r"[^\x00-\x7F]", "é"),
        ] {
            assert!(matches(pattern, text), "{pattern} on {text:?}");
        }
        assert!(!matches(r"[a&&b]", "c"));
        assert!(!matches(r"\<tag", "tag"));
    }

    #[test]
    fn faults_are_explained() {
        let message = |pattern: &str| compile(pattern).unwrap_err().message;
        assert!(message("(?<x>abc").contains("parenthesis"), "{}", message("(?<x>abc"));
        assert!(message("(?<a-b>x)").contains("cannot name a group"));
        assert!(message("(?<1a>x)").contains("cannot name a group"));
        assert!(message("[a").starts_with("regular expression"));
        assert!(message("a**b(").starts_with("regular expression"));
        assert!(message(&"(".repeat(100_000)).contains("at most"));
        assert!(compile(&"(".repeat(20_000)).is_err());
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(5_000);
        assert!(!matches(r"^(a+)+\1b$", &text));
        assert!(compile(r"(((a{1000}){1000}){1000})").is_err());
    }

    #[test]
    fn replaces_with_groups() {
        let replace = |pattern: &str, text: &str, to: &str| compile(pattern).unwrap().replace(text, to, 0);
        assert_eq!(replace(r"^(\d{1,2})/(\d{1,2})/", "1/14/2023", r"\2/\1/"), "14/1/2023");
        assert_eq!(replace(".", "1.2.3", "-"), "-----");
        assert_eq!(replace("x*", "ab", "-"), "-a-b-");
        assert_eq!(replace("b", "abc", r"\\\0\5"), r"a\bc");
        assert_eq!(compile("a").unwrap().replace("aaa", "b", 2), "bba");
    }

    #[test]
    fn groups_have_names_and_places() {
        let pattern = compile(r"(x)(?<from>\d+)(?P<to>\d)?").unwrap();
        assert_eq!(pattern.capture_names().collect::<Vec<_>>(), [None, None, Some("from"), Some("to")]);
        assert_eq!(pattern.captures_iter("x1 x2").count(), 2);
    }
}
