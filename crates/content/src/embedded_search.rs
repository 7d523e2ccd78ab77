//! A search that stands in a YAML file, and the way from a place in the search to the place in the file.
//!
//! YAML writes a text in five ways (literal `|`, folded `>`, plain, and two sorts of quotes), which indent it, fold its
//! lines and escape its characters. None of them reorders or invents a character that is not white space. So the
//! search and its file are walked side by side, and what does not agree ends the walk: then every place is the key's.

use dogwatch_syntax::{Diagnostic, Span};

use crate::yaml_position::{YamlPosition, YamlPositions};

/// How many lines are tried that could be the key: more than one is there only within quoted text.
const MAX_CANDIDATES: usize = 8;

/// A search and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbeddedSearch {
    /// The search, as the YAML parser reads it.
    pub text: String,
    /// The key in front of it, in the file.
    pub key: Span,
    /// How its characters stand in the file, in order; none where that could not be found out.
    stretches: Vec<Stretch>,
}

/// Text that stands in the file as it is, byte for byte, or one character that is escaped there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    text: usize,
    text_length: usize,
    file: usize,
    file_length: usize,
}

impl Stretch {
    fn is_verbatim(self) -> bool {
        self.text_length == self.file_length
    }
}

impl EmbeddedSearch {
    /// A search that stands in no file: every place is the start.
    pub fn unplaced(text: impl Into<String>) -> Self {
        Self { text: text.into(), key: Span::at(0), stretches: Vec::new() }
    }

    /// The value of a key at the left margin of a file, which the YAML parser read as `text`.
    pub(crate) fn top_level(places: &YamlPositions<'_>, file: &str, key: &str, text: String) -> Self {
        let mut first = None;
        for place in places.candidates(key).take(MAX_CANDIDATES) {
            if let Some(stretches) = align(file, place.behind, &text) {
                return Self { text, key: place.key, stretches };
            }
            first.get_or_insert(place.key);
        }
        Self { text, key: first.unwrap_or_default(), stretches: Vec::new() }
    }

    /// The value of the key at `place`.
    pub(crate) fn at(place: Option<YamlPosition>, file: &str, text: String) -> Self {
        let Some(place) = place else { return Self::unplaced(text) };
        let stretches = align(file, place.behind, &text).unwrap_or_default();
        Self { text, key: place.key, stretches }
    }

    /// Whether its places are known more closely than the key in front of it.
    #[cfg(test)]
    pub(crate) fn is_placed(&self) -> bool {
        !self.stretches.is_empty()
    }

    /// Where the byte at `offset` of the search stands in the file. What lies beyond the end is the end; where the
    /// search could not be found in its file it is the key.
    pub fn to_file(&self, offset: usize) -> usize {
        let Some(stretch) = self.stretch(offset) else { return self.key.start };
        let within = offset - stretch.text;
        if within >= stretch.text_length {
            return stretch.file + stretch.file_length;
        }
        if stretch.is_verbatim() { stretch.file + within } else { stretch.file }
    }

    /// The span of the file that a span of the search covers.
    pub fn span_to_file(&self, span: Span) -> Span {
        if self.stretches.is_empty() {
            return self.key;
        }
        let start = self.to_file(span.start);
        if span.end <= span.start {
            return Span::at(start);
        }
        let last = span.end - 1;
        let end = match self.stretch(last) {
            Some(stretch) if stretch.is_verbatim() => stretch.file + (last - stretch.text + 1).min(stretch.file_length),
            Some(stretch) => stretch.file + stretch.file_length,
            None => start,
        };
        Span::new(start, end)
    }

    /// A complaint about the search as a complaint about its file. Its span must count in [`Self::text`]; one that
    /// counts in an expanded search goes through [`dogwatch_syntax::Sources::locate`] first.
    pub fn place(&self, diagnostic: Diagnostic) -> Diagnostic {
        Diagnostic { span: self.span_to_file(diagnostic.span), ..diagnostic }
    }

    /// The stretch that holds a byte of the search, or the last one before it.
    fn stretch(&self, offset: usize) -> Option<Stretch> {
        let behind = self.stretches.partition_point(|stretch| stretch.text <= offset);
        self.stretches.get(behind.saturating_sub(1)).copied()
    }
}

/// What counts as white space in YAML: spaces and all its line breaks.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Walks a text and the file that writes it, from just behind the key's colon.
fn align(file: &str, behind: usize, text: &str) -> Option<Vec<Stretch>> {
    let mut written = Written::open(file, behind)?;
    let mut aligned = Aligned::default();
    // White space of the text that waits for the next character, to know the gap in the file that it stands in.
    let mut waiting: Option<usize> = None;
    let mut reached = written.at;
    for (at, c) in text.char_indices() {
        if is_space(c) {
            waiting.get_or_insert(at);
            continue;
        }
        let (found, file_at, file_length) = written.next_visible()?;
        if found != c {
            return None;
        }
        if let Some(from) = waiting.take() {
            aligned.space(file, &text[from..at], from, reached..file_at);
        }
        aligned.push(Stretch { text: at, text_length: c.len_utf8(), file: file_at, file_length });
        reached = file_at + file_length;
    }
    if let Some(from) = waiting {
        let gap = file[reached..].find(|c| !is_space(c)).unwrap_or(file.len() - reached);
        aligned.space(file, &text[from..], from, reached..reached + gap);
    }
    Some(aligned.stretches)
}

