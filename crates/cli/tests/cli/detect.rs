//! `dogwatch detect`, mostly over the logs recorded for this project: that what an attacker did is found, and that
//! ordinary work is left in peace.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tool::{detection, dogwatch, logs, root, run};

const SECRETS: &str =
    "verb=list objectRef.resource=secrets\n| stats min(_time) AS _time values(auditID) AS event_id BY user";

fn findings(directory: &Path, arguments: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["detect", "--format", "json"].into_iter().chain(arguments.iter().copied()).collect();
    serde_json::from_str(&run(directory, &all).expect(0, &[]).stdout).expect("an array of findings")
}

/// The recorded logs that have a list of what an attacker did beside them.
fn attacks() -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for folder in ["auditd", "kube_audit"] {
        for entry in fs::read_dir(root().join("corpus").join(folder)).expect("the corpus is there") {
            let truth = entry.expect("an entry").path();
            let Some(stem) = truth.to_str().and_then(|path| path.strip_suffix(".truth.tsv")) else { continue };
            let log = ["log", "jsonl"].map(|ending| PathBuf::from(format!("{stem}.{ending}")));
            found.extend(log.into_iter().find(|log| log.is_file()).map(|log| (log, truth.clone())));
        }
    }
    found.sort();
    found
}

/// The events that findings name, by event id and, for auditd, by serial number.
fn named(findings: &[Value]) -> BTreeSet<String> {
    let events = findings.iter().flat_map(|finding| finding["events"].as_array().expect("a list").iter());
    let ids = events.map(|event| event["event_id"].as_str().expect("an id").to_owned());
    ids.flat_map(|id| [id.rsplit(':').next().unwrap_or_default().to_owned(), id]).collect()
}

