//! From a condition on fields to bytes that a JSON row must contain.
//!
//! A row may only be skipped if it surely cannot satisfy the condition, so every step here is implied by the one
//! before it:
//!
//! 1. Every value that a JSON format hands out is copied from a string, number or word of the row's text. So a
//!    literal that the value contains stands in the text, if no character of it is escaped there.
//! 2. Escapes: JSON may write any character as `\u` and four digits, and some with a short escape (`\n`, `\"`, `\\`, `\/`). A
//!    literal is cut at the characters that have a short escape or are not ASCII; a slash is looked for with any
//!    number of backslashes before it. For what remains: either it stands in the text as it is, or one of its
//!    characters stands there as `\u00XX`. So `\u00XX` for one of its characters lets the row pass, and no other
//!    escape does (Go writes `<`, `>` and `&` as escapes everywhere).
//! 3. Rows inside strings (`"message":"{\"verb\":…"`) are escaped once more. That puts backslashes before quotes and
//!    backslashes, which the patterns allow for; and it may write the characters of an inner `\u00XX` as escapes
//!    themselves: these are the backslash, `u` and the hex digits, so their escapes let the row pass too. That set
//!    contains its own escapes' characters, so it holds for any depth of wrapping.
//! 4. Case: values compare without case. ASCII letters match in both cases; the letters outside ASCII that fold or
//!    lower to an ASCII one (`ſ` to s, the Kelvin sign to k, `İ` to i) match too, and their escapes let the row pass.
//! 5. A whole value that is no number and no word of JSON can only be a string, so it has a quote on each side
//!    (perhaps behind backslashes, or itself as `\u0022`). That is rarer than the bare word.
//!
//! Field names are not looked for: a name may be an alias.

use std::fmt::Write as _;

use dogwatch_predicate::{Condition, Pattern, Predicate};

use crate::format::{self, Prefilter};

/// Patterns with more literals than this cost more than reading the rows.
const MOST_LITERALS: usize = 200;
/// Conditions nested deeper than this are not looked into.
const DEEPEST: usize = 64;

/// Fields whose values do not come from the row's text alone: a row may have them from the file or the command
/// line. So may those whose names start with an underscore, but for `_raw`.
const NOT_FROM_TEXT: &[&str] = &["host", "source", "sourcetype", "index"];

/// Something that must be in the row: any one of these literals.
#[derive(Clone, Debug)]
struct Needle {
    literals: Vec<Literal>,
    /// How rare it is likely to be: the length of its shortest literal.
    rarity: usize,
}

/// ASCII text in lower case, without quotes, backslashes and control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Literal {
    text: String,
    /// Whether it is a whole string.
    quoted: bool,
}

/// What is known: no row at all (`None`), or all of these needles.
type Known = Option<Vec<Needle>>;

/// The tests that every row of a JSON format passes that satisfies the condition.
pub(crate) fn prefilter(condition: &Condition) -> Prefilter {
    let Some(mut needles) = known(condition, 0) else {
        return Prefilter { nothing: true, ..Prefilter::default() };
    };
    needles.sort_by_key(|needle| std::cmp::Reverse(needle.rarity));
    let patterns = needles.iter().filter_map(|needle| pattern(&needle.literals));
    let needle = |expression| format::Needle { expression, in_row: true };
    Prefilter { all: patterns.map(needle).collect(), ..Prefilter::default() }
}

/// The tests that every row passes that satisfies the condition, and how rare what they look for is likely to be.
pub(super) fn patterns(condition: &Condition) -> Vec<(regex::bytes::Regex, usize)> {
    let needles = known(condition, 0).unwrap_or_default();
    needles.iter().filter_map(|needle| Some((pattern(&needle.literals)?, needle.rarity))).collect()
}

/// An expression that is found in every row that satisfies the condition and hides nothing behind an escape, and how
/// rare what it looks for is likely to be. None if there is nothing to look for.
pub(super) fn plain_pattern(condition: &Condition) -> Option<(String, usize)> {
    let rarest = known(condition, 0)?.into_iter().max_by_key(|needle| needle.rarity)?;
    Some((spelled(&rarest.literals, ""), rarest.rarity))
}

fn known(condition: &Condition, depth: usize) -> Known {
    if depth > DEEPEST {
        return Some(Vec::new());
    }
    match condition {
        Condition::Anything | Condition::Test(Predicate::Absent(_)) => Some(Vec::new()),
        Condition::Nothing => None,
        Condition::All(conditions) => {
            let mut all = Vec::new();
            for condition in conditions {
                all.extend(known(condition, depth + 1)?);
            }
            Some(all)
        }
        Condition::Any(conditions) => any(conditions, depth),
        Condition::Test(Predicate::Field { name, pattern }) => Some(field(name, pattern)),
        Condition::Test(Predicate::Raw(pattern)) => Some(pattern.literals().flat_map(pieces).collect()),
    }
}

