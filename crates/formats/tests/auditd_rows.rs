//! One record, one row: every quirk of auditd logs with the fields that come out.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod auditd_collect;

use auditd_collect::{Row, auditd, read, rows};
use dogwatch_formats::Reason;

const ID: &str = "msg=audit(1795401382.124:2250):";

fn row(line: &str) -> Row {
    let mut rows = rows(line);
    assert_eq!(rows.len(), 1, "{line}");
    rows.remove(0)
}

/// A line, and `name=value` (missing fields have an empty value, several values have `|` between them).
fn check(line: &str, expected: &[&str]) {
    let row = row(line);
    for pair in expected {
        let (name, value) = pair.split_once('=').unwrap();
        assert_eq!(row.get(name), value, "{name} of {line}");
    }
}

const SYSCALL: &str = concat!(
    "type=SYSCALL msg=audit(1795401382.124:2250): arch=c000003e syscall=59 success=yes exit=0 a0=55f4 a1=1 a2=2 a3=8 ",
    "items=2 ppid=30046 pid=30576 auid=1001 uid=0 gid=7 euid=5 suid=0 tty=pts0 ses=14 comm=\"sh\" exe=\"/usr/bin/sh\" ",
    "key=\"exec\"\n"
);

#[test]
fn every_row_has_a_time_and_an_id() {
    let row = row(&format!("type=EOE {ID} "));
    assert_eq!((row.time, row.event_id.as_str(), row.offset), (Some(1_795_401_382_124_000), "1795401382.124:2250", 0));
    assert_eq!((row.host, row.raw), (None, format!("type=EOE {ID} ")));
}

#[test]
fn headers() {
    check(&format!("type=UNKNOWN[1327] {ID} proctitle=6C73002D6C"), &["type=PROCTITLE", "proctitle=ls -l"]);
    check(
        "audit: type=1326 audit(1.123:5): auid=7 arch=c000003e syscall=59",
        &["type=SECCOMP", "auid=7", "syscall=execve"],
    );
    check("type=1329 audit(1.123:5): a=b", &["type=REPLACE"]);
    check("type=2999 audit(1.123:5): a=b", &["type=UNKNOWN[2999]"]);
    check("type=SYSCALL audit(1.123:5): arch=c00000b7 syscall=222", &["type=SYSCALL", "syscall=mmap", "arch=c00000b7"]);
    check("Nov 23 10:00:00 web1 kernel: type=1400 audit(1.1:5): apparmor=\"DENIED\"", &["type=AVC", "apparmor=DENIED"]);
    let masked = row("type=EOE msg=audit(XXXXXXXXXX.428:235): ");
    assert_eq!((masked.time, masked.event_id.as_str()), (None, "XXXXXXXXXX.428:235"));
    let named = row(&format!("node=web1 type=CWD {ID} cwd=\"/\""));
    assert_eq!((named.host.as_deref(), named.get("cwd").as_str()), (Some("web1"), "/"));
    assert_eq!(
        row(&format!("Nov 23 10:00:00 relay audispd: node=n1 type=CWD {ID} cwd=\"/\"")).host.as_deref(),
        Some("n1")
    );
}