#[derive(Default)]
struct Aligned {
    stretches: Vec<Stretch>,
}

impl Aligned {
    fn push(&mut self, next: Stretch) {
        if let Some(last) = self.stretches.last_mut()
            && last.is_verbatim()
            && next.is_verbatim()
            && last.text + last.text_length == next.text
            && last.file + last.file_length == next.file
        {
            last.text_length += next.text_length;
            last.file_length += next.file_length;
            return;
        }
        self.stretches.push(next);
    }

    /// White space: up to its last line break it is counted from the left of the gap, behind that from the right,
    /// so that an indentation is the search's own and not YAML's.
    fn space(&mut self, file: &str, space: &str, from: usize, gap: std::ops::Range<usize>) {
        let broken = space.rfind('\n').map_or(0, |at| at + 1);
        for (at, c) in space.char_indices() {
            let counted = if at < broken || broken == 0 {
                (gap.start + at).min(gap.end)
            } else {
                gap.end.saturating_sub(space.len() - at).max(gap.start)
            };
            let start = file.floor_char_boundary(counted);
            let end = if start < gap.end { file.ceil_char_boundary(start + 1).min(gap.end) } else { start };
            self.push(Stretch {
                text: from + at,
                text_length: c.len_utf8(),
                file: start,
                file_length: end.saturating_sub(start),
            });
        }
    }
}

/// How the file writes a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Block or plain: characters stand for themselves.
    Bare,
    Single,
    Double,
}

/// The text as the file writes it, character by character.
struct Written<'f> {
    file: &'f str,
    at: usize,
    style: Style,
}

impl<'f> Written<'f> {
    /// Finds the first character of a value, behind comments, properties (`&anchor`, `!tag`) and a block's header.
    fn open(file: &'f str, behind: usize) -> Option<Self> {
        let mut at = behind;
        loop {
            let rest = file.get(at..)?;
            let trimmed = rest.trim_start_matches(is_space);
            at = file.len() - trimmed.len();
            match trimmed.chars().next()? {
                '#' => at += trimmed.find('\n')?,
                '&' | '!' => at += trimmed.find(is_space)?,
                '|' | '>' => return Some(Self { file, at: at + trimmed.find('\n')?, style: Style::Bare }),
                '*' => return None,
                '\'' => return Some(Self { file, at: at + 1, style: Style::Single }),
                '"' => return Some(Self { file, at: at + 1, style: Style::Double }),
                _ => return Some(Self { file, at, style: Style::Bare }),
            }
        }
    }

    /// The next character that is not white space, its place and its length in the file.
    fn next_visible(&mut self) -> Option<(char, usize, usize)> {
        loop {
            let at = self.at;
            let (c, length) = self.next_char()?;
            self.at += length;
            if !is_space(c) {
                return Some((c, at, length));
            }
        }
    }

    fn next_char(&self) -> Option<(char, usize)> {
        let rest = &self.file[self.at..];
        let c = rest.chars().next()?;
        match (self.style, c) {
            (Style::Single, '\'') => rest.starts_with("''").then_some(('\'', 2)),
            (Style::Double, '"') => None,
            (Style::Double, '\\') => escape(rest),
            _ => Some((c, c.len_utf8())),
        }
    }
}

