//! The JSON formats of the registry: no bytes do harm, and a filter loses no row that it should keep. The first byte of an input
//! chooses the format and the filter.
#![no_main]

use std::sync::OnceLock;

use dogwatch_formats::{Chunk, FORMATS, Format, Framing, Malformed, Prefilter, RowMeta, RowVisitor, Slot};
use dogwatch_predicate::{Condition, Pattern};
use libfuzzer_sys::fuzz_target;

/// What is looked for: words that JSON writes as they stand, with escapes, and too short to look for.
const WORDS: [&str; 5] = ["secrets", "s\\n", "secrets/é\"sk i\\n<", "sk i", "12"];

/// A condition, and the byte filter for it. Building its expressions costs far more than reading an input, so
/// there is a fixed set of them.
struct Filter {
    pattern: Pattern,
    prefilter: Prefilter,
}

impl Filter {
    fn new(format: &dyn Format, choice: usize) -> Self {
        let (word, whole) = (WORDS[choice % WORDS.len()], choice >= WORDS.len());
        let pattern = if whole { Pattern::literal(word) } else { Pattern::containing(word) };
        let prefilter = format.prefilter(&Condition::field("verb", pattern.clone()));
        Self { pattern, prefilter }
    }
}

/// Room for the filters of so many formats.
const FORMATS_AT_MOST: usize = 16;

static FILTERS: [[OnceLock<Filter>; 2 * WORDS.len()]; FORMATS_AT_MOST] =
    [const { [const { OnceLock::new() }; 2 * WORDS.len()] }; FORMATS_AT_MOST];

/// The places of the rows that have a value that satisfies the condition, whatever its field.
struct Rows<'a> {
    filter: &'a Filter,
    at: u64,
    found: Vec<u64>,
}

impl RowVisitor for Rows<'_> {
    fn start(&mut self, row: &RowMeta<'_>) {
        self.at = row.offset;
    }
    fn wants(&mut self, name: &str) -> Option<Slot> {
        Some(Slot(name.len()))
    }
    fn wants_below(&mut self, _: &str) -> bool {
        true
    }
    fn value(&mut self, _: Slot, value: &str) {
        if self.filter.pattern.matches(value) && self.found.last() != Some(&self.at) {
            self.found.push(self.at);
        }
    }
    fn end(&mut self) {}
    fn malformed(&mut self, _: &Malformed<'_>) {}
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, log)) = input.split_first() else { return };
    // auditd, whose values can be encoded, has a target of its own.
    let formats: Vec<_> = FORMATS.iter().filter(|format| format.name() != "auditd").take(FORMATS_AT_MOST).collect();
    let choice = usize::from(choice);
    let (number, choice) = (choice % formats.len(), choice / formats.len() % FILTERS[0].len());
    let format = formats[number];
    format.sniff(log);
    let documents = format.framing(log) == Framing::Documents;
    let filter = FILTERS[number][choice].get_or_init(|| Filter::new(*format, choice));
    let read = |prefilter: Option<&Prefilter>| {
        let chunk = Chunk { bytes: log, offset: 0, own: 0..log.len(), last: true };
        let mut rows = Rows { filter, at: 0, found: Vec::new() };
        match documents {
            true => format.read_documents(&chunk, prefilter, &mut rows),
            false => format.read(&chunk, prefilter, &mut rows),
        }
        rows.found
    };
    assert_eq!(read(None), read(Some(&filter.prefilter)));
});
