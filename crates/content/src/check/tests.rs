//! The rules, each broken once in a project that is sound otherwise.

use std::fs;
use std::path::Path;

use dogwatch_syntax::{Code, Severity};
use jiff::civil::date;

use super::check;
use crate::content::Content;
use crate::problem::Problem;

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/project");
const DETECTION: &str = "detections/endpoint/auditd_shell_reads_a_token.yml";
const HUNTING: &str = "detections/cloud/kube_secrets_seen.yml";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for the test");
    for entry in fs::read_dir(from).expect("the fixture can be listed") {
        let path = entry.expect("the fixture can be listed").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).expect("it can be copied");
        }
    }
}

/// What is complained about when one text of one file is replaced.
fn broken(file: &str, from: &str, to: &str) -> Vec<Problem> {
    let folder = tempfile::tempdir().expect("a folder for the test");
    copy(Path::new(PROJECT), folder.path());
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("the fixture has the file");
    assert!(text.contains(from), "{file} has `{from}`");
    fs::write(&path, text.replacen(from, to, 1)).expect("it can be written");
    check(&Content::open(folder.path()).expect("the copy is there"), date(2026, 11, 25))
}

/// Asserts that one replacement gives one complaint with this code, at this text, with this in its message or help.
#[track_caller]
fn told(file: &str, from: &str, to: &str, code: Code, at: &str, says: &str) {
    let found = broken(file, from, to);
    let shown: Vec<String> = found
        .iter()
        .map(|p| format!("{} {:?} {:?}", p.diagnostic.message, &p.text[p.diagnostic.span.range()], p.diagnostic.help))
        .collect();
    assert_eq!(found.len(), 1, "{from} -> {to}: {shown:#?}");
    let diagnostic = &found[0].diagnostic;
    assert_eq!(diagnostic.code, code, "{shown:?}");
    assert_eq!(&found[0].text[diagnostic.span.range()], at, "{shown:?}");
    let help = diagnostic.help.clone().unwrap_or_default();
    assert!(diagnostic.message.contains(says) || help.contains(says), "{shown:?}");
    assert!(!help.is_empty() || code == Code::BadRow, "{shown:?} says what to do");
}

