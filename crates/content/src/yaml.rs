//! YAML text to values, and values to what a key is meant to hold, leniently.
//!
//! Reading takes what it can use: a number where text is meant is its digits, one value where a list is meant is a list
//! of one. What is strictly allowed is the business of `check`.

use dogwatch_syntax::{Code, Diagnostic, Span};
use serde_norway::{Mapping, Value};

/// Reads a file whose top is a mapping.
pub(crate) fn parse(text: &str) -> Result<Mapping, Diagnostic> {
    match serde_norway::from_str::<Value>(text) {
        Ok(Value::Mapping(mapping)) => Ok(mapping),
        Ok(Value::Null) => Err(Diagnostic::error(Code::BadYaml, Span::at(0), "the file holds nothing")
            .with_help("write the keys of a detection, or remove the file")),
        Ok(_) => {
            Err(Diagnostic::error(Code::BadYaml, first_line(text), "the file is not a list of `key: value` lines")
                .with_help("begin each line with a key such as `name:`"))
        }
        Err(error) => Err(unreadable(text, &error)),
    }
}

fn unreadable(text: &str, error: &serde_norway::Error) -> Diagnostic {
    let told = error.to_string();
    let (why, place) = match error.location() {
        Some(place) => {
            let why = told.split(&format!(" at line {}", place.line())).next().unwrap_or(&told).to_owned();
            (why, format!(" (line {}, column {})", place.line(), place.column()))
        }
        None => (told, String::new()),
    };
    let span = error.location().map_or(first_line(text), |place| at_line(text, place.line(), place.column()));
    Diagnostic::error(Code::BadYaml, span, format!("no valid YAML: {why}{place}")).with_help(
        "text with `: `, ` #`, or a quote, backtick, `%`, `@`, `*` or `[` at its beginning goes in quotes or after `|-`",
    )
}

/// The character at a line and column, both from 1; the last one of the line if the column lies beyond.
fn at_line(text: &str, line: usize, column: usize) -> Span {
    let mut start = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        if number + 1 < line {
            start += whole.len();
            continue;
        }
        let shown = whole.trim_end();
        let (at, length) =
            shown.char_indices().nth(column.saturating_sub(1)).map_or((shown.len(), 0), |(at, c)| (at, c.len_utf8()));
        return Span::new(start + at, start + at + length);
    }
    Span::at(text.trim_end().len())
}

/// The first line of a text, for a complaint about all of it.
pub(crate) fn first_line(text: &str) -> Span {
    Span::new(0, text.lines().next().unwrap_or_default().len())
}

/// A scalar as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Tagged(tagged) => match &tagged.value {
            Value::String(text) => Some(text.clone()),
            _ => None,
        },
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// The text of a key, empty where it is missing.
pub(crate) fn text_of(mapping: &Mapping, key: &str) -> String {
    mapping.get(key).and_then(text).unwrap_or_default()
}

/// The texts of a list, or of a single value.
pub(crate) fn texts_of(mapping: &Mapping, key: &str) -> Vec<String> {
    match mapping.get(key) {
        Some(Value::Sequence(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The mappings of a list; what else is in it is left out, so each comes with its index.
pub(crate) fn mappings_of<'m>(mapping: &'m Mapping, key: &str) -> Vec<(usize, &'m Mapping)> {
    let list = mapping.get(key).and_then(Value::as_sequence).map_or(&[][..], Vec::as_slice);
    list.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_mapping()?))).collect()
}

/// A whole number, also one in quotes.
pub(crate) fn number_of(mapping: &Mapping, key: &str) -> Option<u64> {
    match mapping.get(key)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A truth value, also as YAML 1.1 writes it, which is what contentctl reads.
pub(crate) fn truth_of(mapping: &Mapping, key: &str) -> Option<bool> {
    let told = text(mapping.get(key)?)?.to_ascii_lowercase();
    match told.as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_of_yaml_is_placed() {
        let file = "name: a\nsearch: b: c\n";
        let found = parse(file).expect_err("two colons on a line");
        assert_eq!(found.code.as_str(), "C001");
        assert!(found.message.contains("line 2"), "{}", found.message);
        assert!(found.span.start >= 8 && found.span.end <= file.len());
        assert_eq!(parse("").expect_err("empty").code, Code::BadYaml);
        assert_eq!(parse("- a\n").expect_err("a list").span, Span::new(0, 3));
    }

    #[test]
    fn values_are_read_leniently() {
        let read = parse("a: 7\nb: true\nc: [x, 8]\nd: one\ne:\nf: no\ng: [{h: 1}, 2, {h: 3}]\n").expect("valid YAML");
        assert_eq!(text_of(&read, "a"), "7");
        assert_eq!(text_of(&read, "b"), "true");
        assert_eq!(texts_of(&read, "c"), ["x", "8"]);
        assert_eq!(texts_of(&read, "d"), ["one"]);
        assert!(texts_of(&read, "e").is_empty());
        assert_eq!(truth_of(&read, "f"), Some(false));
        assert_eq!(mappings_of(&read, "g").iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(number_of(&read, "a"), Some(7));
    }
}
