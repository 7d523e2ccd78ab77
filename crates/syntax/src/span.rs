//! Byte ranges in a search, and the map from an expanded search back to what somebody wrote.
//!
//! A parse works on one text: the search with its macros expanded. [`Sources`] remembers where each stretch
//! of that text came from, so that a complaint inside a macro is shown in the macro's definition.

use std::ops::Range;

/// A byte range in the expanded search text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// An empty span at `at`.
    pub fn at(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// As a byte range.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One text that a search was made from: the search itself or a macro's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How to call it in a message: `search`, or ``macro `name` ``.
    pub name: String,
    /// The text as it was written.
    pub text: String,
}

/// A stretch of the expanded text that was copied from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where the stretch starts in the expanded text.
    pub start: usize,
    /// One past its end in the expanded text.
    pub end: usize,
    /// Index into [`Sources::sources`].
    pub source: usize,
    /// Where the stretch starts in that source. For text that stands in for a macro argument this is the
    /// argument's place in the text that called the macro.
    pub source_start: usize,
}

/// The expanded search and where its parts came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The expanded text, which every [`Span`] refers to.
    pub expanded: String,
    /// The texts that it was made from; the first is the search.
    pub sources: Vec<Source>,
    /// The stretches of `expanded`, in order, without gaps.
    pub segments: Vec<Segment>,
}

impl Sources {
    /// A search without macros.
    pub fn plain(name: &str, text: &str) -> Self {
        Self {
            expanded: text.to_owned(),
            sources: vec![Source { name: name.to_owned(), text: text.to_owned() }],
            segments: vec![Segment { start: 0, end: text.len(), source: 0, source_start: 0 }],
        }
    }

    /// The source, and the byte range in it, that a span of the expanded text stands for. A span that crosses
    /// from one source into another is cut to the part in which it starts.
    pub fn locate(&self, span: Span) -> (usize, Range<usize>) {
        let last = self.segments.last();
        let segment = self
            .segments
            .iter()
            .find(|s| s.start <= span.start && (span.start < s.end || (span.start == s.end && Some(*s) == last)))
            .or(last);
        let Some(segment) = segment else {
            return (0, 0..0);
        };
        let start = segment.source_start + span.start.min(segment.end) - segment.start;
        let end = segment.source_start + span.end.min(segment.end).max(span.start.min(segment.end)) - segment.start;
        (segment.source, start..end)
    }
}