#[test]
fn what_attackers_did_in_the_recorded_logs_is_named_by_a_finding() {
    let (mut actions, mut missed) = (0, Vec::new());
    for (log, truth) in attacks() {
        let named = named(&findings(&root(), &[log.to_str().expect("a plain path")]));
        let text = fs::read_to_string(&truth).expect("a list");
        let mut by_action: Vec<((&str, &str), bool)> = Vec::new();
        for line in text.lines() {
            let parts: Vec<&str> = line.split('\t').collect();
            let found = parts[0].split(',').any(|id| named.contains(id));
            // An action of several requests is found when one of them is.
            match by_action.iter_mut().find(|(action, _)| *action == (parts[1], parts[2])) {
                Some((_, known)) => *known |= found,
                None => by_action.push(((parts[1], parts[2]), found)),
            }
        }
        actions += by_action.len();
        missed.extend(by_action.iter().filter(|(_, found)| !found).map(|(action, _)| format!("{truth:?}: {action:?}")));
    }
    assert!(actions > 80, "only {actions} actions were looked for");
    assert!(missed.is_empty(), "{} of {actions} are missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn ordinary_work_has_no_finding_that_somebody_has_to_look_at() {
    let mut seen = 0;
    for folder in ["auditd", "kube_audit"] {
        for entry in fs::read_dir(root().join("corpus").join(folder)).expect("the corpus is there") {
            let log = entry.expect("an entry").path();
            let name = log.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("b1_") && !name.ends_with(".tsv") {
                seen += 1;
                let found = findings(&root(), &["--min-risk", "50", log.to_str().expect("a plain path")]);
                assert!(found.is_empty(), "{name}: {found:#?}");
            }
        }
    }
    assert_eq!(seen, 2, "a log of ordinary work of each kind");
}

#[test]
fn a_finding_names_its_events_with_file_and_line() {
    let log = "corpus/kube_audit/a4_anonymous.jsonl";
    let found = findings(&root(), &["--detection", "Kubernetes Anonymous Request Allowed", log]);
    let text = fs::read_to_string(root().join(log)).expect("the log");
    let lines: Vec<&str> = text.lines().collect();
    assert!(!found.is_empty());
    for finding in &found {
        assert_eq!(finding["risk_score"], 80);
        for event in finding["events"].as_array().expect("a list") {
            assert_eq!(event["source"], log);
            let line = usize::try_from(event["line"].as_u64().expect("a line")).expect("a small number");
            assert!(lines[line - 1].contains(event["event_id"].as_str().expect("an id")), "{event}");
        }
    }
}

#[test]
fn findings_are_the_same_without_looking_at_the_bytes_first() {
    let all = findings(&root(), &["corpus/auditd", "corpus/kube_audit"]);
    assert_eq!(all, findings(&root(), &["--no-prefilter", "corpus/auditd", "corpus/kube_audit"]));
    assert_eq!(all, findings(&root(), &["--threads", "1", "corpus/auditd", "corpus/kube_audit"]));
}

#[test]
fn one_bad_detection_is_reported_and_the_others_run() {
    let content = detection("Secrets Listed", SECRETS);
    fs::write(
        content.path().join("broken.yml"),
        "name: Broken\nid: b\nsearch: |-\n  verb=list\n  | tabel user\ntype: TTP\nrba:\n  message: m\n  risk_objects: []\n  threat_objects: []\n",
    )
    .expect("a file");
    let ran = run(content.path(), &["detect", "--content", ".", "audit.log"])
        .expect(3, &["error[S004]", "broken.yml:5:5", "did you mean `table`", "1 finding of 1 detection"]);
    assert!(ran.stdout.contains("Secrets Listed") && ran.stdout.contains("60"), "{}", ran.stdout);
}

#[test]
fn a_file_that_is_no_detection_is_told_by_the_exit_code() {
    let content = detection("Secrets Listed", SECRETS);
    fs::write(content.path().join("broken.yml"), "name: [\n").expect("a file");
    run(content.path(), &["detect", "--content", ".", "audit.log"])
        .expect(3, &["error[C001]", "1 finding of 1 detection"]);
}

#[test]
fn a_search_with_parts_that_need_rows_first_is_found_like_others() {
    let after = "| stats min(_time) AS _time values(auditID) AS event_id BY user";
    let by_name =
        "| eval x=1, {verb}=user | stats min(_time) AS _time values(auditID) AS event_id BY list | rename list AS user";
    for (search, found) in [
        // A subsearch; one that finds nothing; one in another; two that have nothing to do with each other.
        (format!("verb=list [search verb=list objectRef.resource=secrets | dedup user | fields user] {after}"), 1),
        (format!("verb=list [search verb=delete | dedup user | fields user] {after}"), 0),
        (format!("verb=list [search [search verb=list | fields user] | dedup user | fields user] {after}"), 1),
        (format!("[search verb=list | fields user] [search verb=list | fields auditID] {after}"), 1),
        // One that reads no log.
        (format!(r#"verb=list [| makeresults | eval user="jane" | fields user] {after}"#), 1),
        // A barrier, alone and after a subsearch.
        (format!("verb=list {by_name}"), 1),
        (format!("[search verb=list | fields user] {by_name}"), 1),
    ] {
        let content = detection("Secrets Listed", &search);
        let ran = run(content.path(), &["detect", "--content", ".", "audit.log"])
            .expect(0, &[&format!("{found} finding"), "of 1 detection"]);
        assert_eq!(ran.stdout.contains("Secrets Listed"), found > 0, "{search}\n{}", ran.stdout);
        let placed = run(content.path(), &["detect", "--content", ".", "--verbose", "--format", "json", "audit.log"]);
        assert_eq!(placed.stdout.contains(r#""line":1"#), found > 0, "{search}\n{}", placed.stdout);
    }
}

#[test]
fn a_macro_with_a_subsearch_is_found_like_others() {
    let content = detection(
        "Secrets Listed",
        "verb=list `those_who_list`\n| stats min(_time) AS _time values(auditID) AS event_id BY user",
    );
    let macros = content.path().join("macros");
    fs::create_dir(&macros).expect("a folder");
    let definition = "[search verb=list objectRef.resource=secrets | dedup user | fields user]";
    fs::write(
        macros.join("those_who_list.yml"),
        format!("name: those_who_list\nid: 9f2a7b1c-7f0e-4a55-8a63-0d3a3f1f6a11\nversion: 1\ndefinition: '{definition}'\ndescription: Who lists secrets.\n"),
    )
    .expect("a file");
    let ran = run(content.path(), &["detect", "--content", ".", "audit.log"]).expect(0, &["1 finding of 1 detection"]);
    assert!(ran.stdout.contains("Secrets Listed"), "{}", ran.stdout);
}

#[test]
fn exit_codes_and_filters() {
    let content = detection("Secrets Listed", SECRETS);
    let detect = |more: &[&str]| {
        let all: Vec<&str> =
            ["detect", "--content", ".", "audit.log"].into_iter().chain(more.iter().copied()).collect();
        run(content.path(), &all)
    };
    detect(&[]).expect(0, &["1 finding of 1 detection"]);
    detect(&["--exit-code"]).expect(1, &[]);
    detect(&["--exit-code", "--min-risk", "61"]).expect(0, &["0 findings"]);
    detect(&["--latest", "2000-01-01"]).expect(0, &["0 findings"]);
    detect(&["--detection", "Secret Listed"]).expect(2, &["there is no detection", "did you mean \"Secrets Listed\""]);
    detect(&["--tag", "T9999"]).expect(2, &["no detection has the tag"]);
    run(content.path(), &["detect", "--content", "nowhere", "audit.log"]).expect(2, &["no content at nowhere"]);
    run(content.path(), &["detect", "--content", ".", "no.log"]).expect(3, &["no such file"]);
    run(content.path(), &["detect", "--content", ".", "--by", "entity", "--format", "sarif", "audit.log"])
        .expect(2, &["sarif"]);
}

#[test]
fn every_format_prints_findings_and_garbage_is_survived() {
    let directory = logs();
    let log = root().join("corpus/kube_audit/t3_service_account_token.jsonl");
    let garbage = b"{\"kind\":\"Event\",\"auditID\":\"\x00\xff\n\n}{]".repeat(50);
    let mut part = fs::read(&log).expect("the recording");
    let broken = part.iter().position(|byte| *byte == b'\n').map(|end| [&part[..end - 1], b"\n"].concat().repeat(7));
    part.extend(broken.expect("a line"));
    part.extend_from_slice(&garbage);
    fs::write(directory.path().join("part.jsonl"), part).expect("a file");
    fs::write(directory.path().join("garbage.jsonl"), garbage).expect("a file");
    let log = log.to_str().expect("a plain path");
    for format in ["table", "json", "jsonl", "csv", "ocsf", "sarif"] {
        let ran = run(directory.path(), &["detect", "--format", format, "part.jsonl"])
            .expect(0, &["7 malformed lines", "part.jsonl: 7 × broken JSON"]);
        assert!(ran.stdout.contains("Kubernetes Secret Probing"), "{format}: {}", ran.stdout);
    }
    let ran = run(directory.path(), &["detect", log, "garbage.jsonl"]).expect(3, &["garbage.jsonl: not a log"]);
    assert!(ran.stdout.contains("Kubernetes Secret Probing"), "{}", ran.stdout);
    let by = run(directory.path(), &["detect", "--by", "entity", log]).expect(0, &[]);
    assert!(by.stdout.contains("system:serviceaccount:web:frontend"), "{}", by.stdout);
}

#[test]
fn secrets_are_masked_unless_asked_for() {
    let log = "corpus/synthetic/auditd/linux_auditd_bearer_token_on_command_line.log";
    let name = "Linux Auditd Bearer Token On Command Line";
    let print = |more: &[&str]| {
        let mut all = vec!["detect", "--verbose", "--detection", name, log];
        all.extend(more);
        run(&root(), &all).expect(0, &[]).stdout
    };
    let (masked, shown) = (print(&[]), print(&["--show-secrets"]));
    let tokens: BTreeSet<&str> = shown.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).collect();
    let long = tokens.iter().filter(|word| word.starts_with("eyJ") && word.len() > 40).collect::<Vec<_>>();
    assert!(masked.contains("masked") && !long.is_empty(), "{shown}");
    for format in ["table", "json", "jsonl", "csv", "ocsf", "sarif"] {
        let masked = print(&["--format", format]);
        assert!(long.iter().all(|token| !masked.contains(**token)), "{format}: {masked}");
    }
}

#[test]
fn the_allow_list_silences_until_its_day_and_says_so_afterwards() {
    let directory = logs();
    let log = root().join("corpus/kube_audit/a4_anonymous.jsonl");
    let detect = |rows: &str, more: &[&str]| {
        let header = "detection,user,dest,user_agent,namespace,command,src,reason,owner,expires";
        fs::write(directory.path().join("container_api_allowlist.csv"), format!("{header}\n{rows}\n")).expect("a file");
        let mut command = dogwatch(directory.path());
        command.args(["detect", "--lookups", ".", "--detection", "Kubernetes Anonymous Request Allowed"]);
        let output = command.args(more).arg(&log).output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (text(output.stdout), text(output.stderr))
    };
    let row =
        |src: &str, expires: &str| format!("Kubernetes Anonymous*,system:anonymous,*,*,*,*,{src},a test,us,{expires}");
    let (loud, _) = detect(&row("198.51.100.0/24", "never"), &[]);
    assert!(loud.contains("80"), "another network: {loud}");
    let (silent, told) = detect(&row("203.0.113.0/24", "never"), &[]);
    assert!(silent.is_empty() && told.contains("2 silenced by the allow-list"), "{silent}{told}");
    let (shown, _) = detect(&row("203.0.113.0/24", "never"), &["--show-suppressed"]);
    assert!(shown.contains("a test"), "{shown}");
    let (loud, told) = detect(&row("*", "2020-01-01"), &[]);
    assert!(loud.contains("80") && told.contains("expired on 2020-01-01"), "{loud}{told}");
}

/// The hour in which a line of a log happened, where it says so.
fn hour(line: &str) -> Option<String> {
    if let Some((_, behind)) = line.split_once("audit(") {
        let seconds: u64 = behind.split('.').next()?.parse().ok()?;
        return Some((seconds / 3600).to_string());
    }
    let (_, behind) = line.split_once("\"requestReceivedTimestamp\":\"")?;
    behind.get(.."2026-11-23T16".len()).map(str::to_owned)
}

/// A log cut where hours end, as files in a directory; nothing if all of it happened in one hour.
fn parts_by_hour(log: &Path, directory: &Path) -> Vec<PathBuf> {
    let mut parts: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    let mut last = String::new();
    for line in String::from_utf8_lossy(&fs::read(log).expect("a log")).lines() {
        last = hour(line).unwrap_or(last);
        parts.entry(last.clone()).or_default().extend([line, "\n"]);
    }
    if parts.len() < 2 {
        return vec![];
    }
    let ending = log.extension().and_then(|ending| ending.to_str()).expect("a log has an ending");
    let write = |(hour, text): (String, String)| {
        let path = directory.join(format!("{hour}.{ending}"));
        fs::write(&path, text).expect("a part");
        path
    };
    parts.into_iter().map(write).collect()
}

#[test]
fn a_log_whole_and_in_parts_by_whole_hours_gives_the_same_keys() {
    let keys = |log: &Path| -> BTreeSet<(String, String)> {
        let found = findings(&root(), &["--hunting", log.to_str().expect("a plain path")]);
        let text = |finding: &Value, name: &str| finding[name].as_str().expect("a text").to_owned();
        let all: Vec<_> = found.iter().map(|finding| (text(finding, "key"), text(finding, "revision"))).collect();
        let distinct: BTreeSet<_> = all.iter().cloned().collect();
        assert_eq!(distinct.len(), all.len(), "{}: a key stands for one finding", log.display());
        distinct
    };
    let (mut logs, mut compared, mut grown) = (0, 0, 0);
    for folder in ["auditd", "kube_audit", "synthetic/auditd", "synthetic/kube_audit"] {
        for entry in fs::read_dir(root().join("corpus").join(folder)).expect("the corpus is there") {
            let log = entry.expect("an entry").path();
            if !["log", "jsonl"].iter().any(|ending| log.extension().is_some_and(|known| known == *ending)) {
                continue;
            }
            let directory = tempfile::tempdir().expect("a temporary directory");
            let parts = parts_by_hour(&log, directory.path());
            if parts.is_empty() {
                continue;
            }
            logs += 1;
            let whole = keys(&log);
            let in_parts: Vec<(String, String)> = parts.iter().flat_map(|part| keys(part)).collect();
            let only = |found: &mut dyn Iterator<Item = &(String, String)>| -> BTreeSet<String> {
                found.map(|(key, _)| key.clone()).collect()
            };
            let (expected, got) = (only(&mut whole.iter()), only(&mut in_parts.iter()));
            assert_eq!(got, expected, "{}", log.display());
            compared += expected.len();
            // A finding of a whole day is in several parts, with the events of each.
            grown += in_parts.iter().filter(|named| !whole.contains(named)).count();
        }
    }
    assert!(logs > 5 && compared > 50 && grown > 0, "{logs} logs with {compared} findings, {grown} in parts");
}

#[test]
fn a_table_shows_the_newest_findings_and_counts_the_others_while_jsonl_has_all() {
    let directory = detection("Every Read", "verb=get\n| table _time user event_id");
    let event = |number: usize| {
        format!(
            "{{\"_time\":{},\"verb\":\"get\",\"user\":\"user-{number:04}\",\"event_id\":\"e-{number}\"}}\n",
            1_795_449_778 + number
        )
    };
    fs::write(directory.path().join("many.jsonl"), (0..1500).map(event).collect::<String>()).expect("a file");
    let detect = |format: &str| {
        let all = ["detect", "--content", "every_read.yml", "--format", format, "many.jsonl"];
        run(directory.path(), &all).expect(0, &["1,500 findings of 1 detection"])
    };
    let table = detect("table");
    assert!(table.stderr.contains("500 findings not shown"), "{}", table.stderr);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert_eq!(lines.len(), 2 + 1000 + 1, "heading, findings, and a line for the others");
    assert!(lines[2].contains("user-1499") && lines[1001].contains("user-0500"), "{}\n{}", lines[2], lines[1001]);
    assert_eq!(lines[1002], "… and 500 more of Every Read");
    let all = detect("jsonl");
    assert!(!all.stderr.contains("not shown"), "{}", all.stderr);
    let users: Vec<String> = all
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an object")["who"].as_str().expect("a text").to_owned())
        .collect();
    assert_eq!(users, (0..1500).rev().map(|number| format!("user-{number:04}")).collect::<Vec<_>>());
}