#[test]
fn the_project_is_sound() {
    let found = check(&Content::open(PROJECT).expect("the fixture is there"), date(2026, 11, 25));
    let shown: Vec<String> = found.iter().map(|p| format!("{}: {:?}", p.path.display(), p.diagnostic)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn a_key_too_many_is_told() {
    told(DETECTION, "references:", "reference: a\nreferences:", Code::BadKey, "reference", "did you mean `references`");
    told(DETECTION, "  security_domain", "  colour: red\n  security_domain", Code::BadKey, "colour", "remove it");
}

#[test]
fn keys_that_are_missing_and_keys_that_are_unknown_are_both_told() {
    // A misspelled key is an unknown one and a missing one.
    let found = broken(DETECTION, "how_to_implement:", "how_to_implemnt:");
    let codes: Vec<_> = found.iter().map(|p| (p.code(), p.diagnostic.message.clone())).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(codes.iter().all(|(code, _)| *code == Code::BadKey));
}

#[test]
fn values_are_held_against_the_schema() {
    let value = |from: &str, to: &str, at: &str, says: &str| told(DETECTION, from, to, Code::BadValue, at, says);
    value("type: TTP", "type: TPT", "TPT", "did you mean `TTP`");
    value("status: production\ntype", "status: productive\ntype", "productive", "did you mean `production`");
    value("date: '2026-11-20'", "date: '2026-31-20'", "'2026-31-20'", "year-month-day");
    value("date: '2026-11-20'", "date: '2026-11-26'", "'2026-11-26'", "still to come");
    value("1f7f2b9f6f01", "1f7f2b9f6f0", "1c9f5f0e-6d0b-4f0a-9c55-1f7f2b9f6f0", "uuidgen");
    value("score: 60", "score: 101", "101", "from 1 to 100");
    value("- T1552.007", "- T1552.7", "T1552.7", "T1552.007");
    value("- T1552.007", "- T1552.007\n  - T1552", "T1552", "keep T1552.007");
    value("asset_type: Endpoint", "asset_type: Endpiont", "Endpiont", "did you mean `Endpoint`");
    value("type: process_name", "type: program", "program", "certificate_common_name");
    value("- https://attack", "- attack", "attack.mitre.org/techniques/T1552/007/", "https://");
    value("version: 3", "version: -3", "-3", "whole number");
    told(DETECTION, "version: 3", "version: [3]", Code::BadKey, "[3]", "wrong kind");
    told(DETECTION, "author: Dogwatch contributors", "author: 7", Code::BadKey, "7", "text");
    told(
        DETECTION,
        "  - Splunk Enterprise\n  - Splunk Enterprise Security\n  - Splunk Cloud\n",
        "    []\n",
        Code::BadKey,
        "product",
        "empty",
    );
}

#[test]
fn risk_fits_the_type() {
    told(
        HUNTING,
        "tags:",
        "rba:\n  message: m\n  risk_objects:\n  - {field: user, type: user, score: 5}\n  threat_objects: []\ntags:",
        Code::BadKey,
        "rba",
        "has no risk",
    );
    told(
        HUNTING,
        "type: Hunting",
        "type: Anomaly\ndrilldown_searches:\n- {name: aaaaa, search: '%original_detection_search%', earliest_offset: a, latest_offset: b}\n- {name: aaaaa, search: a, earliest_offset: a, latest_offset: b}",
        Code::BadKey,
        "type",
        "`rba` is missing",
    );
    told(
        DETECTION,
        "on $dest$ with",
        "on $where$ with",
        Code::BadToken,
        "$user$ read a service account token on $where$ with a shell",
        "`where`",
    );
    told(DETECTION, "field: exe", "field: program", Code::BadToken, "program", "no field that the search names");
}

#[test]
fn searches_call_their_filter_and_only_what_exists() {
    told(DETECTION, "  | `auditd_shell_reads_a_token_filter`\n", "", Code::BadValue, "search", "filter macro");
    told(DETECTION, "  `auditd` type", "  `auditdd` type", Code::Unresolved, "`auditdd`", "did you mean `auditd`");
    told(
        DETECTION,
        "`counted(\"by user\")`",
        "`counted(by, user)`",
        Code::Unresolved,
        "`counted(by, user)`",
        "1 argument",
    );
    told(
        DETECTION,
        "lookup known_readers",
        "lookup known_reader",
        Code::Unresolved,
        "known_reader",
        "did you mean `known_readers`",
    );
    told(DETECTION, "search: '`auditd` type", "search: '`audit` type", Code::Unresolved, "`audit`", "did you mean");
    told("macros/counted.yml", "`nothing_left_out`", "`nothing`", Code::Unresolved, "`nothing`", "no macro");
}

#[test]
fn drilldowns_and_tests_are_there() {
    told(
        DETECTION,
        "'%original_detection_search% | search",
        "'search",
        Code::BadValue,
        "drilldown_searches",
        "%original",
    );
    told(DETECTION, "- name: True Negative Test", "- name: Second Test", Code::BadKey, "tests", "must not find");
    told(DETECTION, "data: logs/token.log", "data: logs/gone.log", Code::Unresolved, "logs/gone.log", "contentctl.yml");
    let found = broken(DETECTION, "- name: True Negative Test", "- name: Second Test");
    assert_eq!(found[0].diagnostic.severity, Severity::Note);
}

#[test]
fn names_resolve_and_are_unique() {
    told(
        DETECTION,
        "- Linux Auditd Path",
        "- Linux Audit Path",
        Code::Unresolved,
        "Linux Audit Path",
        "did you mean `Linux Auditd Path`",
    );
    told(DETECTION, "- Tokens", "- Token", Code::Unresolved, "Token", "did you mean `Tokens`");
    told(
        HUNTING,
        "1f7f2b9f6f02",
        "1f7f2b9f6f04",
        Code::Duplicate,
        "1c9f5f0e-6d0b-4f0a-9c55-1f7f2b9f6f04",
        "fresh UUID",
    );
    told("macros/spare.yml", "name: spare", "name: Spare-1", Code::BadFileName, "Spare-1", "spare_1.yml");
}

#[test]
fn tables_fit_their_lookups() {
    told(
        "lookups/known_readers.yml",
        "- CIDR(src)",
        "- CIDR(source)",
        Code::Unresolved,
        "CIDR(source)",
        "its columns are exe, src, reason",
    );
    told(
        "lookups/known_readers.csv",
        "it made them",
        "it, made them",
        Code::BadRow,
        "/usr/bin/kubelet,*,it, made them",
        "4 cells",
    );
}

#[test]
fn the_allow_list_is_checked_with_its_lookup() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    copy(Path::new(PROJECT), folder.path());
    let table = "detection,user,dest,user_agent,namespace,command,src,reason,owner,expires\nX,ci,*,*,*,*,*,r,Ana,2026-01-01\nX,,*,*,*,*,*,r,Ana,never\n";
    fs::write(folder.path().join("lookups/container_api_allowlist.csv"), table).expect("it can be written");
    let found = check(&Content::open(folder.path()).expect("the copy is there"), date(2026, 11, 25));
    let told: Vec<_> = found.iter().map(|p| (p.code(), p.line(), p.is_error())).collect();
    assert_eq!(told, [(Code::ExpiredRow, 2, false), (Code::BadRow, 3, true)]);
}

#[test]
fn a_table_that_nothing_defines_is_told_where_it_is_used() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    copy(Path::new(PROJECT), folder.path());
    fs::remove_file(folder.path().join("lookups/known_readers.yml")).expect("it can be removed");
    let found = check(&Content::open(folder.path()).expect("the copy is there"), date(2026, 11, 25));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].diagnostic.message.contains("no file defines it"));
}

#[test]
fn a_file_with_many_faults_is_told_about_in_time() {
    let many = |line: &str| (0..20_000).map(|at| line.replace('#', &at.to_string())).collect::<String>();
    let file = format!(
        "name: Many\nsearch: |-\n{}data_source:\n{}rba:\n  message: {}\n  risk_objects:\n{}tags:\n  mitre_attack_id:\n{}\
         drilldown_searches:\n{}",
        many("  | lookup l# `m#`\n"),
        many("- d#\n"),
        many("$f#$"),
        many("  - field: f#\n"),
        many("  - T#\n"),
        many("- search: '`m#`'\n"),
    );
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("many.yml"), file).expect("it can be written");
    let started = std::time::Instant::now();
    let found = check(&Content::open(folder.path()).expect("the file is there"), date(2026, 11, 25));
    assert!(found.len() >= 50, "{}", found.len());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn the_content_of_the_repository_is_sound() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../content");
    let content = Content::open(folder).expect("the repository has it");
    for detection in &content.detections {
        assert!(detection.search.is_placed(), "{}", detection.path.display());
    }
    let faults: Vec<String> = content
        .check()
        .iter()
        .filter(|problem| problem.is_error())
        .map(|problem| format!("{}:{}: {}", problem.path.display(), problem.line(), problem.diagnostic.message))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
