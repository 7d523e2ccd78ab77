//! What the tests of the JSON formats share: a visitor that writes everything down, and a file read as the scan
//! reads it.

#![allow(clippy::unwrap_used, dead_code)]

use dogwatch_formats::documents::{Splitter, Stretch};
use dogwatch_formats::{Chunk, FORMATS, Format, Framing, Malformed, Prefilter, Reason, RowMeta, RowVisitor, Slot};
use dogwatch_predicate::{Condition, Pattern, Predicate};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub raw: Vec<u8>,
    pub offset: u64,
    pub time: Option<i64>,
    pub host: Option<String>,
    pub event_id: String,
    pub fields: Vec<(String, String)>,
}

impl Row {
    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|(field, _)| field == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a condition holds for it, told from its fields and its text.
    pub fn satisfies(&self, condition: &Condition) -> bool {
        let raw = String::from_utf8_lossy(&self.raw);
        condition.holds(&mut |predicate| match predicate {
            Predicate::Absent(name) => self.all(name).is_empty(),
            Predicate::Raw(pattern) => pattern.literals().all(|literal| Pattern::containing(literal).matches(&raw)),
            Predicate::Field { name, pattern } => self.all(name).iter().any(|value| pattern.matches(value)),
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// The fields that are wanted; all if there are none.
    wanted: Vec<String>,
    names: Vec<String>,
    pub rows: Vec<Row>,
    pub malformed: Vec<(Reason, u64, Vec<u8>)>,
    /// For each row, which of several conditions it was said to be able to satisfy.
    pub candidates: Vec<Vec<u64>>,
    /// Where lines were told to begin.
    pub lines: Vec<u64>,
    next_candidates: Vec<u64>,
}

impl Recorder {
    pub fn wanting(wanted: &[&str]) -> Self {
        Self { wanted: wanted.iter().map(|&name| name.to_owned()).collect(), ..Self::default() }
    }

    /// Rows and malformed stretches by reason.
    pub fn counts(&self) -> (usize, Vec<(Reason, usize)>) {
        let mut reasons = std::collections::BTreeMap::new();
        for (reason, ..) in &self.malformed {
            *reasons.entry(*reason).or_default() += 1;
        }
        (self.rows.len(), reasons.into_iter().collect())
    }
}

impl RowVisitor for Recorder {
    fn line(&mut self, offset: u64) {
        self.lines.push(offset);
    }

    fn candidates(&mut self, rules: &[u64]) {
        self.next_candidates = rules.to_vec();
    }

    fn start(&mut self, row: &RowMeta<'_>) {
        self.candidates.push(self.next_candidates.clone());
        self.rows.push(Row {
            raw: row.raw.to_vec(),
            offset: row.offset,
            time: row.time,
            host: row.host.map(str::to_owned),
            event_id: row.event_id.to_owned(),
            fields: Vec::new(),
        });
    }

    fn wants(&mut self, name: &str) -> Option<Slot> {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| wanted == name) {
            return None;
        }
        let known = self.names.iter().position(|known| known == name);
        Some(Slot(known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })))
    }

    fn wants_below(&mut self, prefix: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted.starts_with(prefix))
    }

    fn value(&mut self, slot: Slot, value: &str) {
        let field = (self.names[slot.0].clone(), value.to_owned());
        self.rows.last_mut().expect("a row has started").fields.push(field);
    }

    fn end(&mut self) {}

    fn malformed(&mut self, malformed: &Malformed<'_>) {
        self.malformed.push((malformed.reason, malformed.offset, malformed.sample.to_vec()));
    }
}

pub fn format(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == name).expect("a format of this name")
}

/// Reads a whole file, in one piece.
pub fn read(name: &str, file: &[u8]) -> Recorder {
    let mut recorder = Recorder::default();
    read_into(name, file, &[], None, &mut recorder);
    recorder
}

