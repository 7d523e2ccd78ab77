//! How fast a log is scanned, and in how much memory. Run by hand, on a log of a gigabyte:
//!
//! ```text
//! SCAN_LOG=audit.log SCAN_FIELDS=a0,auid SCAN_WORDS='type=EXECVE a0=kubectl|docker' \
//!     cargo test --release -p dogwatch-scan throughput -- --ignored --nocapture
//! ```
//!
//! `SCAN_FIELDS='*'` collects the names of all fields instead; `SCAN_CHUNK` is the size of a chunk in MiB.

use std::env;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use datafusion::prelude::{SessionContext, ident};
use dogwatch_predicate::Condition;
use futures::StreamExt;

use super::*;
use crate::discover::discover;
use crate::table::table;

/// All of the words; of `name=a|b` one value.
fn condition(words: &str) -> Condition {
    let any = |word: &str| match word.split_once('=') {
        Some((name, values)) => Condition::Any(values.split('|').map(|value| Condition::equals(name, value)).collect()),
        None => Condition::raw(word),
    };
    Condition::All(words.split_whitespace().map(any).collect())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and needs a large log"]
async fn throughput() {
    let variable = |name| env::var(name).unwrap_or_default();
    let (inputs, errors) = Inputs::list(&[variable("SCAN_LOG")], &InputOptions::default());
    println!("{errors:?}");
    let (inputs, stats) = (Arc::new(inputs), Arc::new(ScanStats::default()));
    let fields = variable("SCAN_FIELDS");
    let mut request = ScanRequest { condition: condition(&variable("SCAN_WORDS")), ..ScanRequest::default() };
    if let Ok(size) = variable("SCAN_CHUNK").parse::<usize>() {
        request.sizes.chunk = Some(size << 20);
    }
    let begin = Instant::now();
    let mut rows = 0;
    if fields == "*" {
        let found = discover(&inputs, &request, &stats, &AtomicBool::new(false));
        println!("{} fields", found.fields.len());
        rows = found.rows;
    } else {
        request.fields = fields.split(',').map(str::to_owned).collect();
        let columns = ["_time", "host", "__seq"].into_iter().chain(fields.split(',')).map(ident);
        let columns: Vec<_> = columns.collect();
        let frame = SessionContext::new().read_table(table(inputs, request, Arc::clone(&stats))).unwrap();
        let mut stream = frame.select(columns).unwrap().execute_stream().await.unwrap();
        while let Some(batch) = stream.next().await {
            rows += batch.unwrap().num_rows() as u64;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let counts = stats.snapshot();
    println!("{rows} rows, {seconds:.3} s, {:.2} GB/s", counts.bytes_read as f64 / seconds / 1e9);
    for malformed in counts.malformed {
        println!("{}: {} {}", malformed.source, malformed.count, malformed.reason.as_str());
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}
