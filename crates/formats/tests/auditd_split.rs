//! What must not change what is found: where a log is cut, and whether a filter is used.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod auditd_collect;

use auditd_collect::{CORPUS, Collector, Row, auditd, logs, logs_of_others, own_logs, read, read_part};
use dogwatch_formats::Chunk;
use dogwatch_predicate::{Condition, Pattern, Predicate};
use proptest::prelude::*;

/// Logs of up to 12 events whose records are interleaved, some with nodes, pieces, hexadecimal or rubbish between.
fn log() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("kubectl".to_owned()),
        Just("Get".to_owned()),
        Just("secrets".to_owned()),
        Just("a b".to_owned()),
        Just(String::new()),
        "[a-zA-Z/é\u{212a}\u{130}\u{17f} .-]{1,12}"
    ];
    let arguments = prop::collection::vec((word, 0..3_u8), 0..5);
    let event = (0..6_u32, arguments, 0..4_u8, any::<bool>(), 0..3_u8);
    let noise = prop_oneof![Just(""), Just("rubbish"), Just("----"), Just("type=X msg=?")];
    (prop::collection::vec(event, 1..12), any::<u64>(), noise).prop_map(|(events, seed, noise)| {
        let mut lines = vec![noise.to_owned()];
        for (serial, arguments, node, reversed, separator) in events {
            let mut records = records_of(serial, &arguments, separator);
            if reversed {
                records.reverse();
            }
            let node = ["", "", "node=a ", "node=b "][usize::from(node)];
            lines.extend(records.into_iter().enumerate().map(
                |(at, record)| {
                    if at == 1 { record } else { format!("{node}{record}") }
                },
            ));
        }
        shuffle(&mut lines, seed);
        lines.join("\n") + if seed % 2 == 0 { "\n" } else { "" }
    })
}

fn records_of(serial: u32, arguments: &[(String, u8)], separator: u8) -> Vec<String> {
    let stamp = format!("msg=audit(1795401382.124:{serial}):");
    let separator = ["\u{1d}", " ", ""][usize::from(separator)];
    let mut records = vec![format!(
        "type=SYSCALL {stamp} arch=c000003e syscall=59 a0=5 a1=7ffd3 auid={serial} pid=1{serial} exe=\"/usr/bin/kubectl\" key=\"k{serial}\"{separator}ARCH=x86_64 AUID=\"root\""
    )];
    let mut execve = format!("type=EXECVE {stamp} argc={}", arguments.len());
    for (at, (argument, form)) in arguments.iter().enumerate() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
        match form {
            0 if !argument.contains([' ', '"']) => execve.push_str(&format!(" a{at}=\"{argument}\"")),
            2 if argument.len() > 1 => {
                let (first, second) = argument.as_bytes().split_at(argument.len() / 2);
                execve.push_str(&format!(" a{at}_len=9 a{at}[0]={}", hex(first)));
                records.push(std::mem::replace(&mut execve, format!("type=EXECVE {stamp}  a{at}[1]={}", hex(second))));
            }
            _ => execve.push_str(&format!(" a{at}={}", hex(argument.as_bytes()))),
        }
    }
    records.push(execve);
    records.push(format!("type=CWD {stamp} cwd=\"/home/{serial}\""));
    records.push(format!("type=SOCKADDR {stamp} saddr=01002F7661722F72756E2F646F636B65722E736F636B0000"));
    records.push(format!("type=UNKNOWN[1327] {stamp} proctitle=6B756265637}}"));
    records
}

/// Fisher and Yates with a fixed generator: neighbours mostly stay neighbours.
fn shuffle(lines: &mut [String], mut seed: u64) {
    for at in 1..lines.len() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let back = usize::try_from(seed >> 60).unwrap().min(at);
        lines.swap(at, at - back);
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    let literal = prop_oneof![
        Just("kubectl"),
        Just("KUBECTL"),
        Just("get"),
        Just("secrets"),
        Just("get secrets"),
        Just("kubectl get"),
        Just("a b"),
        Just("root"),
        Just("/home/3"),
        Just("3"),
        Just("k3"),
        Just("docker.sock"),
        Just("/var/run/docker.sock"),
        Just("execve"),
        Just("EXECVE"),
        Just("PROCTITLE"),
        Just("proc"),
        Just("ecr"),
        Just("kub"),
        Just("eti"),
        Just("ret"),
        Just("k"),
        Just(" b"),
        Just(" s"),
        Just(" ge"),
        Just(" -"),
        Just("local"),
        Just("é"),
        Just("7ffd3"),
        Just("")
    ];
    let name = prop_oneof![
        Just("a0"),
        Just("a1"),
        Just("a2"),
        Just("process"),
        Just("type"),
        Just("exe"),
        Just("auid"),
        Just("key"),
        Just("cwd"),
        Just("path"),
        Just("syscall"),
        Just("saddr_fam"),
        Just("AUID"),
        Just("proctitle"),
        Just("pid"),
        Just("_raw"),
        Just("event_id")
    ];
    let field = (name, literal.clone(), 0..4).prop_map(|(name, literal, form)| {
        let pattern = match form {
            0 => Pattern::literal(literal),
            1 => Pattern::containing(literal),
            2 => Pattern::with_stars(&format!("{literal}*")),
            _ => Pattern::with_stars(&format!("*{literal}")),
        };
        Condition::field(name, pattern)
    });
    let leaf = prop_oneof![
        4 => field,
        1 => literal.prop_map(Condition::raw),
        1 => Just(Condition::absent("a1")),
        1 => Just(Condition::Anything),
        1 => Just(Condition::Nothing)
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::All),
            prop::collection::vec(inner, 0..3).prop_map(Condition::Any)
        ]
    })
}

