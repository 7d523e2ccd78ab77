//! On which lines the rows of a shared pass stand.

use std::fmt::Write as _;
use std::fs;

use datafusion::execution::memory_pool::{MemoryPool, UnboundedMemoryPool};
use dogwatch_predicate::Condition;

use super::*;
use crate::columns::parts_of_seq;
use crate::shared::SharedScan;
use crate::spill_buffer::SpillBudget;

/// Records of auditd with lines between them that are none, over many blocks of the index.
fn audit_log(line_end: &str) -> String {
    let mut log = String::new();
    for serial in 0..3000 {
        let stamp = format!("msg=audit(1700000000.{:03}:{serial}):", serial % 1000);
        let _ = write!(log, "type=SYSCALL {stamp} arch=c000003e syscall=59 exe=\"/usr/bin/kubectl\"{line_end}");
        if serial % 7 == 0 {
            let _ = write!(log, "{line_end}no record{line_end}");
        }
        let long = "x".repeat(serial % 50 * 40);
        let _ = write!(log, "type=EXECVE {stamp} argc=2 a0=\"kubectl\" a1=\"{long}\"{line_end}");
    }
    log
}

/// Kubernetes events, one or two a line.
fn kube_log() -> String {
    let mut log = String::new();
    for number in 0..2000 {
        let event = |part: &str| {
            format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"{number}{part}","verb":"get","note":"{}"}}"#,
                "x".repeat(number % 90)
            )
        };
        let _ = match number % 5 {
            0 => write!(log, "{}{}\r\n", event("a"), event("b")),
            1 => write!(log, "[{},{}]\n\n", event("a"), event("b")),
            _ => writeln!(log, "{}", event("a")),
        };
    }
    log
}

fn budget() -> Arc<SpillBudget> {
    let pool: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
    Arc::new(SpillBudget::new(64 << 20, &pool))
}

fn assert_lines(path: &str, text: &[u8], condition: Condition, rows: usize) {
    let (inputs, errors) = Inputs::list(&[path.to_owned()], &InputOptions::default());
    assert!(errors.is_empty());
    let shared = SharedScan::new(Arc::new(inputs), Arc::new(ScanStats::default()), budget());
    let table = shared.table(ScanRequest { condition, prefilter: true, ..ScanRequest::default() }, false);
    shared.run(2, &|| false).unwrap();
    let seqs: Vec<u64> = table.places(&|_| true).unwrap().into_iter().map(|(_, seq)| seq).collect();
    assert_eq!(seqs.len(), rows, "{path}");
    let lines = shared.lines(&seqs, 2);
    for seq in seqs {
        let (_, offset) = parts_of_seq(seq);
        let before = &text[..usize::try_from(offset).unwrap()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(lines[&seq].number, Some(line), "{path} at {offset}");
    }
}

#[test]
fn the_lines_of_rows_are_told_however_the_file_is_read() {
    let files = Files::new();
    let of_type = |name: &str| Condition::equals("type", name);
    for (name, end) in [("lf.log", "\n"), ("crlf.log", "\r\n")] {
        let log = audit_log(end);
        assert_lines(&files.add(name, &log), log.as_bytes(), of_type("EXECVE"), 3000);
        let packed = files.add(&format!("{name}.gz"), gzip(log.as_bytes()));
        assert_lines(&packed, log.as_bytes(), of_type("EXECVE"), 3000);
    }
    let log = kube_log();
    let got = Condition::equals("verb", "get");
    assert_lines(&files.add("kube.jsonl", &log), log.as_bytes(), got.clone(), 2800);
    assert_lines(&files.add("kube.jsonl.zst", zstd(log.as_bytes())), log.as_bytes(), got, 2800);
}

#[test]
fn of_a_file_that_is_gone_no_line_is_told() {
    let files = Files::new();
    let path = files.add("a.log", audit_log("\n"));
    let (inputs, _) = Inputs::list(std::slice::from_ref(&path), &InputOptions::default());
    let shared = SharedScan::new(Arc::new(inputs), Arc::new(ScanStats::default()), budget());
    let table = shared.table(ScanRequest { prefilter: true, ..ScanRequest::default() }, false);
    shared.run(1, &|| false).unwrap();
    fs::remove_file(&path).unwrap();
    let places = table.places(&|id| id.ends_with(":7")).unwrap();
    assert_eq!(places.len(), 2);
    let lines = shared.lines(&[places[0].1], 2);
    assert_eq!((&lines[&places[0].1].source, lines[&places[0].1].number), (&path, None));
}

#[test]
fn a_format_without_atoms_lets_every_row_through_for_all_rules() {
    let files = Files::new();
    let path = files.add("a.pairs", "t=1 k=v\nt=2 k=w\n\nt=3\n");
    let inputs = super::inputs(&[&path]);
    let shared = SharedScan::new(inputs, Arc::new(ScanStats::default()), budget());
    let conditions = [Condition::equals("k", "V"), Condition::absent("k"), Condition::Anything, Condition::Nothing];
    let tables = conditions.map(|condition| {
        shared.table(
            ScanRequest { condition, prefilter: true, fields: vec!["k".into()], ..ScanRequest::default() },
            false,
        )
    });
    shared.run(2, &|| false).unwrap();
    let rows = tables.map(|table| table.rows());
    assert_eq!(rows, [1, 1, 3, 0]);
}
