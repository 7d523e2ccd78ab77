//! Where a key stands in the text of a YAML file.
//!
//! The YAML parser gives values without places. For what is wrong with a value its line is looked up here: by
//! indentation, line by line, in block style, which is how content is written. What stands in flow style (`[a, b]`)
//! is placed as a whole. A place that is not found is no error: the closest one around it is underlined instead.

use dogwatch_syntax::Span;

/// A step down into a YAML document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An element of a list, from 0.
    Item(usize),
}

/// Where a key and its value stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct YamlPosition {
    /// The key, or the whole first line of a list's element.
    pub(crate) key: Span,
    /// What stands on the key's line behind the colon, without a comment; empty where the value begins below.
    pub(crate) value: Span,
    /// Just behind the colon: where the value may begin.
    pub(crate) behind: usize,
}

impl YamlPosition {
    /// What to underline for a bad value: the value if it is on one line, else the key.
    pub(crate) fn shown(self, text: &str) -> Span {
        let value = &text[self.value.range()];
        if value.is_empty() || value.starts_with(['|', '>', '&', '!']) { self.key } else { self.value }
    }
}

/// A line that has text on it, or the rest of one behind a dash.
#[derive(Clone, Copy, Debug)]
struct Line {
    start: usize,
    end: usize,
    column: usize,
}

/// The lines of a YAML text, ready to look places up.
#[derive(Debug)]
pub(crate) struct YamlPositions<'t> {
    text: &'t str,
    lines: Vec<Line>,
}

