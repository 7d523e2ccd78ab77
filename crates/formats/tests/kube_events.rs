//! Kubernetes audit events: every shape in which they come, the samples, and that neither splitting nor filtering
//! loses one.

#![allow(clippy::unwrap_used)]

mod json_recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use dogwatch_formats::{Chunk, Framing, Prefilter, Reason};
use dogwatch_predicate::{Condition, Pattern};
use json_recorder::{Recorder, Row, format, golden, read, read_into};
use proptest::prelude::*;

const NAME: &str = "kube_audit";

/// The ways in which events come, written by hand.
fn shapes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/kube_audit")
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/kube_audit")
}

fn sample(name: &str) -> Recorder {
    read(NAME, &std::fs::read(corpus().join(name)).unwrap())
}

#[test]
fn shapes_give_what_is_expected() {
    assert!(golden(NAME, &shapes()) >= 16);
}

#[test]
fn recorded_telemetry_is_read_whole() {
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        let Some("json" | "jsonl") = path.extension().and_then(|extension| extension.to_str()) else {
            continue;
        };
        seen += 1;
        let file = std::fs::read(&path).unwrap();
        let found = read(NAME, &file);
        let text = String::from_utf8(file).unwrap();
        let expected = text.matches("\"auditID\":").count();
        assert_eq!(found.counts(), (expected, vec![]), "{}", path.display());
        let head = &text.as_bytes()[..text.len().min(64 * 1024)];
        assert_eq!(format(NAME).sniff(head), 99, "{}", path.display());
        assert!(format("json_lines").sniff(head) < 99);
        let offsets: BTreeSet<_> = found.rows.iter().map(|row| row.offset).collect();
        assert_eq!(offsets.len(), found.rows.len(), "{}", path.display());
        for row in &found.rows {
            let oracle: serde_json::Value = serde_json::from_slice(&row.raw).unwrap();
            check_against(&oracle, row);
        }
        check_truth(&path, &found);
    }
    assert!(seen >= 12, "the corpus is there");
}

/// A row's id, time, host and first alias against the event as serde_json reads it.
fn check_against(event: &serde_json::Value, row: &Row) {
    assert_eq!(event["auditID"], row.event_id);
    let time: jiff::Timestamp = event["requestReceivedTimestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(row.time, Some(time.as_microsecond()));
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let one = |name: &str| row.all(name).first().map(|&value| value.to_owned());
    let object = &event["objectRef"];
    for (alias, value) in [
        ("resource", &object["resource"]),
        ("namespace", &object["namespace"]),
        ("name", &object["name"]),
        ("subresource", &object["subresource"]),
        ("user", &event["user"]["username"]),
        ("src", &event["sourceIPs"][0]),
        ("src_ip", &event["sourceIPs"][0]),
        ("http_user_agent", &event["userAgent"]),
        ("user_agent", &event["userAgent"]),
    ] {
        assert_eq!(one(alias), text(value), "{alias}");
    }
    let addresses: Vec<_> = event["sourceIPs"].as_array().unwrap().iter().collect();
    assert_eq!(row.all("sourceIPs{}"), addresses);
}

/// Every request in the list of what was done has its event, made by the one who did it.
fn check_truth(path: &Path, found: &Recorder) {
    let Ok(truth) = std::fs::read_to_string(path.with_extension("truth.tsv")) else {
        return;
    };
    for line in truth.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (id, who) = (columns.next().unwrap(), columns.next().unwrap());
        let mut events = found.rows.iter().filter(|row| row.event_id == id);
        // A token that was refused is nobody's.
        let who = if who == "(none)" { vec![] } else { vec![who] };
        let by = |row: &Row| row.all("user") == who;
        assert!(events.any(by), "{}: {line}", path.display());
    }
}

#[test]
fn webhook_and_log_backend_give_the_same_rows() {
    let fields = |row: &Row| -> BTreeSet<(String, String)> {
        let of_item = |(name, _): &&(String, String)| name != "kind" && name != "apiVersion";
        row.fields.iter().filter(of_item).cloned().collect()
    };
    let key = |row: &Row| (row.event_id.clone(), row.all("stage")[0].to_owned());
    let log: BTreeMap<_, _> =
        (sample("t1_kubectl_list_secrets.jsonl").rows.iter()).map(|row| (key(row), (row.time, fields(row)))).collect();
    let webhook: BTreeMap<_, _> = (sample("webhook_t1_kubectl_list_secrets.json").rows.iter())
        .map(|row| (key(row), (row.time, fields(row))))
        .collect();
    assert_eq!((log.len(), webhook.len()), (95, 99));
    for (key, row) in &log {
        assert_eq!(webhook.get(key), Some(row), "{key:?}");
    }
}

