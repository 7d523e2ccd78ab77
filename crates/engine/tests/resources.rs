//! What a search says that needs more than it may have, wherever in it a plan runs: that it needs too much, and never that
//! this is a fault of Dogwatch.

use std::fmt::Write as _;

use dogwatch_engine::{EngineError, Session, SessionOptions, Text};
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