/// Whether a row satisfies a condition, from its fields alone.
fn satisfies(row: &Row, condition: &Condition) -> bool {
    condition.holds(&mut |predicate| match predicate {
        Predicate::Absent(name) => !row.fields.contains_key(name),
        Predicate::Raw(pattern) => pattern.literals().all(|literal| Pattern::containing(literal).matches(&row.raw)),
        Predicate::Field { name, pattern } => {
            let meta = match name.as_str() {
                "_raw" => vec![row.raw.clone()],
                "event_id" => vec![row.event_id.clone()],
                _ => Vec::new(),
            };
            row.fields.get(name).unwrap_or(&meta).iter().any(|value| pattern.matches(value))
        }
    })
}

fn assert_never_skips(log: &[u8], condition: &Condition) {
    let all = read(log);
    let filter = auditd().prefilter(condition);
    let some = read_part(log, 0..log.len(), Some(&filter));
    let wanted: Vec<_> = all.rows.iter().filter(|row| satisfies(row, condition)).collect();
    let found: Vec<_> = some.rows.iter().filter(|row| satisfies(row, condition)).collect();
    assert_eq!(found, wanted, "{condition:?} as {filter:?}");
    assert_eq!(some.malformed, all.malformed, "malformed lines do not depend on the filter");
}

/// Of several conditions at once, each row is said to fit all that it satisfies.
fn assert_each_is_told(log: &[u8], conditions: &[Condition]) {
    let all = read(log);
    let filter = auditd().compile_rules(conditions);
    let some = read_part(log, 0..log.len(), Some(&filter));
    assert_eq!(some.malformed, all.malformed, "malformed lines do not depend on the filter");
    for (number, condition) in conditions.iter().enumerate() {
        let told =
            |at: usize| some.candidates[at].get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0);
        let rows = (0..some.rows.len()).filter(|at| told(*at)).map(|at| &some.rows[at]);
        let found: Vec<_> = rows.filter(|row| satisfies(row, condition)).collect();
        let wanted: Vec<_> = all.rows.iter().filter(|row| satisfies(row, condition)).collect();
        assert_eq!(found, wanted, "{condition:?} among {conditions:?}");
    }
}

proptest! {
    #[test]
    fn of_several_conditions_each_row_is_told_all_that_it_satisfies(
        log in log(),
        several in prop::collection::vec(conditions(), 1..5),
    ) {
        assert_each_is_told(log.as_bytes(), &several);
        // Rows of a known type are where the format looks least.
        let typed = |(at, condition): (usize, Condition)| {
            let types = ["EXECVE", "PATH", "SOCKADDR", "SYSCALL"];
            Condition::All(vec![Condition::equals("type", types[at % types.len()]), condition])
        };
        let several: Vec<_> = several.into_iter().enumerate().map(typed).collect();
        assert_each_is_told(log.as_bytes(), &several);
    }

    #[test]
    fn a_log_may_be_cut_at_any_line(log in log(), at in any::<prop::sample::Index>()) {
        let whole = read(&log);
        let ends: Vec<_> = log.match_indices('\n').map(|(at, _)| at + 1).chain([0, log.len()]).collect();
        let cut = *at.get(&ends);
        let first = read_part(log.as_bytes(), 0..cut, None);
        let second = read_part(log.as_bytes(), cut..log.len(), None);
        let rows: Vec<_> = first.rows.into_iter().chain(second.rows).collect();
        prop_assert_eq!(rows, whole.rows);
        let malformed: Vec<_> = first.malformed.into_iter().chain(second.malformed).collect();
        prop_assert_eq!(malformed, whole.malformed);
    }

    #[test]
    fn a_filter_never_loses_a_row(log in log(), condition in conditions()) {
        assert_never_skips(log.as_bytes(), &condition);
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
        let mut line = b"type=EXECVE msg=audit(1.1:1): ".to_vec();
        line.extend(bytes);
        read(&line);
    }
}