/// Reads a whole file. `cuts` are where blocks end: chunks end at the last line end, or document, before.
pub fn read_into(name: &str, file: &[u8], cuts: &[usize], filter: Option<&Prefilter>, recorder: &mut Recorder) {
    let format = format(name);
    let head = &file[..file.len().min(64 * 1024)];
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (file.len() + 1)).collect();
    cuts.push(file.len());
    cuts.sort_unstable();
    let mut start = 0;
    if format.framing(head) == Framing::Documents {
        let mut splitter = Splitter::default();
        for cut in cuts {
            let at_end = cut == file.len();
            loop {
                match splitter.next(&file[start..cut], at_end) {
                    Stretch::More => break,
                    Stretch::Rows(length) => {
                        let chunk =
                            Chunk { bytes: &file[start..cut], offset: start as u64, own: 0..length, last: at_end };
                        format.read_documents(&chunk, filter, recorder);
                        start += length;
                    }
                    Stretch::TooLong { bytes, .. } => start += bytes,
                }
            }
        }
        assert_eq!(start, file.len(), "all of the file was given out");
        return;
    }
    for cut in cuts {
        let lines = file[..cut].iter().rposition(|&byte| byte == b'\n');
        let end = if cut == file.len() { cut } else { lines.map_or(0, |newline| newline + 1) };
        if end > start || cut == file.len() {
            let chunk =
                Chunk { bytes: &file[start..end], offset: start as u64, own: 0..end - start, last: end == file.len() };
            format.read(&chunk, filter, recorder);
            start = end;
        }
    }
}

/// Everything that was read, as text for a golden file.
pub fn render(recorder: &Recorder) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for row in &recorder.rows {
        let time =
            row.time.map_or("none".to_owned(), |time| jiff::Timestamp::from_microsecond(time).unwrap().to_string());
        writeln!(text, "row at {}, {} bytes", row.offset, row.raw.len()).unwrap();
        writeln!(text, "  _time = {time}").unwrap();
        if let Some(host) = &row.host {
            writeln!(text, "  host = {host}").unwrap();
        }
        if !row.event_id.is_empty() {
            writeln!(text, "  event_id = {}", row.event_id).unwrap();
        }
        for (name, value) in &row.fields {
            writeln!(text, "  {name} = {}", value.escape_debug()).unwrap();
        }
    }
    for (reason, offset, sample) in &recorder.malformed {
        let sample = String::from_utf8_lossy(&sample[..sample.len().min(60)]).into_owned();
        let sample = sample.escape_debug();
        writeln!(text, "{} at {offset}: {sample}", reason.as_str()).unwrap();
    }
    text
}

/// Compares what is read from each file of a corpus folder with the `.expected` file beside it. With
/// `DOGWATCH_BLESS=1` in the environment it writes them.
pub fn golden(name: &str, folder: &std::path::Path) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("json" | "jsonl" | "log")) {
            continue;
        }
        let found = render(&read(name, &std::fs::read(&path).unwrap()));
        let expected = path.with_extension("expected");
        if std::env::var_os("DOGWATCH_BLESS").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, text, "{}: see DOGWATCH_BLESS", path.display());
        seen += 1;
    }
    seen
}

/// Whether the log of a truth has an event by the user for each action, by `event_id` and user in its first two columns.
pub fn has_every_action(name: &str, log: &[u8], truth: &str) {
    let found = read(name, log);
    let mut actions = 0;
    for line in truth.lines().skip(1) {
        let mut columns = line.split('\t');
        let (id, user) = (columns.next().unwrap(), columns.next().unwrap());
        let row = found.rows.iter().find(|row| row.event_id == id).unwrap();
        assert_eq!(row.all("user"), [user], "{line}");
        actions += 1;
    }
    assert!(actions > 0, "the truth names no action");
}

/// Whether a log gives the same rows however it is cut.
pub fn is_the_same_in_pieces(name: &str, file: &[u8], cuts: &[usize]) -> bool {
    let mut found = Recorder::default();
    read_into(name, file, cuts, None, &mut found);
    found == read(name, file)
}

/// A file of the repository's corpus.
pub fn corpus_file(folder: &str, name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus").join(folder).join(name))
        .unwrap()
}

/// How many rows a filter for one rule lets through.
pub fn let_through(name: &str, file: &[u8], rule: &Condition) -> usize {
    let mut found = Recorder::default();
    read_into(name, file, &[], Some(&format(name).compile_rules(std::slice::from_ref(rule))), &mut found);
    found.rows.len()
}
