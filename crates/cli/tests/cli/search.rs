//! `dogwatch search`.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::tool::{dogwatch, logs, rows, run, run_with_input};

const MAKE: &str = "| makeresults count=3 | eval n=5, half=0.5, m=split(\"a b\", \" \"), yes=if(true(), \"y\", \"n\") | table n half m yes";

#[test]
fn rows_go_to_standard_output_and_the_closing_line_to_standard_error() {
    let logs = logs();
    let ran =
        run(logs.path(), &["search", "a=2 | table b, a", "events.json"]).expect(0, &["1 row; read ", "event", " s; "]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((lines[0], lines[2]), ("b  a", "y  2"), "{}", ran.stdout);
}

#[test]
fn json_has_numbers_arrays_and_times() {
    let logs = logs();
    let search = "verb=list | eval n=5 | table _time user.groups{} n missing";
    let ran = run(logs.path(), &["search", search, "--format", "json", "audit.log"]).expect(0, &[]);
    assert_eq!(rows(&ran), [json!({"_time": "2026-11-23T16:02:58.850211Z", "user.groups{}": ["dev", "ops"], "n": 5})]);
}

#[test]
fn every_format_prints_the_same_rows() {
    let logs = logs();
    let print = |format: &str| run(logs.path(), &["search", MAKE, "--format", format]).expect(0, &["3 rows"]).stdout;
    assert_eq!(print("jsonl"), "{\"n\":5,\"half\":0.5,\"m\":[\"a\",\"b\"],\"yes\":\"y\"}\n".repeat(3));
    assert_eq!(print("csv"), format!("n,half,m,yes\n{}", "5,0.5,\"a\nb\",y\n".repeat(3)));
    assert!(print("table").starts_with("n  half  m  yes\n"));
}

#[test]
fn raw_prints_the_events_as_they_are() {
    let logs = logs();
    let ran = run(logs.path(), &["search", "a=*", "--format", "raw", "events.json"]).expect(0, &["2 rows"]);
    let mut lines: Vec<&str> = ran.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["{\"a\":1,\"b\":\"x\"}", "{\"a\":2,\"b\":\"y\"}"]);
    let ran = run(logs.path(), &["search", "a=* | stats count", "--format", "raw", "events.json"]);
    ran.expect(2, &["no field `_raw`", "help:"]);
}

