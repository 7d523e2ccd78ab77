//! A log of lines that are rows, described by data: what is the same for access logs, syslog and their like.
//!
//! A format says what a line is and which fields stand in it. Framing, recognition, the byte filter for one condition and for
//! several, and following a stream come from here. The filter looks for values as they stand in the line; fields whose values do
//! not stand there are named.

use std::borrow::Cow;
use std::ops::Range;

use dogwatch_predicate::{Condition, Predicate};

use crate::format::{About, Format, Framing, Prefilter};
use crate::lines::{self, LineReader};
use crate::literal_filter::{self, Literal, LiteralSearches};
use crate::rule_filter::compile_rules;
use crate::visitor::{Chunk, Malformed, Reason, RowMeta, RowVisitor};

/// One text log format.
#[derive(Debug)]
pub struct TextLog {
    /// See [`Format::about`].
    pub about: About,
    /// What a line is as a row; none if it is no row.
    pub row: for<'l> fn(&'l str) -> Option<TextRow<'l>>,
    /// Hands out the fields of a line that is a row.
    pub fields_of: fn(&str, TakeField<'_>),
    /// Fields whose values need not stand in the line as they are handed out.
    pub derived: &'static [&'static str],
}

/// Takes a field's name and a value of it.
pub type TakeField<'t> = &'t mut dyn FnMut(&str, &str);

/// What every row of a text log has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextRow<'l> {
    /// Its time, microseconds since 1970 UTC.
    pub time: Option<i64>,
    /// The host that it names.
    pub host: Option<&'l str>,
    /// Its own id.
    pub event_id: &'l str,
}

/// How many lines are looked at to recognise a log.
const SNIFFED: usize = 64;

/// Fields that a row may have from its file or the command line. So may those whose names start with an underscore, but for
/// `_raw`.
const NOT_FROM_TEXT: &[&str] = &["host", "source", "sourcetype", "index"];

impl TextLog {
    fn literals(&self, predicate: &Predicate) -> Vec<Literal> {
        match predicate {
            Predicate::Absent(_) => Vec::new(),
            Predicate::Raw(pattern) => pattern.literals().filter_map(Literal::of_text).collect(),
            Predicate::Field { name, pattern } => {
                let hidden = name.starts_with('_') && name != "_raw";
                if hidden || NOT_FROM_TEXT.iter().chain(self.derived).any(|known| *known == name) {
                    return Vec::new();
                }
                pattern
                    .literals()
                    .filter_map(Literal::of_text)
                    .max_by_key(|literal| literal.rarity)
                    .into_iter()
                    .collect()
            }
        }
    }
}

impl Format for TextLog {
    fn about(&self) -> &About {
        &self.about
    }

    /// The share of rows among the first lines. The last line may be cut.
    fn sniff(&self, head: &[u8]) -> u8 {
        let lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let (mut rows, mut others) = (0, 0);
        for line in lines.take(SNIFFED) {
            match (self.row)(&String::from_utf8_lossy(line.trim_ascii_end())) {
                Some(_) => rows += 1,
                None => others += usize::from(line.ends_with(b"\n")),
            }
        }
        match rows {
            0 => 0,
            _ => u8::try_from(1 + 90 * rows / (rows + others)).unwrap_or(90),
        }
    }

    fn framing(&self, _: &[u8]) -> Framing {
        Framing::Lines { context: 0 }
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        lines::read(chunk, filter, &mut Reader { log: self, visitor });
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        literal_filter::prefilter(condition, &|predicate| self.literals(predicate))
    }

    fn compile_rules(&self, conditions: &[Condition]) -> Prefilter {
        compile_rules(conditions, LiteralSearches::new(&|predicate| self.literals(predicate)))
    }
}

/// Reads lines into rows.
struct Reader<'r> {
    log: &'r TextLog,
    visitor: &'r mut dyn RowVisitor,
}

impl LineReader for Reader<'_> {
    fn line(&mut self, chunk: &Chunk<'_>, line: Range<usize>) {
        let offset = chunk.offset + line.start as u64;
        let bytes = &chunk.bytes[line];
        let raw = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if raw.trim_ascii().is_empty() {
            return;
        }
        let text: Cow<'_, str> = String::from_utf8_lossy(raw);
        let Some(TextRow { time, host, event_id }) = (self.log.row)(&text) else {
            return self.visitor.malformed(&Malformed { reason: Reason::NotAnEvent, offset, sample: raw });
        };
        self.visitor.start(&RowMeta { raw, offset, time, host, event_id });
        (self.log.fields_of)(&text, &mut |name, value| {
            if let Some(slot) = self.visitor.wants(name) {
                self.visitor.value(slot, value);
            }
        });
        self.visitor.end();
    }

    fn visitor(&mut self) -> &mut dyn RowVisitor {
        self.visitor
    }
}
