//! How fast a format reads a log: `cargo run --release --example auditd_speed -- FILE [OWN_MIB]`.
//!
//! Reads the file into memory once, then in chunks of OWN_MIB (default 32) with context, on one thread, and prints
//! seconds, rows and GB/s for a filter with few candidates, for few fields, and for all. The visitor only counts.

use dogwatch_formats::{Chunk, FORMATS, Format, Framing, Malformed, Prefilter, RowMeta, RowVisitor, Slot};
use dogwatch_predicate::Condition;

struct Counter {
    wanted: Option<&'static [&'static str]>,
    rows: usize,
    values: usize,
    bytes: usize,
    malformed: usize,
}

impl RowVisitor for Counter {
    fn start(&mut self, _: &RowMeta<'_>) {
        self.rows += 1;
    }
    fn wants(&mut self, name: &str) -> Option<Slot> {
        self.wanted.is_none_or(|wanted| wanted.contains(&name)).then_some(Slot(0))
    }
    fn wants_below(&mut self, _: &str) -> bool {
        true
    }
    fn value(&mut self, _: Slot, value: &str) {
        self.values += 1;
        self.bytes += value.len();
    }
    fn end(&mut self) {}
    fn malformed(&mut self, _: &Malformed<'_>) {
        self.malformed += 1;
    }
}

/// Processor time of this thread: other work on the machine does not count.
fn seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn chunks(bytes: &[u8], own: usize, context: usize) -> Vec<Chunk<'_>> {
    let line_end = |at: usize| match bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        Some(length) => at + length + 1,
        None => bytes.len(),
    };
    let mut chunks = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = line_end(at + own);
        let start = if at <= context { 0 } else { line_end(at - context) };
        let last = line_end(end.saturating_add(context));
        chunks.push(Chunk {
            bytes: &bytes[start..last],
            offset: start as u64,
            own: at - start..end - start,
            last: last == bytes.len(),
        });
        at = end;
    }
    chunks
}

fn measure(
    title: &str,
    format: &dyn Format,
    bytes: &[u8],
    own: usize,
    filter: Option<&Prefilter>,
    wanted: Option<&'static [&'static str]>,
) {
    let Framing::Lines { context } = format.framing(bytes) else { return };
    let mut counter = Counter { wanted, rows: 0, values: 0, bytes: 0, malformed: 0 };
    let start = seconds();
    for chunk in chunks(bytes, own, context) {
        format.read(&chunk, filter, &mut counter);
    }
    let seconds = seconds() - start;
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = bytes.len() as f64 / seconds / 1e9;
    let Counter { rows, values, bytes, malformed, .. } = counter;
    #[expect(clippy::print_stdout, reason = "its output")]
    {
        println!(
            "{title:30} {seconds:7.3} s {rate:6.2} GB/s {rows:9} rows {values:10} values {bytes:11} bytes {malformed} malformed"
        );
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "audit.log".to_owned());
    let own = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(32) << 20;
    let bytes = std::fs::read(file)?;
    let Some(format) = FORMATS.iter().max_by_key(|format| format.sniff(&bytes[..bytes.len().min(65_536)])) else {
        return Ok(());
    };
    let program = Condition::Any(["kubectl", "docker"].map(|name| Condition::equals("a0", name)).to_vec());
    let filter = format.prefilter(&Condition::All(vec![Condition::equals("type", "EXECVE"), program]));
    let seed: &[&str] = &["type", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "auid"];
    for dogwatch_formats::Needle { expression, .. } in &filter.all {
        let start = seconds();
        let hits = expression.find_iter(&bytes).count();
        #[expect(clippy::print_stdout, reason = "its output")]
        {
            println!("{:7.3} s {hits} hits {}", seconds() - start, expression.as_str());
        }
    }
    measure("filter kubectl|docker", *format, &bytes, own, Some(&filter), Some(seed));
    measure("type, a0, auid", *format, &bytes, own, None, Some(&["type", "a0", "auid"]));
    measure("nothing", *format, &bytes, own, None, Some(&[]));
    measure("everything", *format, &bytes, own, None, None);
    Ok(())
}
