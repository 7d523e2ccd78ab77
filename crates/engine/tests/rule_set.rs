//! That detections which are understood once find the same in every run as those that are understood for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_content::{Content, Detection};
use dogwatch_engine::{EngineError, Evidence, FindingFilter, RuleSet, Session, SessionOptions, tables_of};

const DAY: i64 = 86_400_000_000;
/// 2026-11-24T12:00:00Z.
const LAST_DAY: i64 = 1_795_521_600_000_000;

fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus");
    let logs = |format: &str| {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder.join(format)).expect("it is there").flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl" || ending == "log"));
        paths.sort();
        paths
    };
    let all = [logs("kube_audit"), logs("auditd")].concat();
    assert!(all.len() > 5, "the corpus has logs of both formats");
    all.into_iter().map(|path| path.display().to_string()).collect()
}

fn session(content: &Content, options: SessionOptions) -> Session {
    Session::new(SessionOptions { tables: tables_of(content), ..options }).expect("a session can be made")
}

/// What a run finds, as text.
async fn found(session: &Session, rules: &RuleSet, paths: &[String]) -> Vec<String> {
    let mut run = session.run_rules(rules, paths).await.expect("it is planned");
    let findings = run.findings(Evidence::Places, FindingFilter { suppressed: true, ..FindingFilter::default() });
    let findings = findings.await.expect("it runs");
    assert!(run.take_failed().is_empty());
    findings.map(|finding| serde_json::to_string(&finding.expect("it can be read")).expect("it is JSON")).collect()
}

async fn rule_set(session: &Session, content: &Content, detections: &[Arc<Detection>]) -> RuleSet {
    let mut rules = session.rule_set(content, detections).await.expect("it is understood");
    assert!(rules.take_failed().is_empty());
    rules
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_find_the_same_in_every_run_and_are_planned_once() {
    let content = Content::bundled();
    let session = session(&content, SessionOptions::default());
    let rules = rule_set(&session, &content, &content.detections).await;
    assert_eq!(rules.planned(), 0);
    let mut findings = 0;
    for log in corpus() {
        let paths = [log];
        let fresh = rule_set(&session, &content, &content.detections).await;
        let expected = found(&session, &fresh, &paths).await;
        assert_eq!(found(&session, &rules, &paths).await, expected, "{paths:?}");
        let planned = rules.planned();
        assert_eq!(found(&session, &rules, &paths).await, expected, "{paths:?} again");
        assert_eq!(rules.planned(), planned, "{paths:?}: the same logs need no plan");
        findings += expected.len();
    }
    assert!(findings > 0 && rules.planned() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lookup_that_changes_and_a_row_that_expires_are_seen_by_the_next_run() {
    let lookups = tempfile::tempdir().expect("a temporary folder can be made");
    let content = Content::bundled();
    let detection = content.detection("Kubernetes Anonymous Request Allowed").expect("it is bundled").clone();
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/kube_audit/a4_anonymous.jsonl");
    let paths = [log.display().to_string()];
    let at = |now| {
        let lookups = vec![lookups.path().to_owned()];
        session(&content, SessionOptions { lookups, now: Some(now), ..SessionOptions::default() })
    };
    let allow = |row: &str| {
        let head = "detection,user,dest,user_agent,namespace,command,src,reason,owner,expires\n";
        let file = lookups.path().join("container_api_allowlist.csv");
        std::fs::write(file, format!("{head}{row}")).expect("a file can be written");
    };
    let today = at(LAST_DAY);
    let rules = rule_set(&today, &content, &[detection]).await;
    let silenced = |findings: &[String]| findings.iter().all(|finding| !finding.contains("\"suppressed_by\":\"-\""));

    allow("");
    let none = found(&today, &rules, &paths).await;
    assert!(!none.is_empty() && !silenced(&none), "{none:?}");
    allow("Kubernetes Anonymous Request Allowed,system:anonymous,*,*,*,*,*,a test,us,2026-11-24\n");
    assert!(silenced(&found(&today, &rules, &paths).await));
    assert_eq!(found(&at(LAST_DAY + DAY), &rules, &paths).await, none);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_is_that_of_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (file, log) = (folder.path().join("recent.yml"), folder.path().join("a.jsonl"));
    let search = "search: sourcetype=_json earliest=-1h | eval age=now()-_time | stats values(age) AS age BY user\n";
    std::fs::write(&file, format!("name: Recent\n{search}")).expect("a file can be written");
    std::fs::write(&log, "{\"time\":\"2026-11-24T11:30:00Z\",\"user\":\"ann\"}\n").expect("a file can be written");
    let content = Content::open(&file).expect("the file is there");
    let at = |now| session(&content, SessionOptions { now: Some(now), ..SessionOptions::default() });
    let rules = rule_set(&at(LAST_DAY), &content, &content.detections).await;
    let paths = [log.display().to_string()];
    for (now, age) in [(LAST_DAY, Some("1800")), (LAST_DAY + 60_000_000, Some("1860")), (LAST_DAY + DAY, None)] {
        let findings = found(&at(now), &rules, &paths).await;
        assert_eq!(findings.len(), usize::from(age.is_some()), "{findings:?}");
        assert!(age.is_none_or(|age| findings[0].contains(age)), "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_cancelled_ends_with_that() {
    let content = Content::bundled();
    let session = session(&content, SessionOptions::default());
    let mut run = session.detections(&content, &content.detections, &corpus()).await.expect("it is planned");
    run.canceller().cancel();
    let ended = run.findings(Evidence::Ids, FindingFilter::default()).await.map(|findings| findings.found());
    assert!(matches!(ended, Err(EngineError::Cancelled)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_lookup_in_the_search_expression_are_those_of_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file can be written");
    let search = "sourcetype=_json [| inputlookup watch.csv | fields user] | stats count BY user";
    write("r.yml", &format!("name: R\nsearch: '{search}'\n"));
    write("a.jsonl", "{\"user\":\"ann\"}\n{\"user\":\"bob\"}\n");
    write("watch.csv", "user\nann\n");
    let content = Content::open(folder.path().join("r.yml")).expect("the file is there");
    let session =
        session(&content, SessionOptions { lookups: vec![folder.path().to_owned()], ..SessionOptions::default() });
    let rules = rule_set(&session, &content, &content.detections).await;
    let paths = [folder.path().join("a.jsonl").display().to_string()];
    for (user, times) in [("ann", 2), ("bob", 3), ("ann", 2)] {
        write("watch.csv", &format!("user\n{user}\n"));
        for run in 0..times {
            let findings = found(&session, &rules, &paths).await;
            assert!(findings.len() == 1 && findings[0].contains(&format!("\"{user}\"")), "{user} {run}: {findings:?}");
        }
    }
}