#[test]
fn quiet_leaves_standard_error_to_errors() {
    let logs = logs();
    let ran = run(logs.path(), &["search", "-q", "a=2 | table a", "events.json"]).expect(0, &[]);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_search_can_stand_in_a_file() {
    let logs = logs();
    fs::write(logs.path().join("find.spl"), "a=2\n| table b\n").unwrap();
    let ran = run(logs.path(), &["search", "-f", "find.spl", "--format", "jsonl", "events.json"]).expect(0, &[]);
    assert_eq!(ran.stdout, "{\"b\":\"y\"}\n");
    run(logs.path(), &["search", "find.spl", "events.json"]).expect(2, &["find.spl", "-f find.spl"]);
    run(logs.path(), &["search", "-f", "missing.spl", "events.json"]).expect(2, &["missing.spl"]);
}

#[test]
fn without_paths_the_pipe_is_searched() {
    let logs = logs();
    for arguments in [vec!["search", "a=2", "--format", "raw"], vec!["search", "a=2", "--format", "raw", "-"]] {
        let ran = run_with_input(logs.path(), &arguments, crate::tool::JSON_LINES).expect(0, &[]);
        assert_eq!(ran.stdout, "{\"a\":2,\"b\":\"y\"}\n");
    }
}

#[test]
fn all_mistakes_of_a_search_are_shown_in_their_places() {
    let logs = logs();
    fs::write(logs.path().join("bad.spl"), "a=1\n| tabel a\n| eval x=uper(b)\n").unwrap();
    let parts = ["error[S004]", "bad.spl:2:3", "`table`", "error[S005]", "bad.spl:3:10", "`upper`"];
    let ran = run(logs.path(), &["search", "-f", "bad.spl", "--format", "json", "events.json"]).expect(2, &parts);
    assert_eq!(ran.stdout, "");
    assert!(!ran.stderr.contains('\u{1b}'), "no colour where there is no terminal");
    let ran = run(logs.path(), &["search", "--color", "always", "-f", "bad.spl", "events.json"]).expect(2, &[]);
    assert!(ran.stderr.contains("\u{1b}["), "colour where it was asked for");
}

#[test]
fn what_is_missing_on_the_command_line_is_told() {
    let logs = logs();
    run(logs.path(), &[]).expect(2, &["dogwatch search", "Exit codes:"]);
    run(logs.path(), &["search"]).expect(2, &["there is no search", "-f"]);
    run(logs.path(), &["search", "  ", "events.json"]).expect(2, &["the search is empty"]);
    run(logs.path(), &["search", "a=1", "--format", "xml", "events.json"]).expect(2, &["xml", "jsonl"]);
    run(logs.path(), &["serach"]).expect(2, &["serach", "search"]);
}

#[test]
fn help_has_examples() {
    for arguments in [vec!["--help"], vec!["search", "--help"], vec!["search", "-h"], vec!["explain", "--help"]] {
        let ran = run(Path::new("."), &arguments).expect(0, &[]);
        assert!(ran.stdout.contains("Examples:\n  dogwatch "), "{}", ran.stdout);
    }
}

#[test]
fn an_unreadable_log_is_named_and_the_others_are_searched() {
    let logs = logs();
    let arguments = ["search", "a=2", "--format", "raw", "missing.log", "events.json"];
    let ran = run(logs.path(), &arguments).expect(3, &["error: missing.log: ", "no such file"]);
    assert_eq!(ran.stdout, "{\"a\":2,\"b\":\"y\"}\n");
}

#[test]
fn malformed_lines_are_counted_and_shown_on_request() {
    let logs = logs();
    fs::write(logs.path().join("broken.json"), "{\"a\":1}\n{\"a\":\u{1b}[31m\n{\"a\":2}\n").unwrap();
    let ran = run(logs.path(), &["search", "a=*", "broken.json"])
        .expect(0, &["broken.json: 1 ×", "1 malformed line", "--show-malformed"]);
    assert!(!ran.stderr.contains("[31m"), "{}", ran.stderr);
    for shown in ["--show-malformed", "--show-malformed=1"] {
        let ran = run(logs.path(), &["search", "a=*", "broken.json", shown]).expect(0, &["{\"a\":\\x1b[31m"]);
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    }
}

#[test]
fn a_result_file_is_whole_or_not_there() {
    let logs = logs();
    let output = logs.path().join("result.json");
    let arguments = ["search", MAKE, "--format", "json", "--output", "result.json"];
    let ran = run(logs.path(), &arguments).expect(0, &["3 rows"]);
    assert_eq!(ran.stdout, "");
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&fs::read_to_string(&output).unwrap()).unwrap().len(), 3);

    let before = fs::read_to_string(&output).unwrap();
    let arguments = ["search", "| makeresults | table n", "--format", "raw", "-o", "result.json"];
    run(logs.path(), &arguments).expect(2, &["_raw"]);
    assert_eq!(fs::read_to_string(&output).unwrap(), before);
    assert_eq!(fs::read_dir(logs.path()).unwrap().count(), 3);

    run(logs.path(), &["search", MAKE, "-o", "no/such/place"]).expect(3, &["cannot write no/such/place"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let logs = logs();
    let mut command = dogwatch(logs.path());
    command.args(["search", "| makeresults count=200000 | eval x=\"0123456789\"", "--format", "jsonl"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stderr).as_ref()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_and_leaves_no_half_file() {
    use std::process::Command;
    use std::time::Duration;

    let logs = logs();
    let mut command = dogwatch(logs.path());
    // Standard input stays open and empty, so the run waits for it.
    command.args(["search", "a=1", "-o", "result.json", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(fs::read_dir(logs.path()).unwrap().count(), 2);
}

#[test]
fn limit_and_time_bounds_cut_the_result() {
    let logs = logs();
    let count = |extra: &[&str]| {
        let mut arguments = vec!["search", "verb=list", "--format", "jsonl", "audit.log"];
        arguments.extend(extra);
        run(logs.path(), &arguments).expect(0, &[]).stdout.lines().count()
    };
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&["--limit", "0"]), 0);
    assert_eq!(count(&["--earliest", "2026-11-23T16:02:58Z", "--latest", "2026-11-23T16:02:59Z"]), 1);
    assert_eq!(count(&["--latest", "2026-11-23T16:02:58Z"]), 0);
    assert_eq!(count(&["--earliest", "-1s@s", "--latest", "+1s"]), 0);
    run(logs.path(), &["search", "verb=list", "--earliest", "yesterdayish", "audit.log"]).expect(2, &["yesterdayish"]);
}