/// What others' samples hold: rows, and what is no row. They belong to others and are not in the repository; the shapes that they
/// have are written by hand in `tests/samples`.
#[test]
fn samples_of_others_are_read_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/kube_audit");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        // Past the harness, which keeps what a passing test prints to itself.
        let _ =
            writeln!(std::io::stderr(), "skipped: {folder:?} is not there, so nothing is tried on the logs of others");
        return;
    };
    let several = |rows, reasons: &[(Reason, usize)]| (rows, reasons.to_vec());
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = match name {
            // Google's schema, which is not read.
            _ if name.contains("gcp_k8s") => several(0, &[(Reason::NotAnEvent, 25)]),
            _ if name.contains("aws_eks") => several(20, &[]),
            // 168 plain and 34 in Azure's envelope; the rest is Google's, or other Azure activity.
            _ if name.contains("rules_kubernetes") => several(202, &[(Reason::NotAnEvent, 35)]),
            _ if name.contains("audit2rbac") => several(37, &[]),
            _ if name.contains("fal_01_003") => several(0, &[(Reason::NotAnEvent, 1)]),
            _ if name.ends_with("create_configmap_sensitive_values.json") => several(6, &[]),
            _ => several(1, &[]),
        };
        let found = read(NAME, &std::fs::read(&path).unwrap());
        assert_eq!(found.counts(), expected, "{name}");
    }
}

#[test]
fn sniffing_tells_events_from_other_json() {
    let sniff = |head: &str| format(NAME).sniff(head.as_bytes());
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"Panic"}"#;
    assert_eq!(sniff(&format!("{event}\n{event}\n{{\"kind\":\"Ev")), 99);
    assert_eq!(sniff(event), 99);
    assert!(sniff(&format!("{event}\n{{\"a\":1}}\n")) > 60);
    assert!(sniff(&format!("I1123 17:13:00.000000  1 a.go:1] x\n{event}\n")) > 90);
    let long = format!("{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{event}");
    assert!(sniff(&long) > 60, "a list that goes on behind the head");
    assert!(sniff(&format!("{{\"items\":[\n{event},\n{event},\n")) > 60);
    for other in [
        "",
        "{\"a\":1}\n",
        "{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":{}}\n",
        "{\"message\":\"the group audit.k8s.io/v1 is served\"}\n",
        "type=EXECVE msg=audit(1.2:3): argc=1\n",
    ] {
        assert_eq!(sniff(other), 0, "{other}");
    }
}

#[test]
fn framing_of_one_long_line_is_lines() {
    let head = format!("{{\"kind\":\"EventList\",\"items\":[{}", "{\"a\":1},".repeat(9000));
    let framing = format(NAME).framing(&head.as_bytes()[..64 * 1024]);
    assert_eq!(framing, Framing::Lines { context: 0 });
}

#[test]
fn envelopes_without_end_are_no_event() {
    let mut line = String::from("{\"auditID\":\"1\"}");
    for _ in 0..40 {
        line = format!("{{\"event\":[{line}]}}");
    }
    let found = read(NAME, line.as_bytes());
    assert_eq!(found.counts(), (0, vec![(Reason::NotAnEvent, 1)]));
    let deep = "{\"event\":[".repeat(100_000) + &"]}".repeat(100_000);
    assert_eq!(read(NAME, deep.as_bytes()).rows.len(), 0);
}

#[test]
fn declined_fields_change_nothing() {
    let file = std::fs::read(corpus().join("bodies_t1_kubectl_list_secrets.jsonl")).unwrap();
    let all = read(NAME, &file);
    let wanted = ["src", "name", "user.groups{}", "requestObject.kind"];
    let mut some = Recorder::wanting(&wanted);
    read_into(NAME, &file, &[], None, &mut some);
    for (all, some) in all.rows.iter().zip(&some.rows) {
        for name in wanted {
            assert_eq!(all.all(name), some.all(name), "{name}");
        }
        assert!(some.fields.len() < all.fields.len());
    }
}

