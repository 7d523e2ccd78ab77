//! What a search says that needs more than it may have, wherever in it a plan runs: that it needs too much, and never that
//! this is a fault of Dogwatch.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use dogwatch_content::Content;
use dogwatch_engine::{EngineError, Evidence, FindingFilter, Session, SessionOptions, Text, tables_of};
use dogwatch_syntax::Code;
use futures::StreamExt;

/// How many events the log has, each with an id of its own.
const EVENTS: usize = 20_000;

/// Less than any grouping of so many ids needs.
const LIMIT: usize = 256 << 10;

async fn run(spl: &str, paths: &[String]) -> Result<usize, EngineError> {
    let session = Session::new(SessionOptions { memory_limit: LIMIT, ..SessionOptions::default() })?;
    let text = Text { name: "search".to_owned(), text: spl.to_owned() };
    let mut search = session.search(&text, paths).await?;
    let mut stream = search.stream()?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch?.num_rows();
    }
    Ok(rows)
}

/// A log of events with an id of its own each.
fn log() -> (tempfile::TempDir, [String; 1]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut log = String::new();
    for id in 0..EVENTS {
        let _ = writeln!(log, r#"{{"_time":{id},"id":"user-{id:040}","name":"field{id}","json":"{{\"key{id}\":1}}"}}"#);
    }
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, log).expect("a file can be written");
    let paths = [path.display().to_string()];
    (folder, paths)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_all_rows_at_once_is_named() {
    let (_folder, paths) = log();
    for (spl, names) in [
        ("search * | eventstats count by id | table count", &["`eventstats … BY id`"][..]),
        ("search * | eventstats count | table id count", &["`eventstats`"]),
        ("search * | bin bins=3 _time AS part | table id part", &["`bin`"]),
        ("search * | fillnull | table id name", &["`fillnull`"]),
        ("search * | eventstats values(id) AS ids | table ids", &["values", "`eventstats`"]),
    ] {
        match run(spl, &paths).await {
            Err(EngineError::Resources(why)) => assert!(names.iter().any(|name| why.contains(name)), "{spl}: {why}"),
            other => panic!("{spl}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_over_few_rows_takes_little() {
    let (_folder, paths) = log();
    assert_eq!(
        run("search id=\"user-*00\" | head 50 | eventstats count by id | table id count", &paths).await.ok(),
        Some(50)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_little_memory_is_said_wherever_a_plan_runs() {
    let (_folder, paths) = log();
    let mut wrong = String::new();
    for spl in [
        // The plan of the search itself.
        "search * | stats values(_time) by id",
        // A subsearch, and one inside another.
        "search [search * | stats values(_time) by id | head 1 | fields id]",
        "search [search [search * | stats values(_time) by id | head 1 | fields id] | fields id]",
        // Names of fields that only the rows know.
        "search * | spath input=json | table key*",
        "search * | eval {name}=1 | table field*",
        // Windows over all rows, and a ranking in each group.
        "search * | eventstats count by id",
        "search * | top limit=1 id by name",
        "search * | rare limit=1 id by name",
        "search * | dedup id | table id",
        // A subsearch whose rows are added.
        "search id=none | append [search * | stats values(_time) by id]",
    ] {
        match run(spl, &paths).await {
            Err(EngineError::Resources(_)) => {}
            // Whether the names fit into the memory depends on how the rows are divided; there are too many of them anyway.
            Err(EngineError::Search(failure)) if failure.diagnostics.iter().any(|d| d.code == Code::TooLarge) => {}
            Err(other) => drop(writeln!(wrong, "{spl}\n  {other:?}")),
            Ok(rows) => drop(writeln!(wrong, "{spl}\n  {rows} rows")),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The findings of the bundled detections in the corpus, each with its detection, and the detections that failed.
async fn findings(memory_limit: usize) -> (BTreeSet<(String, String)>, Vec<(String, EngineError)>) {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus");
    let paths = ["kube_audit", "auditd"].map(|format| format!("{corpus}/{format}"));
    let content = Content::bundled();
    let options = SessionOptions { memory_limit, tables: tables_of(&content), ..SessionOptions::default() };
    let session = Session::new(options).expect("a session can be made");
    let mut run = session.detections(&content, &content.detections, &paths).await.expect("it is planned");
    let found = run.findings(Evidence::Ids, FindingFilter::default()).await.expect("the logs are read");
    let found = found.map(|finding| {
        let finding = finding.expect("it can be read");
        (finding.detection.name.clone(), serde_json::to_string(&finding).expect("it is JSON"))
    });
    let found = found.collect();
    (found, run.take_failed().into_iter().map(|failed| (failed.detection.name.clone(), failed.error)).collect())
}

/// Buffered rows and all plans of a run take from one pool: with little in it, rows go to disk, and what does not fit says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn detections_with_little_memory_find_the_same_or_say_so() {
    let (all, failed) = findings(SessionOptions::default().memory_limit).await;
    assert!(all.len() > 100 && failed.is_empty(), "{} findings, {failed:?}", all.len());
    for (limit, suffices) in [(32 << 20, true), (1 << 20, false), (16 << 10, false)] {
        let (some, failed) = findings(limit).await;
        assert!(!suffices || failed.is_empty(), "{failed:?}");
        for (name, error) in &failed {
            assert!(matches!(error, EngineError::Resources(_)), "{name} with {limit} bytes: {error:?}");
        }
        let ran = all.iter().filter(|(detection, _)| failed.iter().all(|(name, _)| name != detection));
        assert_eq!(some, ran.cloned().collect(), "with {limit} bytes");
    }
}