impl<'t> YamlPositions<'t> {
    /// Splits a text into its lines.
    pub(crate) fn new(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let whole = line.trim_end();
            let content = whole.trim_start_matches('\u{feff}').trim_start_matches(' ');
            let is_mark = content.len() == whole.len() && ["---", "..."].contains(&content);
            if !content.is_empty() && !content.starts_with(['#', '%']) && !is_mark {
                let column = whole.len() - content.len();
                lines.push(Line { start: offset + column, end: offset + whole.len(), column });
            }
            offset += line.len();
        }
        Self { text, lines }
    }

    /// Where a path leads, if its key is found.
    pub(crate) fn find(&self, path: &[Step<'_>]) -> Option<YamlPosition> {
        let (place, found) = self.follow(path);
        place.filter(|_| found == path.len())
    }

    /// What to underline for a path: its own place, or the closest around it that is found, or the first line.
    pub(crate) fn nearest(&self, path: &[Step<'_>]) -> Span {
        match self.follow(path) {
            (Some(place), _) => place.shown(self.text),
            (None, _) => self.lines.first().map_or(Span::at(0), |line| Span::new(line.start, line.end)),
        }
    }

    /// Just the key of a path, for a key that should not be there or lacks something below it.
    pub(crate) fn key(&self, path: &[Step<'_>]) -> Span {
        match self.follow(path) {
            (Some(place), _) => place.key,
            (None, _) => self.nearest(path),
        }
    }

    /// All lines at the left margin that could be this key. In a text that spans lines within quotes there can be
    /// more than one.
    pub(crate) fn candidates(&self, key: &str) -> impl Iterator<Item = YamlPosition> {
        let margin = self.lines.first().map_or(0, |line| line.column);
        self.lines.iter().filter(move |line| line.column == margin).filter_map(move |line| self.as_key(*line, key))
    }

    /// The last place on the path that was found, and how many steps led there.
    fn follow(&self, path: &[Step<'_>]) -> (Option<YamlPosition>, usize) {
        let mut within = self.lines.clone();
        let mut last = None;
        for (taken, step) in path.iter().enumerate() {
            let next = match step {
                Step::Key(key) => self.enter_key(&within, key),
                Step::Item(index) => self.enter_item(&within, *index),
            };
            let Some((place, below)) = next else { return (last, taken) };
            last = Some(place);
            within = below;
        }
        (last, path.len())
    }

    fn enter_key(&self, within: &[Line], key: &str) -> Option<(YamlPosition, Vec<Line>)> {
        let margin = within.first()?.column;
        let (at, place) = within
            .iter()
            .enumerate()
            .filter(|(_, line)| line.column == margin)
            .find_map(|(at, line)| Some((at, self.as_key(*line, key)?)))?;
        // A list may stand at the same indentation as the key that it belongs to.
        let below = within[at + 1..]
            .iter()
            .take_while(|line| line.column > margin || (line.column == margin && self.is_item(**line)))
            .copied()
            .collect();
        Some((place, below))
    }

    fn enter_item(&self, within: &[Line], index: usize) -> Option<(YamlPosition, Vec<Line>)> {
        let margin = within.first()?.column;
        let mut items = within.iter().enumerate().filter(|(_, line)| line.column == margin && self.is_item(**line));
        let (at, line) = items.nth(index)?;
        let content = self.text[line.start + 1..line.end].trim_start();
        let start = line.end - content.len();
        let span = Span::new(start, line.end);
        let place = YamlPosition { key: span, value: Span::at(line.end), behind: start };
        let mut below = Vec::new();
        if !content.is_empty() {
            below.push(Line { start, end: line.end, column: line.column + (start - line.start) });
        }
        below.extend(within[at + 1..].iter().take_while(|line| line.column > margin));
        Some((place, below))
    }

    fn is_item(&self, line: Line) -> bool {
        let content = &self.text[line.start..line.end];
        content == "-" || content.starts_with("- ")
    }

    /// The place of a key if the line begins with it: `key:`, `"key":` or `'key':`.
    fn as_key(&self, line: Line, key: &str) -> Option<YamlPosition> {
        let content = &self.text[line.start..line.end];
        let quote = content.chars().next().filter(|c| matches!(c, '"' | '\''));
        let quoted = quote.map_or(0, char::len_utf8);
        let rest = content[quoted..].strip_prefix(key)?;
        let rest = match quote {
            Some(quote) => rest.strip_prefix(quote)?,
            None => rest,
        };
        let value = rest.trim_start().strip_prefix(':')?;
        if !(value.is_empty() || value.starts_with([' ', '\t'])) {
            return None;
        }
        let behind = line.end - value.len();
        let start = line.end - value.trim_start().len();
        let end = start + without_comment(&self.text[start..line.end]).len();
        let key = Span::new(line.start, line.start + key.len() + 2 * quoted);
        Some(YamlPosition { key, value: Span::new(start, end), behind })
    }
}

/// A value without the comment behind it, where it is not quoted.
fn without_comment(value: &str) -> &str {
    if value.starts_with(['"', '\'']) {
        return value;
    }
    if value.starts_with('#') {
        return "";
    }
    value.split(" #").next().unwrap_or(value).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\n# a comment\nname: Some Name # why\n'search': |-\n  a\n  name: no key\n\nrba:\n  message: m\n  \
                        risk_objects:\n  - field: user\n    type: user\n    score: 70\n  -\n    field: dest\n    score: 20\n\
                        tags: {product: [a, b]}\nlist:\n- one\n- two\n";

    fn shown(path: &[Step<'_>]) -> &'static str {
        &TEXT[YamlPositions::new(TEXT).nearest(path).range()]
    }

    #[test]
    fn keys_and_items_are_found_at_any_depth() {
        use Step::{Item, Key};
        let places = YamlPositions::new(TEXT);
        let value = |path: &[Step<'_>]| places.find(path).map(|place| &TEXT[place.value.range()]);
        assert_eq!(value(&[Key("name")]), Some("Some Name"));
        assert_eq!(value(&[Key("search")]), Some("|-"));
        assert_eq!(value(&[Key("rba"), Key("message")]), Some("m"));
        assert_eq!(value(&[Key("rba"), Key("risk_objects"), Item(0), Key("field")]), Some("user"));
        assert_eq!(value(&[Key("rba"), Key("risk_objects"), Item(0), Key("score")]), Some("70"));
        assert_eq!(value(&[Key("rba"), Key("risk_objects"), Item(1), Key("score")]), Some("20"));
        assert_eq!(value(&[Key("rba"), Key("risk_objects"), Item(2)]), None);
        assert_eq!(shown(&[Key("list"), Item(1)]), "two");
    }

    #[test]
    fn what_is_not_found_is_placed_around() {
        use Step::{Item, Key};
        assert_eq!(shown(&[Key("tags"), Key("product"), Item(0)]), "{product: [a, b]}");
        assert_eq!(shown(&[Key("rba"), Key("risk_objects"), Item(0), Key("colour")]), "field: user");
        assert_eq!(shown(&[Key("missing")]), "name: Some Name # why");
        assert_eq!(shown(&[Key("search")]), "'search'");
        assert_eq!(YamlPositions::new("").nearest(&[Key("a")]), Span::at(0));
    }
}
