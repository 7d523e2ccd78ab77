//! The table in a DataFusion plan.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arrow::datatypes::DataType;
use datafusion::physical_plan::displayable;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, col, lit};
use dogwatch_formats::Reason;
use dogwatch_predicate::Condition;
use futures::StreamExt;

use super::*;
use crate::discover::{DiscoveredField, discover};
use crate::table::table;
use crate::window::ChunkSizes;

fn frame(inputs: &Arc<Inputs>, request: ScanRequest, stats: &Arc<ScanStats>) -> DataFrame {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    context.read_table(table(Arc::clone(inputs), request, Arc::clone(stats))).unwrap()
}

fn small() -> ChunkSizes {
    ChunkSizes { chunk: Some(64), ..ChunkSizes::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_have_their_types_and_values() {
    let files = Files::new();
    let text = b"a=1 a=2 b{}=3 b{}=4 t=7 node=web1 id=e1\nb=\xff c=x\n";
    let path = files.add("x.log", text);
    let inputs = inputs(&[&path]);
    let wanted = request(&["b{}", "a", "missing", "host", "a"]);
    let frame = frame(&inputs, wanted, &Arc::default()).sort(vec![col("__seq").sort(true, false)]).unwrap();
    let schema = frame.schema().as_arrow().clone();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let system = ["_time", "_raw", "host", "source", "sourcetype", "index", "event_id", "__seq"];
    assert_eq!(names, [&system[..], &["b{}", "a", "missing"]].concat());
    assert_eq!(schema.field_with_name("_time").unwrap().data_type().to_string(), "Timestamp(µs, \"UTC\")");
    assert!(matches!(schema.field_with_name("b{}").unwrap().data_type(), DataType::List(_)));
    let batches = frame.collect().await.unwrap();
    let column = |name| texts(&batches, name);
    assert_eq!(column("_time"), ["1970-01-01T00:00:00.000007Z", "∅"]);
    assert_eq!(column("_raw")[1], "b=\u{fffd} c=x");
    assert_eq!(column("host"), ["web1", "unknown"]);
    assert_eq!(column("source"), [path.as_str(); 2]);
    assert_eq!(column("sourcetype"), ["pairs"; 2]);
    assert_eq!(column("index"), ["main"; 2]);
    assert_eq!(column("event_id"), ["e1", "∅"]);
    assert_eq!(column("b{}"), ["[3, 4]", "∅"]);
    assert_eq!(column("a"), ["1\n2", "∅"]);
    assert_eq!(column("missing"), ["∅"; 2]);
}

#[test]
fn rows_that_name_themselves_do_so() {
    let files = Files::new();
    let inputs = inputs(&[
        &files.add("1", "j=1 host=h sourcetype=nginx index=web source=/x event_id=9\nj=2\n"),
        &files.add("2", "a=1 host=h sourcetype=nginx index=web source=/x event_id=9\n"),
    ]);
    let wanted = ["host", "sourcetype", "index", "source", "event_id"];
    let rows = rows(&inputs, &request(&[]), &wanted).0;
    assert_eq!(rows[0][1..], ["h", "nginx", "web", "/x", "9"]);
    assert_eq!(rows[1][1..4], ["unknown", "_json", "json"]);
    assert_eq!(rows[2][1..4], ["unknown", "pairs", "main"]);
    assert_eq!(rows[2][5], "∅");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_can_be_run_again_and_counts_without_columns() {
    let files = Files::new();
    let log: String = (0..5000).map(|number| format!("a={number}\n")).collect();
    let inputs = inputs(&[&files.add("1", &log), &files.add("2.gz", gzip(log.as_bytes()))]);
    let stats = Arc::new(ScanStats::default());
    let frame = frame(&inputs, ScanRequest { sizes: small(), ..request(&["a"]) }, &stats);
    assert_eq!(frame.clone().count().await.unwrap(), 10_000);
    let plan = frame.create_physical_plan().await.unwrap();
    for _ in 0..2 {
        let context = SessionContext::new().task_ctx();
        let batches = datafusion::physical_plan::collect(Arc::clone(&plan), context).await.unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 10_000);
    }
    let counts = stats.snapshot();
    assert_eq!((counts.rows, counts.files_done, counts.files_total), (30_000, 6, 6));
    assert_eq!(counts.bytes_read, counts.bytes_total);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_shows_files_fields_and_words() {
    let files = Files::new();
    let inputs = inputs(&[&files.add("1", "a=1\n")]);
    let word = Condition::equals("type", "EXECVE");
    let request = ScanRequest { condition: word, ..request(&["a", "b"]) };
    let frame = frame(&inputs, request, &Arc::default()).select(vec![col("a")]).unwrap().limit(0, Some(3)).unwrap();
    let plan = frame.create_physical_plan().await.unwrap();
    let shown = displayable(plan.as_ref()).indent(false).to_string();
    assert!(shown.contains("LogScan: files=1, fields=[a], words=[type=EXECVE], limit=3"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_the_scan_and_a_filter_above_keeps_it_from_doing_so() {
    let files = Files::new();
    let log: String = (0..200_000).map(|number| format!("a={number}\n")).collect();
    let inputs = inputs(&[&files.add("1", &log)]);
    let stats = Arc::new(ScanStats::default());
    let limited = || frame(&inputs, ScanRequest { sizes: small(), ..request(&["a"]) }, &stats);
    assert_eq!(
        limited().limit(0, Some(5)).unwrap().collect().await.unwrap().iter().map(RecordBatch::num_rows).sum::<usize>(),
        5
    );
    assert!(stats.snapshot().bytes_read < log.len() as u64 / 2, "{:?}", stats.snapshot());
    let found = limited().filter(col("a").eq(lit("199999"))).unwrap().limit(0, Some(5)).unwrap();
    assert_eq!(texts(&found.collect().await.unwrap(), "a"), ["199999"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_stream_ends_the_scan() {
    let files = Files::new();
    let log = "a=1\n".repeat(4_000_000);
    let inputs = inputs(&[&files.add("1", &log), &files.add("2.zst", zstd(log.as_bytes()))]);
    let stats = Arc::new(ScanStats::default());
    let mut stream = frame(&inputs, request(&["a"]), &stats).execute_stream().await.unwrap();
    assert!(stream.next().await.unwrap().unwrap().num_rows() > 0);
    drop(stream);
    let begin = Instant::now();
    let mut before = stats.snapshot();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = stats.snapshot();
        if (now.rows, now.bytes_read) == (before.rows, before.bytes_read) {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "still reading: {now:?}");
        before = now;
    }
    assert!(before.rows < 1_000_000, "{before:?}");
}

#[test]
fn times_out_of_bounds_are_left_out() {
    let files = Files::new();
    let inputs = inputs(&[&files.add("1", "t=1\nt=2\nt=3\na=0\n")]);
    let request = ScanRequest { earliest: Some(2), latest: Some(3), ..request(&["t"]) };
    let (rows, counts) = rows(&inputs, &request, &["t"]);
    assert_eq!(rows.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), ["2", "∅"]);
    assert_eq!((counts.events, counts.rows), (4, 2));
}

#[test]
fn files_of_another_sourcetype_are_not_read() {
    let files = Files::new();
    let inputs = inputs(&[&files.add("1", "a=1\nbroken\n"), &files.add("2", "j=1\n")]);
    let condition = Condition::equals("sourcetype", "_json");
    let (rows, counts) = rows(&inputs, &ScanRequest { condition, ..request(&[]) }, &["sourcetype"]);
    assert_eq!(rows.len(), 1);
    assert_eq!((counts.files_total, counts.files_skipped, counts.malformed.len()), (1, 1, 0));
}

#[test]
fn malformed_lines_are_counted_by_file_and_reason() {
    let files = Files::new();
    let path = files.add("1", "a=1\nbroken\na=2\nbroken too\n");
    let request = ScanRequest { sizes: small(), ..request(&["a"]) };
    let (_, counts) = rows(&inputs(&[&path]), &request, &["a"]);
    let malformed = &counts.malformed[0];
    assert_eq!((malformed.source.as_str(), malformed.reason, malformed.count), (path.as_str(), Reason::NotARecord, 2));
    assert_eq!(malformed.samples[1].text, "broken too");
}

#[test]
fn all_fields_are_discovered() {
    let files = Files::new();
    let inputs = inputs(&[&files.add("1", "a=1 a=2 host=x\na=3 b{}=1\nbroken\n"), &files.add("2.gz", gzip(b"c=1\n"))]);
    let stats = Arc::default();
    let request = ScanRequest { sizes: ChunkSizes { chunk: Some(1), ..small() }, ..request(&[]) };
    let found = discover(&inputs, &request, &stats, &AtomicBool::new(false));
    let field = |name: &str, multivalue, rows| DiscoveredField { name: name.into(), multivalue, rows };
    let expected = [field("a", false, 2), field("around", false, 3), field("b{}", true, 1), field("c", false, 1)];
    assert_eq!(found.fields, expected);
    assert_eq!((found.rows, found.cut, found.cancelled), (3, false, false));
    assert_eq!(stats.snapshot().malformed[0].count, 1);
}

#[test]
fn discovery_is_bounded_and_can_be_cancelled() {
    let files = Files::new();
    let log: String = (0..20_000).map(|number| format!("f{number}=1\n")).collect();
    let inputs = inputs(&[&files.add("1", log)]);
    let found = discover(&inputs, &request(&[]), &Arc::default(), &AtomicBool::new(false));
    assert_eq!((found.fields.len(), found.cut, found.rows), (crate::MOST_FIELDS, true, 20_000));
    let cancel = AtomicBool::new(false);
    cancel.store(true, Ordering::Relaxed);
    let found = discover(&inputs, &request(&[]), &Arc::default(), &cancel);
    assert_eq!((found.rows, found.cancelled), (0, true));
}