/// A part of an event's text, written as JSON may write it.
fn encode(text: &str, choices: &mut impl FnMut() -> u8) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        let choice = choices();
        let hex = |unit: u16| match choice & 8 {
            0 => format!("\\u{unit:04x}"),
            _ => format!("\\u{unit:04X}"),
        };
        match letter {
            '"' | '\\' if choice > 40 => out.extend(['\\', letter]),
            '/' if choice > 200 => out.push_str("\\/"),
            _ if choice < 40 || letter < ' ' || letter == '"' || letter == '\\' => {
                let mut units = [0; 2];
                out.extend(letter.encode_utf16(&mut units).iter().map(|&unit| hex(unit)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Words with the letters that hide: case, folding, escapes.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "secrets", "SECRETS", "\u{17f}ecrets", "secret\u{17f}", "kube-system", "\u{212a}ube-system",
            "admin", "ADMİN", "admİ", "a/b", "say \"hi\"", "a\\b", "é", "x<y&z>", "tab\there", "get", "true", "12",
            "u0022", "café/secrets", "\u{1}", "d83d", "😀secrets",
        ]).prop_map(str::to_owned),
        1 => "[a-dkisKIS/\"\\\\ 0-9u]{1,6}",
    ]
}

/// A file with one event a line, each wrapped none to two times, strangely spelled.
fn file_of(words: &[[String; 3]], choices: &[u8]) -> String {
    let mut next = 0;
    let mut choose = move || {
        next += 1;
        choices.get(next % choices.len().max(1)).copied().unwrap_or(255)
    };
    let mut file = String::new();
    for (number, [verb, resource, group]) in words.iter().enumerate() {
        let mut line = format!(
            "{{\"auditID\":\"{number}\",\"verb\":{},\"objectRef\":{{\"resource\":{}}},\"user\":{{\"groups\":[{}]}},\"n\":12,\"b\":true}}",
            encode(verb, &mut choose),
            encode(resource, &mut choose),
            encode(group, &mut choose)
        );
        for _ in 0..choose() % 3 {
            line = format!("{{\"message\":{}}}", encode(&line, &mut choose));
        }
        file.push_str(&line);
        file.push('\n');
    }
    file
}