#[test]
fn quoted_is_text_and_bare_hexadecimal_is_decoded_in_encodable_fields_only() {
    check(
        &format!(r#"type=EXECVE {ID} argc=3 a0="3005" a1=2F746D702F6120622063 a2="""#),
        &["a0=3005", "a1=/tmp/a b c", "a2="],
    );
    assert!(row(&format!(r#"type=EXECVE {ID} argc=1 a0="""#)).fields.contains_key("a0"));
    check(
        &format!("type=SYSCALL {ID} a0=5576 a1=41424344 pid=3005 exe=2F746D702F61 comm=61"),
        &["a0=5576", "a1=41424344", "pid=3005", "exe=/tmp/a", "comm=a"],
    );
    check(&format!("type=PATH {ID} item=0 name=2F612062 inode=4142 dev=08:02"), &["name=/a b", "inode=4142"]);
    check(&format!("type=PATH {ID} name=(null) inode=1"), &["name=", "inode=1"]);
    check(&format!("type=CWD {ID}  cwd=2F746D702F6120622063"), &["cwd=/tmp/a b c"]);
    check(&format!("type=EXECVE {ID} argc=1 a0=C3A9FF"), &["a0=é\u{fffd}"]);
}

#[test]
fn words_for_none_are_missing_fields() {
    let row = row(&format!("type=SYSCALL {ID} tty=(none) key=(null) ses=4294967295 x= hostname=?"));
    assert_eq!(row.fields.keys().collect::<Vec<_>>(), ["hostname", "ses", "type"]);
    check(&format!(r#"type=USER_AUTH {ID} msg='acct="(null)" acct2="?"'"#), &["acct=(null)", "acct2=?"]);
}

#[test]
fn several_keys_are_several_values() {
    check(&format!("type=SYSCALL {ID} key=61756F6D7301657865637665"), &["key=auoms|execve"]);
    check(&format!(r#"type=SYSCALL {ID} key="a" key="b""#), &["key=a|b"]);
    assert!(auditd().is_multivalue("key") && !auditd().is_multivalue("name"));
}

#[test]
fn enriched_fields_keep_their_names_beside_the_numbers() {
    for separator in ["\x1d", "", " "] {
        let line = format!(
            "type=SYSCALL {ID} arch=c000003e syscall=59 auid=1001 uid=0 key=\"x\"{separator}ARCH=x86_64 SYSCALL=execve AUID=\"deploy\" UID=\"root\""
        );
        check(
            &line,
            &[
                "key=x",
                "ARCH=x86_64",
                "SYSCALL=execve",
                "AUID=deploy",
                "UID=root",
                "auid=1001",
                "uid=0",
                "syscall=execve",
            ],
        );
        let line = format!("type=PATH {ID} name=\"/x\" cap_frootid=0{separator}OUID=\"root\" OGID=\"root\"");
        check(&line, &["cap_frootid=0", "OUID=root", "OGID=root"]);
        let line = format!("type=SYSCALL {ID} key=(null){separator}ARCH=x86_64 SYSCALL=connect");
        check(&line, &["key=", "ARCH=x86_64"]);
    }
    check(
        &format!(r#"type=SYSCALL {ID} arch=c0000015 syscall=5 key="x" ARCH=ppc64le SYSCALL=open"#),
        &["syscall=open"],
    );
    check(&format!("type=SYSCALL {ID} arch=c0000015 syscall=5"), &["syscall=5"]);
    check(&format!("type=SYSCALL {ID} arch=c000003e syscall=9999 SYSCALL=unknown-syscall(9999)"), &["syscall=9999"]);
    check(&format!("type=SYSCALL {ID} arch=40000003 syscall=11"), &["syscall=execve"]);
}

#[test]
fn user_space_fields_are_the_rows_own() {
    let line = format!(
        r#"type=USER_CMD {ID} pid=1 uid=1000 auid=1000 msg='cwd="/home" cmd=6C73202D6C exe="/usr/bin/sudo" terminal=? res=success'UID="u""#
    );
    check(&line, &["cwd=/home", "cmd=ls -l", "exe=/usr/bin/sudo", "terminal=?", "res=success", "UID=u", "pid=1"]);
    let line = format!(
        r#"type=USER_AUTH {ID} user pid=9 uid=0 auid=1 msg='PAM: authentication acct=726F6F74 : exe="/usr/sbin/sshd" (hostname=h, addr=1.2.3.4, terminal=ssh res=failed)'"#
    );
    check(&line, &["pid=9", "acct=root", "exe=/usr/sbin/sshd"]);
    let line = format!("type=LOGIN {ID} login pid=1 uid=0 old auid=4294967295 new auid=5 old ses=4294967295 new ses=2");
    check(&line, &["old-auid=4294967295", "auid=5", "old-ses=4294967295", "ses=2"]);
    check(
        &format!("type=DAEMON_CONFIG {} config changed, auid=0 pid=1512 res=success", &ID[..ID.len() - 1]),
        &["auid=0", "res=success"],
    );
}

#[test]
fn socket_addresses_are_decoded_beside_the_hexadecimal() {
    check(
        &format!("type=SOCKADDR {ID} saddr=02000050A9FEA9FE0000000000000000"),
        &["saddr=02000050A9FEA9FE0000000000000000", "saddr_fam=inet", "laddr=169.254.169.254", "lport=80"],
    );
    check(
        &format!(
            "type=SOCKADDR {ID} saddr=01002F7661722F72756E2F646F636B65722E736F636B0000F47C\x1dSADDR={{ saddr_fam=local path=/var/run/docker.sock }}"
        ),
        &["saddr_fam=local", "path=/var/run/docker.sock", "SADDR={ saddr_fam=local path=/var/run/docker.sock }"],
    );
    check(&format!("type=SOCKADDR {ID} saddr=zz"), &["saddr=zz", "saddr_fam="]);
    check(&format!("type=SOCKADDR {ID} saddr=0"), &["saddr=0", "saddr_fam="]);
    check(
        &format!("type=SOCKADDR {ID} saddr={{ saddr_fam=inet laddr=1.2.3.4 lport=5 }}"),
        &["saddr_fam=inet", "laddr=1.2.3.4", "lport=5"],
    );
}

#[test]
fn other_rows_have_what_only_the_syscall_record_knows() {
    let log = format!(
        "{SYSCALL}type=EXECVE {ID} argc=2 a0=\"sh\" a1=\"-c\"\ntype=CWD {ID} cwd=\"/root\"\ntype=PATH {ID} item=0 name=\"/usr/bin/sh\" ouid=9\ntype=PROCTITLE {ID} proctitle=\"sh\"\ntype=EOE {ID} \n"
    );
    let rows = rows(&log);
    assert_eq!(rows.len(), 6);
    for row in &rows {
        for (name, value) in [
            ("auid", "1001"),
            ("uid", "0"),
            ("gid", "7"),
            ("euid", "5"),
            ("pid", "30576"),
            ("ppid", "30046"),
            ("exe", "/usr/bin/sh"),
            ("comm", "sh"),
            ("tty", "pts0"),
            ("ses", "14"),
            ("success", "yes"),
            ("exit", "0"),
            ("key", "exec"),
            ("syscall", "execve"),
            ("cwd", "/root"),
        ] {
            assert_eq!(row.get(name), value, "{name} of {}", row.raw);
        }
    }
    assert_eq!(
        (rows[0].get("a0"), rows[0].get("a3"), rows[0].get("process")),
        ("55f4".into(), "8".into(), String::new())
    );
    assert_eq!(
        (rows[1].get("a0"), rows[1].get("a1"), rows[1].get("a2"), rows[1].get("process")),
        ("sh".into(), "-c".into(), String::new(), "sh -c".into())
    );
    assert_eq!(rows[3].get("a0"), "");
    assert_eq!(rows[3].get("arch"), "", "only the fields listed are joined");
}

#[test]
fn a_records_own_field_wins_even_if_it_is_none() {
    let log = format!("{SYSCALL}type=LOGIN {ID} pid=5 auid=7 tty=(none) ses=8\n");
    let rows = rows(&log);
    assert_eq!(["pid", "auid", "tty", "ses", "exe"].map(|name| rows[1].get(name)), ["5", "7", "", "8", "/usr/bin/sh"]);
}

#[test]
fn an_event_is_joined_in_any_order_and_interleaved() {
    let other = SYSCALL.replace("2250", "2251").replace("auid=1001", "auid=1002");
    let other_id = ID.replace("2250", "2251");
    let log = format!(
        "type=EXECVE {ID} argc=1 a0=\"one\"\n{other}type=EXECVE {other_id} argc=1 a0=\"two\"\n----\ntime->Mon Nov 23 10:00:00 2026\n\n{SYSCALL}type=CWD {other_id} cwd=\"/two\"\n"
    );
    let rows = rows(&log);
    let seen: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row.get("type"), row.get("auid"), row.get("cwd"))).collect();
    assert_eq!(seen, ["EXECVE 1001 ", "SYSCALL 1002 /two", "EXECVE 1002 /two", "SYSCALL 1001 ", "CWD 1002 /two"]);
}

#[test]
fn nodes_keep_events_apart_and_records_without_one_join() {
    let log = format!(
        "node=a {SYSCALL}node=b {}type=CWD {ID} cwd=\"/\"\nnode=b type=EXECVE {ID} argc=1 a0=\"x\"\nnode=c type=EXECVE {ID} argc=1 a0=\"y\"\n",
        SYSCALL.replace("auid=1001", "auid=1002")
    );
    let rows = rows(&log);
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {}",
                row.host.as_deref().unwrap_or("-"),
                row.get("type"),
                row.get("auid"),
                row.get("process")
            )
        })
        .collect();
    assert_eq!(seen, ["a SYSCALL 1001 ", "b SYSCALL 1002 ", "a CWD 1001 ", "b EXECVE 1002 x", "c EXECVE  y"]);
    let log = format!("type=CWD {ID} cwd=\"/\"\nnode=a type=EOE {ID}\n");
    assert_eq!(auditd_collect::rows(&log)[0].host.as_deref(), Some("a"), "the event's node");
}

#[test]
fn long_command_lines_are_put_together() {
    let log = format!(
        "type=EXECVE {ID} argc=4 a0=\"kubectl\" a1=\"get\" a2_len=26 a2[0]=7365\ntype=EXECVE {ID}  a2[1]=6372\ntype=EXECVE {ID}  a2[2]=\"ets\" a3=2D6E\n{SYSCALL}"
    );
    let rows = rows(&log);
    for row in &rows[..3] {
        assert_eq!(row.get("process"), "kubectl get secrets -n");
    }
    assert_eq!((rows[0].get("a2"), rows[0].get("a2_len")), ("secrets".into(), "26".into()));
    assert_eq!((rows[1].get("a2"), rows[2].get("a2"), rows[2].get("a3")), (String::new(), String::new(), "-n".into()));
    assert_eq!((rows[3].get("process"), rows[3].get("a0")), (String::new(), "55f4".into()));
}

#[test]
fn line_ends_and_bytes() {
    let log = format!("type=CWD {ID} cwd=\"/a\"\r\ntype=CWD {ID} cwd=\"/b\"");
    let rows = rows(&log);
    assert_eq!((rows[0].raw.ends_with('"'), rows[0].get("cwd"), rows[1].get("cwd")), (true, "/a".into(), "/b".into()));
    let mut log = format!("type=CWD {ID} cwd=\"/").into_bytes();
    log.extend(b"\xff\0x\"\n");
    assert_eq!(auditd_collect::rows(&log)[0].get("cwd"), "/\u{fffd}\0x");
}

#[test]
fn what_is_no_record_is_reported_for_the_right_reason() {
    let cases: &[(&str, usize, &[Reason])] = &[
        ("hello\n", 0, &[Reason::NotARecord]),
        ("hello", 0, &[Reason::NotARecord]),
        ("type=UNKNOWN[1329] msg=?\n", 0, &[Reason::BadStamp]),
        ("type=SYSCALL msg=audit(17954\n", 0, &[Reason::BadStamp]),
        ("type=SYSCALL msg=audit(17954", 0, &[Reason::Truncated]),
        ("type=SYSC", 0, &[Reason::Truncated]),
        ("ty", 0, &[Reason::Truncated]),
        ("node=web1 ty", 0, &[Reason::Truncated]),
        ("type=CWD msg=audit(1.1:1): cwd=\"/ro", 1, &[Reason::Truncated]),
        ("type=CWD msg=audit(1.1:1): cwd=\"/ro\n", 1, &[]),
        ("type=USER_LOGIN msg=audit(1.1:1): msg='op=lo", 1, &[Reason::Truncated]),
        ("type=CWD msg=audit(1.1:1): cwd=\"/ro\"", 1, &[]),
        ("\n\n----\ntime->now\n  \n", 0, &[]),
        ("", 0, &[]),
        ("{\"a\":\"type=CWD msg=audit(1.1:1): \"}\n", 0, &[Reason::NotARecord]),
    ];
    for (log, rows, reasons) in cases {
        let collector = read(log);
        let seen: Vec<_> = collector.malformed.iter().map(|(reason, _)| *reason).collect();
        assert_eq!((collector.rows.len(), seen.as_slice()), (*rows, *reasons), "{log}");
    }
}

#[test]
fn only_wanted_fields_are_handed_out() {
    let log = format!("{SYSCALL}type=EXECVE {ID} argc=1 a0=\"sh\"\n");
    let mut collector = auditd_collect::Collector::default();
    collector.only = Some(vec!["auid".into(), "a0".into()]);
    let chunk =
        dogwatch_formats::Chunk { bytes: log.as_bytes(), offset: 100, own: SYSCALL.len()..log.len(), last: true };
    auditd().read(&chunk, None, &mut collector);
    assert_eq!(collector.rows.len(), 1);
    assert_eq!(collector.rows[0].offset, 100 + SYSCALL.len() as u64);
    assert_eq!(collector.rows[0].fields.keys().collect::<Vec<_>>(), ["a0", "auid"]);
    assert_eq!(collector.rows[0].get("auid"), "1001", "from a record outside the chunk's own part");
}

#[test]
fn a_log_is_recognised_from_its_content() {
    let sniff = |head: &str| auditd().sniff(head.as_bytes());
    assert!(sniff(SYSCALL) > 90);
    assert!(sniff(&SYSCALL[..80]) > 90);
    assert!(sniff(&format!("----\ntime->Mon Nov 23\n{SYSCALL}")) > 90);
    assert!(sniff(&format!("Nov 23 10:00:00 web1 audispd: {SYSCALL}")) > 90);
    assert!(sniff("[   12.3] audit: type=1400 audit(1.1:5): apparmor=\"DENIED\"\n") > 90);
    assert!(sniff(&format!("node=x {SYSCALL}type=SYSC")) > 90);
    for text in
        ["", "hello\n", "{\"kind\":\"Event\"}\n", "[{\"a\":\"x type=CWD msg=audit(1.1:1): \"}]\n", "\0\0\0", "type=x\n"]
    {
        assert_eq!(sniff(text), 0, "{text}");
    }
}

#[test]
fn hostile_logs_cost_no_more_than_their_size() {
    // One stamp on every line: each row is joined with its neighbours only.
    let log = format!("type=EXECVE {ID} a0=\"x\"\n").repeat(5_000);
    let rows = rows(&log);
    assert_eq!(rows.len(), 5_000);
    // A command line that is longer than what its rows may repeat.
    let argument = "41".repeat(4000);
    let log: String = (0..700).map(|n| format!("type=EXECVE {ID} a{n}={argument}\n")).collect();
    let rows = auditd_collect::rows(&log);
    let handed_out: usize = rows.iter().map(|row| row.get("process").len()).sum();
    assert!(handed_out > 2 << 20 && handed_out <= 64 << 20, "{handed_out}");
    assert_eq!(rows[699].get("a699").len(), 4000);
}