/// One needle that each of the conditions implies: the rarest of each, together.
fn any(conditions: &[Condition], depth: usize) -> Known {
    let possible: Vec<_> = conditions.iter().filter_map(|condition| known(condition, depth + 1)).collect();
    if possible.is_empty() {
        return None;
    }
    let mut union = Needle { literals: Vec::new(), rarity: usize::MAX };
    for needles in possible {
        let Some(rarest) = needles.into_iter().max_by_key(|needle| needle.rarity) else {
            return Some(Vec::new());
        };
        union.rarity = union.rarity.min(rarest.rarity);
        union.literals.extend(rarest.literals);
    }
    union.literals.sort();
    union.literals.dedup();
    if union.literals.len() > MOST_LITERALS {
        return Some(Vec::new());
    }
    Some(vec![union])
}

fn field(name: &str, sought: &Pattern) -> Vec<Needle> {
    if NOT_FROM_TEXT.contains(&name) || name.starts_with('_') && name != "_raw" {
        return Vec::new();
    }
    if let Some(literal) = sought.as_literal()
        && name != "_raw"
        && is_string(literal)
        && literal.bytes().all(is_plain)
    {
        return vec![needle(literal, true)];
    }
    sought.literals().flat_map(pieces).collect()
}

/// Whether a value that equals `literal` must have been a JSON string: not empty, no number, no word.
fn is_string(literal: &str) -> bool {
    let number = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    literal.bytes().next().is_some_and(|byte| !number(byte))
        && !["true", "false", "null"].iter().any(|word| literal.eq_ignore_ascii_case(word))
}

/// Whether a character stands for itself in a JSON string, or as `\u00XX` (the slash is looked for specially).
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\'
}

/// The stretches of plain characters in a text. Single characters tell too little.
fn pieces(text: &str) -> Vec<Needle> {
    text.split(|letter: char| !letter.is_ascii() || !is_plain(letter as u8))
        .filter(|piece| piece.len() > 1)
        .map(|piece| needle(piece, false))
        .collect()
}

fn needle(text: &str, quoted: bool) -> Needle {
    Needle {
        rarity: text.len() + 2 * usize::from(quoted),
        literals: vec![Literal { text: text.to_ascii_lowercase(), quoted }],
    }
}

/// The literals or what could hide them. `None` if it is too large to be worth it.
///
/// The form matters for speed: the regex engine searches for the first bytes of the alternatives with SIMD, and
/// falls back to something ten times slower when one of them is short. So the quotes before a literal are repeated
/// for each spelling of the quote, and rare letters stand where they replace a common one.
fn pattern(literals: &[Literal]) -> Option<regex::bytes::Regex> {
    regex::bytes::Regex::new(&spelled(literals, &hiding(literals))).ok()
}

/// The literals in all their spellings, or something else.
fn spelled(literals: &[Literal], other: &str) -> String {
    let list = |quoted: bool| {
        let chosen = literals.iter().filter(|literal| literal.quoted == quoted);
        let spelled: Vec<_> = chosen.map(|literal| spellings(&literal.text)).collect();
        spelled.join("|")
    };
    let (bare, quoted) = (list(false), list(true));
    let mut pattern = String::from("(?-u)");
    if !quoted.is_empty() {
        let _ = write!(pattern, r#"(?:"(?:{quoted})|u0022(?:{quoted}))\\*(?:"|u0022)|"#);
    }
    if !bare.is_empty() {
        let _ = write!(pattern, "{bare}|");
    }
    pattern.push_str(other);
    if other.is_empty() {
        pattern.pop();
    }
    pattern
}

/// A literal in any case, without escapes.
fn spellings(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        match letter {
            's' => pattern.push_str(r"(?:[sS]|\xC5\xBF)"),
            'k' => pattern.push_str(r"(?:[kK]|\xE2\x84\xAA)"),
            'i' => pattern.push_str(r"(?:[iI]|\xC4\xB0)"),
            'a'..='z' => pattern.extend(['[', letter, letter.to_ascii_uppercase(), ']']),
            '/' => pattern.push_str(r"\\*/"),
            other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern
}

/// What stands in the text where a character of the literals is not written as itself.
fn hiding(literals: &[Literal]) -> String {
    let mut codes: Vec<u8> = br"\u0123456789abcdefABCDEF".to_vec();
    for byte in literals.iter().flat_map(|literal| literal.text.bytes()) {
        codes.extend([byte, byte.to_ascii_uppercase()]);
    }
    codes.sort_unstable();
    codes.dedup();
    let mut pattern = String::from(r"\\u(?:00(?:");
    for high in 2..8u8 {
        let low: Vec<String> =
            codes.iter().filter(|&&code| code >> 4 == high).map(|code| format!("{:x}", code & 15)).collect();
        if !low.is_empty() {
            let _ = write!(pattern, "{high}(?i:[{}])|", low.concat());
        }
    }
    pattern.pop();
    pattern.push(')');
    let folding = [(b's', "017[fF]"), (b'k', "212[aA]"), (b'i', "0130")];
    for (letter, escaped) in folding {
        if codes.contains(&letter) {
            let _ = write!(pattern, "|{escaped}");
        }
    }
    pattern.push(')');
    pattern
}