fn condition() -> impl Strategy<Value = Condition> {
    let names = vec!["verb", "resource", "objectRef.resource", "user.groups{}", "n", "b"];
    let field = (proptest::sample::select(names), word(), any::<bool>(), word());
    let leaf = prop_oneof![
        6 => field.prop_map(|(name, literal, whole, other)| {
            let pattern = match (whole, other.len() % 3) {
                (true, _) => Pattern::literal(literal),
                (false, 0) => Pattern::containing(literal),
                (false, 1) => Pattern::with_stars(&format!("{}*", literal.replace('*', ""))),
                (false, _) => Pattern::with_stars(&format!("*{}", literal.replace('*', ""))),
            };
            Condition::field(name, pattern)
        }),
        1 => word().prop_map(Condition::raw),
        1 => proptest::sample::select(vec!["objectRef.subresource", "objectRef.namespace", "verb"])
            .prop_map(Condition::absent),
        1 => Just(Condition::Anything),
        1 => Just(Condition::Nothing),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            proptest::collection::vec(inner, 0..4).prop_map(Condition::Any),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn filtering_loses_no_row(
        words in proptest::collection::vec([word(), word(), word()], 1..6),
        choices in proptest::collection::vec(any::<u8>(), 1..200),
        condition in condition(),
        cuts in proptest::collection::vec(any::<usize>(), 0..4),
    ) {
        let file = file_of(&words, &choices);
        let all = read(NAME, file.as_bytes());
        prop_assert_eq!(all.rows.len(), words.len(), "{}", file);
        let filter = format(NAME).prefilter(&condition);
        let mut some = Recorder::default();
        read_into(NAME, file.as_bytes(), &cuts, Some(&filter), &mut some);
        let wanted = |rows: Vec<Row>| -> Vec<Row> {
            rows.into_iter().filter(|row| row.satisfies(&condition)).collect()
        };
        prop_assert_eq!(wanted(some.rows), wanted(all.rows), "{:?}\n{}", filter, file);
    }

    #[test]
    fn of_several_conditions_each_row_is_told_all_that_it_satisfies(
        words in proptest::collection::vec([word(), word(), word()], 1..6),
        choices in proptest::collection::vec(prop_oneof![3 => Just(255_u8), 1 => any::<u8>()], 1..200),
        conditions in proptest::collection::vec(condition(), 1..5),
        cuts in proptest::collection::vec(any::<usize>(), 0..4),
    ) {
        let file = file_of(&words, &choices);
        let all = read(NAME, file.as_bytes());
        let filter = format(NAME).compile_rules(&conditions);
        let mut some = Recorder::default();
        read_into(NAME, file.as_bytes(), &cuts, Some(&filter), &mut some);
        for (number, condition) in conditions.iter().enumerate() {
            let told = |at: usize| some.candidates[at].first().is_none_or(|word| word & (1 << number) != 0);
            let rows = (0..some.rows.len()).filter(|at| told(*at)).map(|at| some.rows[at].clone());
            let found: Vec<Row> = rows.filter(|row| row.satisfies(condition)).collect();
            let wanted: Vec<Row> = all.rows.iter().filter(|row| row.satisfies(condition)).cloned().collect();
            prop_assert_eq!(found, wanted, "{:?} among {:?}\n{}", condition, conditions, file);
        }
    }

    #[test]
    fn each_line_is_told_once_however_the_log_is_cut(
        lines in proptest::collection::vec(prop_oneof!["", "\r", r#"\{"auditID":"1","verb":"get"\}"#, "x{1,9}"], 0..12),
        end in any::<bool>(),
        cuts in proptest::collection::vec(any::<usize>(), 0..6),
    ) {
        let file = lines.join("\n") + if end { "\n" } else { "" };
        let filter = format(NAME).compile_rules(&[Condition::raw("get")]);
        let mut told = Recorder::default();
        read_into(NAME, file.as_bytes(), &cuts, Some(&filter), &mut told);
        let starts = std::iter::once(0).chain(file.match_indices('\n').map(|(at, _)| at + 1));
        let starts: Vec<u64> = starts.filter(|at| *at < file.len()).map(|at| at as u64).collect();
        prop_assert_eq!(told.lines, starts, "{:?} cut at {:?}", file, cuts);
    }

    #[test]
    fn splitting_anywhere_gives_the_same_rows(
        name in proptest::sample::select(vec![
            "klog_between.log", "pretty.json", "array.json", "broken.jsonl",
            "webhook_pretty.json", "aks_diagnostics.json", "not_events.jsonl",
        ]),
        cuts in proptest::collection::vec(any::<usize>(), 0..8),
    ) {
        let file = std::fs::read(shapes().join(name)).unwrap();
        let mut split = Recorder::default();
        read_into(NAME, &file, &cuts, None, &mut split);
        let whole = read(NAME, &file);
        prop_assert_eq!(split.rows, whole.rows);
        prop_assert_eq!(split.malformed, whole.malformed);
    }

    #[test]
    fn no_bytes_do_harm(
        start in proptest::sample::select(vec!["", "{", "[", "{\"auditID\":1,", "{\"log\":\"{", "x {"]),
        file in proptest::collection::vec(any::<u8>(), 0..80),
        cuts in proptest::collection::vec(any::<usize>(), 0..3),
    ) {
        let file = [start.as_bytes(), &file].concat();
        read_into(NAME, &file, &cuts, None, &mut Recorder::default());
        format(NAME).sniff(&file);
    }
}

fn filtered(file: &str, condition: &Condition) -> usize {
    let mut recorder = Recorder::default();
    let filter = format(NAME).prefilter(condition);
    read_into(NAME, file.as_bytes(), &[], Some(&filter), &mut recorder);
    recorder.rows.len()
}

#[test]
fn the_filter_does_filter() {
    let line = |resource: &str| {
        format!(
            "{{\"auditID\":\"1\",\"requestURI\":\"/api/v1/secrets?a=1\\u0026b=2\",\"objectRef\":{{\"resource\":\"{resource}\"}}}}\n"
        )
    };
    let file = line("secrets") + &line("pods") + &line("Secrets") + &line("secretstores");
    let field = |name: &str, literal: &str, whole: bool| {
        Condition::field(name, if whole { Pattern::literal(literal) } else { Pattern::containing(literal) })
    };
    assert_eq!(filtered(&file, &field("resource", "secrets", true)), 2);
    assert_eq!(filtered(&file, &field("resource", "pods", false)), 1);
    assert_eq!(filtered(&file, &field("requestURI", "v1/secrets", false)), 4);
    assert_eq!(filtered(&file, &field("host", "pods", true)), 4, "not from the text");
    assert_eq!(filtered(&file, &Condition::raw("\"resource\":\"pods\"")), 1);
    assert_eq!(filtered(&file, &Condition::Nothing), 0);
    assert_eq!(filtered(&file, &Condition::Any(Vec::new())), 0);
    assert_eq!(filtered(&file, &Condition::All(Vec::new())), 4);
    let either = Condition::Any(vec![field("resource", "pods", true), field("resource", "nodes", true)]);
    assert_eq!(filtered(&file, &either), 1);
    let both = Condition::All(vec![either, field("verb", "get", true)]);
    assert_eq!(filtered(&file, &both), 0);
}

#[test]
fn a_log_that_ends_in_the_middle_is_told_whatever_is_looked_for() {
    let condition = |literal: &str| Condition::equals("verb", literal);
    let event = |verb: &str| format!("{{\"auditID\":\"1\",\"verb\":\"{verb}\",\"a\":{{}}}}");
    for wanted in ["get", "list", "watch"] {
        let filters = [
            None,
            Some(format(NAME).prefilter(&condition(wanted))),
            Some(format(NAME).compile_rules(&[condition(wanted)])),
        ];
        for filter in filters.iter().map(Option::as_ref) {
            let faults = |file: String| {
                let mut recorder = Recorder::default();
                read_into(NAME, file.as_bytes(), &[], filter, &mut recorder);
                recorder.counts().1
            };
            let (first, last) = (event("get"), event("list"));
            let cut = &last[..last.len() - 1];
            assert_eq!(faults(format!("{first}\n{cut}")), [(Reason::Truncated, 1)], "{wanted}");
            assert_eq!(faults(cut.to_owned()), [(Reason::Truncated, 1)], "{wanted}");
            assert_eq!(faults(format!("{first}\n{last}")), [], "{wanted}");
            assert_eq!(faults(format!("{first}\n{last}\n")), [], "{wanted}");
        }
    }
}

#[test]
fn of_an_event_in_text_between_documents_nothing_is_taken_for_known() {
    let verb = |value: &str| Condition::equals("verb", value);
    let file = concat!(
        "{\n  \"auditID\": \"1\",\n  \"verb\": \"get\"\n}\n",
        "2026-01-01T00:00:00Z stdout F {\"auditID\":\"2\",\"verb\":\"delete\"}\n",
    );
    let filter = format(NAME).compile_rules(&[verb("get"), verb("delete")]);
    let mut told = Recorder::default();
    let chunk = Chunk { bytes: file.as_bytes(), offset: 0, own: 0..file.len(), last: true };
    format(NAME).read_documents(&chunk, Some(&filter), &mut told);
    let by_id = |id: &str| told.rows.iter().position(|row| row.event_id == id).map(|at| told.candidates[at].clone());
    assert_eq!((by_id("1"), by_id("2")), (Some(vec![0b01]), Some(vec![])));
}

#[test]
fn the_rarest_word_is_looked_for_first() {
    let any = |words: &[&str]| Condition::Any(words.iter().map(|word| Condition::equals("f", *word)).collect());
    let condition = Condition::All(vec![any(&["get", "list"]), any(&["secrets", "configmaps"])]);
    let Prefilter { all, nothing, .. } = format(NAME).prefilter(&condition);
    assert!(!nothing);
    assert_eq!(all.len(), 2);
    assert!(all[0].expression.is_match(b"\"SECRETS\"") && !all[0].expression.is_match(b"\"get\""));
    assert!(all[1].expression.is_match(b"\\\"get\\\"") && all[1].expression.is_match(br"\u0067et"));
    assert!(!all[1].expression.is_match(br"get \u0026 \u003c"));
}
