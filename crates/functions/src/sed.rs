//! The sed scripts of `rex mode=sed`: `s/pattern/replacement/flags` and `y/from/to/`.

use std::sync::Arc;

use crate::regex;

/// A sed script.
pub enum Sed {
    /// `s`: replaces matches of a pattern.
    Substitute {
        /// The pattern.
        pattern: Arc<regex::Regex>,
        /// The replacement in pieces.
        replacement: Vec<Piece>,
        /// The first match that is replaced, from 1.
        from: usize,
        /// Whether all later matches are replaced too.
        all: bool,
    },
    /// `y`: characters are replaced one by one.
    Translate(Vec<(char, char)>),
}

/// A piece of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text.
    Text(String),
    /// `\1` … `\9`, and `\0` or `&` for all that matched.
    Group(usize),
}

impl Sed {
    /// Reads a script.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub fn parse(script: &str) -> Result<Self, String> {
        let script = script.trim();
        let mut characters = script.chars();
        let command = characters.next().ok_or("it is empty")?;
        let divider = characters.next().ok_or("nothing follows the command")?;
        if divider.is_alphanumeric() || divider == '\\' {
            return Err(format!("`{divider}` cannot divide the parts"));
        }
        let parts = split(characters.as_str(), divider);
        let [first, second, flags] = parts.as_slice() else {
            return Err(format!("it needs three `{divider}`"));
        };
        match command {
            's' => {
                let (from, all) = read_flags(flags)?;
                let prefix = if flags.contains(['i', 'I']) { "(?i)" } else { "" };
                let pattern = regex::compile(&format!("{prefix}{first}")).map_err(|e| e.to_string())?;
                Ok(Self::Substitute { pattern, replacement: pieces(second), from, all })
            }
            'y' => {
                let (from, to): (Vec<char>, Vec<char>) = (first.chars().collect(), second.chars().collect());
                if from.len() != to.len() {
                    return Err("both parts of y need the same number of characters".to_owned());
                }
                Ok(Self::Translate(from.into_iter().zip(to).collect()))
            }
            other => Err(format!("there is no sed command `{other}`")),
        }
    }

    /// The changed text.
    pub fn apply(&self, text: &str) -> String {
        match self {
            Self::Translate(pairs) => {
                text.chars().map(|c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect()
            }
            Self::Substitute { pattern, replacement, from, all } => {
                let mut out = String::with_capacity(text.len());
                let mut end = 0;
                for (i, captures) in pattern.captures_iter(text).enumerate() {
                    let Ok(captures) = captures else { break };
                    let Some(hit) = captures.get(0) else { continue };
                    if i + 1 < *from {
                        continue;
                    }
                    out.push_str(&text[end..hit.start()]);
                    for piece in replacement {
                        match piece {
                            Piece::Text(text) => out.push_str(text),
                            Piece::Group(n) => out.push_str(captures.get(*n).map_or("", |m| m.as_str())),
                        }
                    }
                    end = hit.end();
                    if !all {
                        break;
                    }
                }
                out.push_str(&text[end..]);
                out
            }
        }
    }
}

/// The parts between delimiters. A backslash escapes a delimiter, and is removed.
fn split(text: &str, divider: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(part) = parts.last_mut() else { break };
        if c == '\\' {
            match characters.next() {
                Some(next) if next == divider => part.push(next),
                Some(next) => part.extend(['\\', next]),
                None => part.push('\\'),
            }
        } else if c == divider {
            parts.push(String::new());
        } else {
            part.push(c);
        }
    }
    parts
}

fn read_flags(flags: &str) -> Result<(usize, bool), String> {
    let digits: String = flags.chars().filter(char::is_ascii_digit).collect();
    if let Some(unknown) = flags.trim().chars().find(|c| !c.is_ascii_digit() && !matches!(c, 'g' | 'i' | 'I')) {
        return Err(format!("there is no flag `{unknown}`"));
    }
    let from = if digits.is_empty() { 1 } else { digits.parse::<usize>().map_err(|e| e.to_string())?.max(1) };
    Ok((from, flags.contains('g')))
}

fn pieces(replacement: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut characters = replacement.chars();
    let group = |n, text: &mut String, out: &mut Vec<Piece>| {
        if !text.is_empty() {
            out.push(Piece::Text(std::mem::take(text)));
        }
        out.push(Piece::Group(n));
    };
    while let Some(c) = characters.next() {
        match c {
            '&' => group(0, &mut text, &mut out),
            '\\' => match characters.next() {
                Some(d) if d.is_ascii_digit() => group(d as usize - '0' as usize, &mut text, &mut out),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    if !text.is_empty() {
        out.push(Piece::Text(text));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, text: &str) -> String {
        Sed::parse(script).map(|s| s.apply(text)).unwrap_or_else(|e| format!("error: {e}"))
    }

    #[test]
    fn substitutes_and_translates() {
        assert_eq!(run(r"s/(\d+)-(\d+)/\2-\1/g", "1-2 3-4"), "2-1 4-3");
        assert_eq!(run("s/a/b/", "aaa"), "baa");
        assert_eq!(run("s/a/b/2", "aaa"), "aba");
        assert_eq!(run("s/a/b/2g", "aaaa"), "abbb");
        assert_eq!(run(r"s/\//-/g", "a/b/c"), "a-b-c");
        assert_eq!(run("s|/|-|g", "a/b"), "a-b");
        assert_eq!(run("s/x/[&]/", "axb"), "a[x]b");
        assert_eq!(run("y/abc/xyz/", "abcd"), "xyzd");
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(run("s/a/b", "a").starts_with("error: it needs three"));
        assert!(run("y/ab/c/", "a").starts_with("error: both parts"));
        assert!(run("d/ab/c/", "a").starts_with("error: there is no sed command"));
        assert!(run("s/(/c/", "a").starts_with("error:"));
    }
}