#[test]
fn a_filter_loses_no_row_of_real_logs() {
    let field = |name: &str, literal: &str, whole: bool| {
        Condition::field(name, if whole { Pattern::literal(literal) } else { Pattern::containing(literal) })
    };
    let conditions = [
        field("process", "get secrets", false),
        field("process", "kubectl get", false),
        field("a0", "kubectl", true),
        field("a0", "kube", false),
        field("exe", "/usr/local/bin/kubectl", true),
        field("name", "docker.sock", false),
        field("path", "/var/run/docker.sock", true),
        field("laddr", "127.0.0.1", true),
        field("type", "PROCTITLE", true),
        field("type", "USER_", false),
        field("syscall", "connect", true),
        field("auid", "1001", true),
        field("key", "execve", true),
        field("proctitle", "kubectl get secrets", false),
        field("acct", "root", true),
        field("cwd", "/home/deploy", true),
        field("cmd", "metricbeat -c", false),
        Condition::raw("secrets"),
        Condition::Any(vec![field("a0", "kubectl", true), field("a0", "docker", true)]),
        Condition::All(vec![field("type", "EXECVE", true), field("exe", "docker", false)]),
    ];
    let mut matched = vec![0; conditions.len()];
    for path in own_logs().iter().chain(&logs_of_others()) {
        let log = std::fs::read(path).unwrap();
        assert_each_is_told(&log, &conditions);
        for (count, condition) in matched.iter_mut().zip(&conditions) {
            assert_never_skips(&log, condition);
            assert_each_is_told(&log, std::slice::from_ref(condition));
            *count += read(&log).rows.iter().filter(|row| satisfies(row, condition)).count();
        }
    }
    assert!(matched.iter().all(|count| *count > 0), "{matched:?}");
}

#[test]
fn of_several_conditions_odd_records_are_told_too() {
    let of = |kind: &str, name: &str, value: &str| {
        Condition::All(vec![Condition::equals("type", kind), Condition::equals(name, value)])
    };
    for (record, condition) in [
        (
            "type=SOCKADDR msg=audit(1.1:7): saddr=0100 path=\"/tmp/evil.sock\"",
            of("SOCKADDR", "path", "/tmp/evil.sock"),
        ),
        ("type=PATH msg=audit(1.1:7): item=0 name='/tmp/a b'", of("PATH", "name", "/tmp/a b")),
        ("type=PATH msg=audit(1.1:7): item=0 name=2F612062 x=1", of("PATH", "name", "/a b")),
        ("type=EXECVE msg=audit(1.1:7): argc=12 a0=\"x\" a1=6370", of("EXECVE", "process", "x cp")),
        ("type=EXECVE msg=audit(1.1:7): argc=2 a0=\"x\" a1=\"=41\"", of("EXECVE", "a1", "=41")),
    ] {
        assert_eq!(read(record.as_bytes()).rows.iter().filter(|row| satisfies(row, &condition)).count(), 1, "{record}");
        assert_each_is_told(record.as_bytes(), &[condition]);
    }
}

#[test]
fn a_filter_leaves_rows_out() {
    let log = std::fs::read(logs(CORPUS).first().unwrap()).unwrap();
    let rows = |condition: &Condition| read_part(&log, 0..log.len(), Some(&auditd().prefilter(condition))).rows.len();
    let all = read(&log).rows.len();
    let program = rows(&Condition::equals("a0", "kubectl"));
    assert!(program > 0 && program < all / 4, "{program} of {all}");
    assert_eq!(rows(&Condition::equals("a0", "no such program")), 0);
    assert_eq!(rows(&Condition::Nothing), 0);
    assert_eq!(rows(&Condition::equals("syscall", "execve")), all, "a number may stand there");
}

#[test]
fn context_on_both_sides_is_enough_and_offsets_are_the_files() {
    let execve = "type=EXECVE msg=audit(1.1:1): argc=1 a0=\"sh\"\n";
    let filler = "type=EOE msg=audit(1.1:2): \n".repeat(100);
    let log = format!("{execve}{filler}type=SYSCALL msg=audit(1.1:1): auid=7\n");
    let mut collector = Collector::default();
    let chunk = Chunk { bytes: log.as_bytes(), offset: 4096, own: 0..execve.len(), last: false };
    auditd().read(&chunk, None, &mut collector);
    assert_eq!(
        (collector.rows.len(), collector.rows[0].get("auid"), collector.rows[0].offset),
        (1, "7".to_owned(), 4096)
    );
}

#[test]
fn records_farther_apart_than_the_context_are_not_joined() {
    let line = "type=PROCTITLE msg=audit(1.1:2): proctitle=41\n";
    let filler = line.repeat((4 << 20) / line.len() + 2);
    let log = format!("type=SYSCALL msg=audit(1.1:1): auid=7\n{filler}type=CWD msg=audit(1.1:1): cwd=\"/\"\n");
    let first = read_part(log.as_bytes(), 0..1, None);
    let last = read_part(log.as_bytes(), log.len() - 2..log.len(), None);
    assert_eq!((first.rows.len(), last.rows.len()), (1, 0), "a row belongs to the part in which it starts");
    assert_eq!(first.rows[0].get("cwd"), "");
    let last = read_part(log.as_bytes(), log.len() - 50..log.len(), None);
    assert_eq!((last.rows.len(), last.rows[0].get("auid").as_str()), (1, ""));
}
