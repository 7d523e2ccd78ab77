//! The JSON walker against serde_json: the same texts are valid; plain JSON files in pieces give the same rows.
#![no_main]

use dogwatch_formats::documents::{Splitter, Stretch};
use dogwatch_formats::json::walk;
use dogwatch_formats::{Chunk, FORMATS, Framing, Malformed, RowMeta, RowVisitor, Slot};
use libfuzzer_sys::fuzz_target;

/// Rows as places, and how many values they have.
#[derive(Default, PartialEq, Debug)]
struct Rows {
    rows: Vec<(u64, usize, usize)>,
    malformed: usize,
}

impl RowVisitor for Rows {
    fn start(&mut self, row: &RowMeta<'_>) {
        self.rows.push((row.offset, row.raw.len(), 0));
    }
    fn wants(&mut self, name: &str) -> Option<Slot> {
        Some(Slot(name.len()))
    }
    fn wants_below(&mut self, prefix: &str) -> bool {
        !prefix.ends_with("no.")
    }
    fn value(&mut self, _: Slot, _: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.2 += 1;
        }
    }
    fn end(&mut self) {}
    fn malformed(&mut self, _: &Malformed<'_>) {
        self.malformed += 1;
    }
}

fuzz_target!(|data: &[u8]| {
    let mut rows = Rows::default();
    let ours = walk(data, &mut rows);
    if let Ok(text) = std::str::from_utf8(data) {
        let oracle = serde_json::from_str::<serde::de::IgnoredAny>(text);
        assert_eq!(ours.is_ok(), oracle.is_ok(), "{ours:?} {oracle:?}");
    }
    let Some(format) = FORMATS.iter().find(|format| format.name() == "json_lines") else {
        return;
    };
    format.sniff(data);
    if format.framing(data) != Framing::Documents {
        return;
    }
    let read = |block: usize| {
        let mut rows = Rows::default();
        let mut splitter = Splitter::with_limit(1 << 20);
        let (mut start, mut end) = (0, 0);
        while end < data.len() {
            end = (end + block).min(data.len());
            let at_end = end == data.len();
            while let Stretch::Rows(length) = splitter.next(&data[start..end], at_end) {
                let chunk = Chunk { bytes: &data[start..end], offset: start as u64, own: 0..length, last: at_end };
                format.read_documents(&chunk, None, &mut rows);
                start += length;
            }
        }
        rows
    };
    assert_eq!(read(data.len().max(1)), read(7));
});
