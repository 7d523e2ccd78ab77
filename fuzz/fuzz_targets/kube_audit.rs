//! Kubernetes audit logs: no bytes do harm, and a filter loses no row that it should keep.
#![no_main]

use dogwatch_formats::{Chunk, Condition, FORMATS, Framing, Malformed, Prefilter, RowMeta, RowVisitor, Slot};
use libfuzzer_sys::fuzz_target;

/// The places of the rows that have a value which contains the word.
struct Rows<'a> {
    word: &'a str,
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
        if value.to_lowercase().contains(self.word) && self.found.last() != Some(&self.at) {
            self.found.push(self.at);
        }
    }
    fn end(&mut self) {}
    fn malformed(&mut self, _: &Malformed<'_>) {}
}

fuzz_target!(|data: &[u8]| {
    let Some(format) = FORMATS.iter().find(|format| format.name() == "kube_audit") else {
        return;
    };
    format.sniff(data);
    let documents = format.framing(data) == Framing::Documents;
    let word = "secrets/é\"sk i\\n<";
    for word in [&word[..7], "s\\n", word, "sk i", "12"] {
        let condition = Condition::Field { name: "verb".to_owned(), literals: vec![word.to_owned()], whole: false };
        let read = |filter: Option<&Prefilter>| {
            let chunk = Chunk { bytes: data, offset: 0, own: 0..data.len(), last: true };
            let mut rows = Rows { word, at: 0, found: Vec::new() };
            match documents {
                true => format.read_documents(&chunk, filter, &mut rows),
                false => format.read(&chunk, filter, &mut rows),
            }
            rows.found
        };
        assert_eq!(read(None), read(Some(&format.prefilter(&condition))));
    }
});