/// The character that an escape in double quotes stands for, and the escape's length.
fn escape(rest: &str) -> Option<(char, usize)> {
    let kind = rest[1..].chars().next()?;
    let hex = |digits: usize| {
        let value = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((char::from_u32(value)?, 2 + digits))
    };
    let c = match kind {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        '_' => '\u{a0}',
        'N' => '\u{85}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return hex(2),
        'u' => return hex(4),
        'U' => return hex(8),
        // A quote, a slash, a space, or the line break that an escape hides.
        other => return Some((other, 1 + other.len_utf8())),
    };
    Some((c, 1 + kind.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dogwatch_syntax::Code;
    use proptest::prelude::*;

    fn embedded(file: &str) -> EmbeddedSearch {
        let value: serde_norway::Value = serde_norway::from_str(file).expect("the test's YAML is valid");
        let text = value["search"].as_str().expect("the test's search is text").to_owned();
        EmbeddedSearch::top_level(&YamlPositions::new(file), file, "search", text)
    }

    fn under(file: &str, word: &str) -> String {
        let search = embedded(file);
        let at = search.text.find(word).expect("the search has the word");
        let placed = search.place(Diagnostic::error(Code::Unexpected, Span::new(at, at + word.len()), "x"));
        file[placed.span.range()].to_owned()
    }

    #[test]
    fn words_are_found_in_every_style() {
        for file in [
            "name: a\nsearch: |-\n  index=a\n    type=b\n  | stats count\nid: b\n",
            "search: |2+  # why\n    index=a type=b\n\n  | stats count\n\n\nid: b\n",
            "search: >-\n  index=a\n  type=b\n  | stats count\nid: b\n",
            "search: >\n  index=a\n\n\n  type=b | stats count\nid: b\n",
            "search: index=a\n  type=b\n  | stats count\nid: b\n",
            "search:\n  index=a type=b\n  | stats count\nid: b\n",
            "search: 'index=a type=b it''s\n\n  | stats count'\nid: b\n",
            "search: \"index=a \\\"q\\\" \\x41\\u00e4\\t\\\n   type=b\\n | stats \\\n  count\"\nid: b\n",
            "\u{feff}'search' : &s !!str |\n  index=a type=b\n  | stats count\n",
            "description: \"one\nsearch: no\n\"\nsearch: index=a type=b | stats count\n",
        ] {
            for word in ["index=a", "type=b", "count", "stats"] {
                assert_eq!(under(file, word), word, "{file}");
            }
            assert!(embedded(file).is_placed(), "{file}");
        }
    }

    #[test]
    fn a_span_over_lines_covers_them_and_an_escape_is_covered_whole() {
        let file = "search: |\n  one\n  two\n";
        let search = embedded(file);
        assert_eq!(search.text, "one\ntwo\n");
        assert_eq!(&file[search.span_to_file(Span::new(0, 7)).range()], "one\n  two");
        assert_eq!(search.to_file(4), file.find("two").expect("it is there"));
        let file = "search: 'a ''b'' c'\n";
        let search = embedded(file);
        assert_eq!(search.text, "a 'b' c");
        assert_eq!(&file[search.span_to_file(Span::new(2, 5)).range()], "''b''");
    }

    #[test]
    fn what_cannot_be_found_is_placed_at_the_key() {
        let file = "a: &x one two\nsearch: *x\n";
        let search = embedded(file);
        assert!(!search.is_placed());
        assert_eq!(&file[search.span_to_file(Span::new(4, 7)).range()], "search");
        assert_eq!(search.to_file(99), search.key.start);
        assert_eq!(EmbeddedSearch::unplaced("x").span_to_file(Span::new(0, 1)), Span::at(0));
    }

    /// The ways to write a text that cannot fail, and those that only some texts have.
    fn written(text: &str, style: usize, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let lines = |text: &str| text.replace('\n', &format!("\n{pad}"));
        match style {
            0 => format!("search: |{indent}-\n{pad}{}\nid: b\n", lines(text)),
            1 => format!("search: >{indent}\n{pad}{}\nid: b\n", lines(text)),
            2 => format!("search: '{}'\nid: b\n", lines(&text.replace('\'', "''"))),
            3 => {
                let escaped: String = text
                    .chars()
                    .map(|c| match c {
                        '"' | '\\' => format!("\\{c}"),
                        '\n' => format!("\\n\\\n{pad}"),
                        c if c.is_ascii_graphic() || c == ' ' => c.to_string(),
                        c => format!("\\U{:08x}", u32::from(c)),
                    })
                    .collect();
                format!("search: \"{escaped}\"\nid: b\n")
            }
            _ => format!("search: {}\nid: b\n", lines(text)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn every_character_is_found_where_it_stands(
            text in "[a-z\"'`|=*\\\\$#:äß€😀 \u{a0}\n]{0,60}", style in 0..5usize, indent in 1..5usize,
        ) {
            let file = written(&text, style, indent);
            let Ok(value) = serde_norway::from_str::<serde_norway::Value>(&file) else { return Ok(()) };
            let Some(text) = value.get("search").and_then(|v| v.as_str()) else { return Ok(()) };
            let search = EmbeddedSearch::top_level(&YamlPositions::new(&file), &file, "search", text.to_owned());
            let mut before = 0;
            for (at, c) in text.char_indices() {
                let place = search.to_file(at);
                prop_assert!(file.is_char_boundary(place));
                prop_assert!(place >= before, "places go forward");
                before = place;
                if is_space(c) {
                    continue;
                }
                let span = search.span_to_file(Span::new(at, at + c.len_utf8()));
                let found = &file[span.range()];
                let same = found == c.to_string() || (found == "''" && c == '\'') || found.starts_with('\\');
                prop_assert!(same, "{c:?} is placed at {found:?} in {file:?}");
            }
        }

        #[test]
        fn no_text_breaks_the_search_for_it(file in "(?s).{0,80}", text in "(?s).{0,40}", at in 0..90usize) {
            let file = format!("search:{file}");
            let search = EmbeddedSearch::top_level(&YamlPositions::new(&file), &file, "search", text);
            let _ = file.get(search.span_to_file(Span::new(at, at + 3)).range()).expect("a span of the file");
        }
    }
}
