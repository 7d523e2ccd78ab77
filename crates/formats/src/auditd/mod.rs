//! Linux audit logs, as auditd writes them and as others carry them.
//!
//! One row per record (a line), as Splunk indexes auditd; `event` joins the records of an event, and `row` says what a
//! record takes from its event. The format has two dialects, RAW and ENRICHED (auditd adds upper-case fields with
//! names beside numbers: `AUID="deploy"` beside `auid=1001`); both are read, and the upper-case fields keep their
//! names, because field names in a search are case-sensitive.
//!
//! Not here: which files are read, and how rows become columns.

mod atoms;
mod command_line;
mod decoder;
mod event;
mod fields;
mod header;
mod names;
mod prefilter;
mod read;
mod record_type;
mod row;
mod sockaddr;
mod syscalls;
mod value;

use dogwatch_predicate::Condition;

use crate::decoder::Decoder;
use crate::format::{About, Format, Framing, Prefilter, TelemetryField};
use crate::rule_filter::compile_rules;
use crate::visitor::{Chunk, RowVisitor};

/// The auditd format.
#[derive(Debug)]
pub struct Auditd;

impl Format for Auditd {
    fn about(&self) -> &About {
        &ABOUT
    }

    fn sniff(&self, head: &[u8]) -> u8 {
        sniff(head)
    }

    fn framing(&self, _head: &[u8]) -> Framing {
        Framing::Lines { context: event::REACH }
    }

    fn decoder(&'static self) -> Box<dyn Decoder> {
        Box::new(decoder::AuditdDecoder::default())
    }

    /// An event has as many keys as rules that it matched.
    fn is_multivalue(&self, field: &str) -> bool {
        field == "key"
    }

    fn read(&self, chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
        read::read(chunk, filter, visitor);
    }

    fn compile_rules(&self, conditions: &[Condition]) -> Prefilter {
        compile_rules(conditions, atoms::Builder::default())
    }

    fn prefilter(&self, condition: &Condition) -> Prefilter {
        prefilter::prefilter(condition)
    }
}

static ABOUT: About = About {
    name: "auditd",
    sourcetype: "linux_audit",
    index: "linux_audit",
    // The names of Splunk's add-on for Unix and Linux (`linux_audit`), of the Linux Auditd add-on (`linux:audit`) and of the data
    // sources in Splunk's security content (`auditd`), with the spellings seen beside them.
    sourcetype_aliases: &["linux:audit", "auditd", "linux:auditd", "linux_auditd", "linux_audit_log"],
    // Splunk's add-on for Unix and Linux writes to `os`; `linux`, `unix` and `auditd` are what sites use.
    index_aliases: &["auditd", "linux", "os", "unix"],
    fields: FIELDS,
    // `syscall` and `key` are counted once for each event, on the record that they stand in.
    telemetry: &[
        TelemetryField::of_all_rows("type"),
        TelemetryField { name: "syscall", rows: Some(("type", "SYSCALL")), decides: true },
        TelemetryField { name: "key", rows: Some(("type", "SYSCALL")), decides: false },
    ],
    origin: "auditd's log, /var/log/audit/",
    ..About::BASE
};

/// How many lines are looked at to recognise a log.
const SNIFFED: usize = 64;

/// The share of records among the first lines. A line with a header is not there by chance.
fn sniff(head: &[u8]) -> u8 {
    if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')) && !head.trim_ascii_start().starts_with(b"[ ") {
        return 0;
    }
    let (mut records, mut others) = (0, 0);
    let mut lines = head.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next()
        && records + others < SNIFFED
    {
        match header::parse(line.trim_ascii_end()) {
            header::Line::Record(_) => records += 1,
            header::Line::Nothing => {}
            // The head may end in the middle of a line.
            header::Line::Malformed(_) if lines.peek().is_none() && records > 0 => {}
            header::Line::Malformed(_) => others += 1,
        }
    }
    match records {
        0 => 0,
        _ => u8::try_from(1 + 98 * records / (records + others)).unwrap_or(99),
    }
}

/// The fields that searches can count on, and their meaning.
const FIELDS: &[(&str, &str)] = &[
    ("a0", "first argument of a program (EXECVE), decoded; the first register on a SYSCALL row"),
    ("acct", "account that a user-space record is about"),
    ("addr", "address that a user-space record names"),
    ("arch", "architecture of the system call, in hexadecimal"),
    ("argc", "number of arguments (EXECVE)"),
    ("auid", "login user's number, of the record or its event; 4294967295 is unset"),
    ("cmd", "command line (USER_CMD), decoded"),
    ("comm", "name of the process, at most 15 bytes; of the record or its event"),
    ("cwd", "working directory, of the record or its event"),
    ("egid", "effective group's number"),
    ("euid", "effective user's number, of the record or its event"),
    ("exe", "path of the program, of the record or its event"),
    ("exit", "result of the system call, of the record or its event"),
    ("gid", "group's number, of the record or its event"),
    ("hostname", "host that a user-space record names"),
    ("inode", "inode of a file (PATH)"),
    ("item", "number of a PATH record in its event"),
    ("key", "keys of the audit rules that matched, of the record or its event"),
    ("laddr", "IP address (SOCKADDR)"),
    ("lport", "port (SOCKADDR)"),
    ("mode", "type and permissions of a file, octal (PATH)"),
    ("name", "path of a file (PATH), decoded"),
    ("nametype", "part that a file plays: NORMAL, PARENT, CREATE, DELETE (PATH)"),
    ("op", "operation that a user-space or configuration record reports"),
    ("ouid", "number of a file's owner (PATH)"),
    ("path", "path of a unix socket (SOCKADDR), of a file (AVC); with @ an abstract socket"),
    ("pid", "process number, of the record or its event"),
    ("ppid", "parent's process number, of the record or its event"),
    ("process", "whole command line of the event, decoded, with a space between arguments (EXECVE)"),
    ("proctitle", "command line as the process shows it, at most 128 bytes (PROCTITLE), decoded"),
    ("res", "result that a user-space record reports"),
    ("saddr", "socket address in hexadecimal (SOCKADDR)"),
    ("saddr_fam", "address family: local, inet, inet6, netlink, … (SOCKADDR)"),
    ("ses", "login session's number, of the record or its event"),
    ("success", "whether the system call succeeded, yes or no; of the record or its event"),
    ("syscall", "system call by name, of the record or its event"),
    ("terminal", "terminal that a user-space record names"),
    ("tty", "terminal, of the record or its event"),
    ("type", "type of the record: SYSCALL, EXECVE, PATH, …"),
    ("uid", "user's number, of the record or its event"),
];
