//! Any bytes are read as an auditd log without a panic, and where the log is cut makes no difference: the rows of
//! both halves are the rows of the whole. A filter leaves out rows but never changes or adds one, and malformed lines
//! are counted with and without it.
#![no_main]

use std::sync::OnceLock;

use dogwatch_formats::{Chunk, FORMATS, Format, Malformed, Prefilter, RowMeta, RowVisitor, Slot};
use dogwatch_predicate::{Condition, Pattern};
use libfuzzer_sys::fuzz_target;

#[derive(Default)]
struct Collector {
    names: Vec<String>,
    rows: Vec<(u64, Vec<(String, String)>)>,
    malformed: Vec<u64>,
}

impl RowVisitor for Collector {
    fn start(&mut self, row: &RowMeta<'_>) {
        self.rows.push((row.offset, Vec::new()));
    }
    fn wants(&mut self, name: &str) -> Option<Slot> {
        let known = self.names.iter().position(|known| known == name);
        Some(Slot(known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })))
    }
    fn wants_below(&mut self, _: &str) -> bool {
        true
    }
    fn value(&mut self, slot: Slot, value: &str) {
        let name = self.names[slot.0].clone();
        if let Some((_, fields)) = self.rows.last_mut() {
            fields.push((name, value.to_owned()));
        }
    }
    fn end(&mut self) {}
    fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.malformed.push(malformed.offset);
    }
}

fn read(format: &dyn Format, log: &[u8], own: std::ops::Range<usize>, filter: Option<&Prefilter>) -> Collector {
    let mut collector = Collector::default();
    format.read(&Chunk { bytes: log, offset: 0, own, last: true }, filter, &mut collector);
    collector
}

/// A condition on one field, and the byte filter for it. Building its expressions costs far more than reading an
/// input, so there is a fixed set of them.
struct Filter {
    name: &'static str,
    pattern: Pattern,
    prefilter: Prefilter,
}

impl Filter {
    fn new(format: &dyn Format, choice: u8) -> Self {
        let name = ["a0", "process", "exe", "type", "_raw", "auid", "key", "path"][usize::from(choice % 8)];
        let literal = ["kubectl", "EXECVE", "get secrets", "1001"][usize::from(choice / 8 % 4)];
        let pattern = if choice > 127 { Pattern::literal(literal) } else { Pattern::containing(literal) };
        let prefilter = format.prefilter(&Condition::field(name, pattern.clone()));
        Self { name, pattern, prefilter }
    }

    fn is_satisfied(&self, fields: &[(String, String)]) -> bool {
        fields.iter().any(|(name, value)| name == self.name && self.pattern.matches(value))
    }
}

static FILTERS: [OnceLock<Filter>; 256] = [const { OnceLock::new() }; 256];

fuzz_target!(|input: &[u8]| {
    let Some((&[position, choice], log)) = input.split_first_chunk::<2>() else { return };
    let Some(format) = FORMATS.iter().find(|format| format.name() == "auditd") else { return };
    let whole = read(*format, log, 0..log.len(), None);
    let cut = log.len() * usize::from(position) / 256;
    let cut = log[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let mut halves = read(*format, log, 0..cut, None);
    let second = read(*format, log, cut..log.len(), None);
    halves.rows.extend(second.rows);
    halves.malformed.extend(second.malformed);
    assert_eq!(halves.rows, whole.rows);
    assert_eq!(halves.malformed, whole.malformed);

    let filter = FILTERS[usize::from(choice)].get_or_init(|| Filter::new(*format, choice));
    let filtered = read(*format, log, 0..log.len(), Some(&filter.prefilter));
    assert_eq!(filtered.malformed, whole.malformed);
    let mut rest = whole.rows.iter();
    assert!(filtered.rows.iter().all(|row| rest.any(|whole| whole == row)));
    let satisfies = |(_, fields): &&(u64, Vec<(String, String)>)| filter.is_satisfied(fields);
    let wanted = whole.rows.iter().filter(satisfies).count();
    assert_eq!(filtered.rows.iter().filter(satisfies).count(), wanted);
});
