//! Whole searches: the one that the project started from, the conformance texts, hostile ones.

use std::io::Write;
use std::path::Path;

use super::{complaints, parse, printed, tree};
use crate::{Code, SearchKind, Severity};

fn shared(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path)
}

/// Says that a test has nothing to read, past the harness, which keeps what a passing test prints to itself.
fn skipped(path: &Path) {
    let _ = writeln!(std::io::stderr(), "skipped: {path:?} is not there");
}

/// The shape of the search that the project started from.
const SEED: &str = r#"index=linux_audit OR index=kubernetes (sourcetype="linux_audit" OR sourcetype="kube:audit")
(
sourcetype="linux_audit" type=EXECVE (a0="kubectl" OR a0="docker")
| eval IsDockerSock=if(match(CommandLine, "/var/run/docker\.sock"), 1, 0)
| where IsDockerSock > 0
| table _time, host, auid
)
OR
(
sourcetype="kube:audit"
(verb IN ("get", "list") AND resource IN ("secrets"))
NOT 'user.username' IN ("system:node:*")
| eval Accessor='user.username'
| table _time, Accessor, 'sourceIPs{}' , AlertType
)
| sort - _time"#;

#[test]
fn the_seed_is_two_branches_under_common_terms() {
    let parsed = parse(SEED);
    let notes: Vec<_> = parsed.diagnostics.iter().map(|d| (d.code, d.severity)).collect();
    assert_eq!(notes, [(Code::Branch, Severity::Note); 2], "{:?}", complaints(&parsed));
    let commands = &parsed.pipeline.commands;
    assert_eq!(commands.len(), 2);
    let Some(crate::ArgumentValue::Search(expr)) = commands[0].argument("expression") else {
        panic!("no search");
    };
    let SearchKind::And(terms) = &expr.kind else {
        panic!("no AND: {expr:?}");
    };
    let kinds: Vec<_> = terms
        .iter()
        .map(|t| match &t.kind {
            SearchKind::Or(ways) => ways.iter().filter(|w| matches!(w.kind, SearchKind::Branch(_))).count(),
            _ => panic!("{t:?}"),
        })
        .collect();
    assert_eq!(kinds, [0, 0, 2]);
    printed(SEED);
}

#[test]
fn the_seed_file_parses_with_notes_only() {
    let path = shared("seed/container-api.spl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return skipped(&path);
    };
    let parsed = parse(&text);
    assert!(parsed.diagnostics.iter().all(|d| d.severity == Severity::Note), "{:?}", complaints(&parsed));
    assert_eq!(parsed.diagnostics.len(), 2);
    printed(&text);
}

#[test]
fn conformance_texts_parse_and_survive_printing() {
    let path = shared("conformance/visible");
    let Ok(files) = std::fs::read_dir(&path) else {
        return skipped(&path);
    };
    // These are wrong in what functions and patterns mean, which is not the parser's to know.
    let beyond_syntax = ["error-if-", "error-rex-", "error-missing-lookup", "error-sum-", "error-avg-"];
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let cases: serde_norway::Value = serde_norway::from_str(&text).unwrap();
        for case in cases.as_sequence().unwrap() {
            let name = case["name"].as_str().unwrap();
            let spl = case["spl"].as_str().unwrap();
            count += 1;
            if case.get("error").is_none() || beyond_syntax.iter().any(|b| name.starts_with(b)) {
                printed(spl);
                continue;
            }
            let parsed = parse(spl);
            assert!(parsed.has_errors(), "{name}");
            let said = complaints(&parsed).join("\n").to_lowercase();
            let hinted =
                case["hint"].as_sequence().unwrap().iter().any(|h| said.contains(&h.as_str().unwrap().to_lowercase()));
            assert!(hinted, "{name}: {said}");
            assert_eq!(parsed.diagnostics.len(), 1, "{name}: {said}");
        }
    }
    assert!(count > 0);
}

#[test]
fn hostile_texts_neither_panic_nor_overflow() {
    let deep = 100_000;
    for text in [
        "(".repeat(deep),
        "[".repeat(deep),
        "[search ".repeat(deep),
        "NOT ".repeat(deep),
        "(a | ".repeat(deep),
        format!("* | where {}", "(".repeat(deep)),
        format!("* | where {}1", "-".repeat(deep)),
        format!("* | where {}1", "NOT ".repeat(deep)),
        format!("* | where {}", "f(".repeat(deep)),
        format!("* | where 1{}", "+1".repeat(deep)),
        format!("* | where a{}", " IN (1)".repeat(deep)),
        format!("* | where {}", "a IN (".repeat(deep)),
        format!("* | where {}", "[search ".repeat(deep)),
        format!("* | append {}", "[search * | append ".repeat(deep)),
        format!("* | stats {}", "sum(".repeat(deep)),
        format!("* | where {}", "((((((1 + [search a | where ".repeat(deep / 10)),
        "NOT ((((( [search a | append [search (a | where f(".repeat(deep / 10),
        "CASE(TERM(".repeat(deep),
        "CASE(TERM(CASE(a".to_owned(),
        "| ".repeat(deep),
        "\"".repeat(deep + 1),
        "\\".repeat(deep + 1),
        "a OR ".repeat(deep),
        "a=".repeat(deep),
        "`".repeat(deep + 1),
        "'".repeat(deep + 1),
        ",".repeat(deep),
        "\u{0}\u{fffd}ä=ö 'ß".to_owned(),
        "x".repeat(2 << 20),
    ] {
        let parsed = parse(&text);
        crate::print(&parsed.pipeline);
        crate::splunk_form(&parsed.pipeline);
        assert!(parsed.diagnostics.len() <= 200);
        crate::parse_expr(&text);
        crate::parse_search_expr(&text);
    }
}

#[test]
fn reading_takes_time_in_proportion_to_length() {
    let fill = |piece: &str| piece.repeat((1 << 17) / piece.len());
    for text in [
        fill("| search (a "),
        fill("(a) "),
        fill("| stats limit=\"(\"a "),
        fill("'a "),
        fill("'a\\' "),
        fill("| eval a=("),
        fill("a=\"b\" "),
        fill("| foreach a [b "),
        fill("| table a b=1 "),
        fill("| sort a d "),
        fill("` "),
        fill("[a "),
        fill("a IN (b) "),
    ] {
        let start = std::time::Instant::now();
        parse(&text);
        let took = start.elapsed();
        assert!(took.as_secs() < 5, "{}… took {took:?}", &text[..12]);
    }
}

#[test]
fn nesting_has_a_limit_and_says_so() {
    let fine = format!("* | where {}a=1{}", "(".repeat(90), ")".repeat(90));
    tree(&fine);
    for text in [
        format!("* | where {}a=1{}", "(".repeat(300), ")".repeat(300)),
        format!("{}a{}", "(".repeat(300), ")".repeat(300)),
        format!("* | where a=1{}", " OR a=1".repeat(600)),
        format!("{}search a{}", "[search ".repeat(40), "]".repeat(40)),
    ] {
        let parsed = parse(&text);
        assert_eq!(parsed.diagnostics[0].code, Code::TooLarge, "{:?}", complaints(&parsed));
    }
    tree(&format!("* | where a=1{}", " OR a=1".repeat(400)));
    tree(&format!("a=1{}", " OR a=1".repeat(5000)));
}
