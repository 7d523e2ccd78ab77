//! One record as a row: its own fields, and what its event knows besides.
//!
//! A row has every field of its record. Where the record lacks them, it has `auid`, `pid`, `exe` and their like
//! ([`INHERITED`]) from the event's SYSCALL record and `cwd` from its CWD record; an EXECVE row has the event's
//! whole command line as `process`. A SYSCALL record's `a0`…`a3` are registers and stay on its own row. A value is
//! decoded only if the visitor wants it.

use super::command_line::{self, CommandLine};
use super::event::{Index, View};
use super::fields::{Field, Fields, Form, number_of};
use super::header::{self, Header, Line};
use super::names::{CWD, INHERITED, KEY, Name, Names, SYSCALL};
use super::record_type::{self, Kind};
use super::value::{self, Class};
use super::{sockaddr, syscalls};
use crate::visitor::{RowMeta, RowVisitor, Slot};

/// A longer value is not repeated on the event's other rows. Paths and keys are at most 4 KiB, 8 KiB encoded.
const LONGEST_INHERITED: usize = 16 << 10;

/// How many bytes the command lines of one event may take on all its EXECVE rows together; later rows go without.
/// Without a limit, a hostile log's output would be the square of its size.
const COMMAND_LINES: usize = 64 << 20;

/// Hands the records of a stretch of a log to a visitor.
pub(super) struct RowEmitter<'r, 'a> {
    bytes: &'a [u8],
    offset: u64,
    visitor: &'r mut dyn RowVisitor,
    names: Names,
    derived: Option<Derived>,
    joined: Joined<'a>,
    decoded: Vec<u8>,
}

/// Where the visitor wants what no record has under this name.
#[derive(Clone, Copy)]
struct Derived {
    kind: Option<Slot>,
    process: Option<Slot>,
    address: [Option<Slot>; sockaddr::NAMES.len()],
    any_address: bool,
    inherited: [Option<Slot>; INHERITED.len()],
    /// The bits of those that are wanted.
    mask: u16,
}

/// What an event knows, found when first asked for.
#[derive(Default)]
struct Joined<'a> {
    view: Option<View>,
    syscall: Option<usize>,
    cwd: Option<usize>,
    node: Option<usize>,
    /// EXECVE records, and their bytes.
    execves: Vec<usize>,
    execve_bytes: usize,
    inherited: Option<Vec<(usize, &'a [u8], Form)>>,
    command_line: Option<CommandLine<'a>>,
    process: Option<String>,
}

/// What a record's own fields left to be done.
#[derive(Default)]
struct Own<'a> {
    /// The bits of the inheritable fields that the record has.
    seen: u16,
    call: Call<'a>,
}

/// A system call as a record has it.
#[derive(Default)]
struct Call<'a> {
    arch: &'a [u8],
    number: &'a [u8],
    name: &'a [u8],
}

impl<'a> Call<'a> {
    fn note(&mut self, class: Class, value: &'a [u8]) {
        match class {
            Class::Arch => self.arch = value,
            Class::Syscall => self.number = value,
            Class::SyscallName => self.name = value,
            _ => {}
        }
    }

    /// The name, by number or else as auditd resolved it; the number if nobody knows.
    fn resolve(&self) -> &'a [u8] {
        match syscalls::name(self.arch, self.number) {
            Some(name) => name.as_bytes(),
            None if !self.name.is_empty() && !self.name.starts_with(b"unknown") => self.name,
            None => self.number,
        }
    }
}

impl<'r, 'a> RowEmitter<'r, 'a> {
    /// Rows of a log, of which `bytes` are at hand, for `visitor`. `bytes` start at `offset` of the file.
    pub(super) fn new(bytes: &'a [u8], offset: u64, visitor: &'r mut dyn RowVisitor) -> Self {
        let joined = Joined::default();
        Self { bytes, offset, visitor, names: Names::new(), derived: None, joined, decoded: Vec::new() }
    }

    /// The visitor, for what is no row.
    pub(super) fn visitor(&mut self) -> &mut dyn RowVisitor {
        self.visitor
    }

    /// Another index is used from now on.
    pub(super) fn forget(&mut self) {
        self.joined = Joined::default();
    }

    /// Hands out record `number` of `index`.
    pub(super) fn emit(&mut self, index: &Index, number: usize) {
        let Some((line, header)) = self.header(index, number) else {
            return;
        };
        let record = index.records[number];
        let node = header.node.or_else(|| self.node_of_event(index, number));
        let host = node.map(value::text);
        self.visitor.start(&RowMeta {
            raw: line,
            offset: self.offset + record.start as u64,
            time: header::time(header.id),
            host: host.as_deref(),
            event_id: std::str::from_utf8(header.id).unwrap_or_default(),
        });
        let derived = self.derived();
        if let Some(slot) = derived.kind
            && !header.kind.is_empty()
        {
            self.visitor.value(slot, &record_type::name(header.kind));
        }
        let own = self.own_fields(index, number, line, header.body);
        if own.seen & 1 << SYSCALL != 0
            && let Some(slot) = derived.inherited[SYSCALL]
        {
            self.give(slot, Class::Plain, own.call.resolve(), Form::Bare);
        }
        let missing = derived.mask & !own.seen;
        if missing != 0 {
            self.inherit(index, number, missing);
        }
        if record.kind == Kind::Execve
            && let Some(slot) = derived.process
        {
            self.process(index, number, slot);
        }
        self.visitor.end();
    }

    fn header(&self, index: &Index, number: usize) -> Option<(&'a [u8], Header<'a>)> {
        let record = index.records.get(number)?;
        let line = &self.bytes[record.start..record.end];
        match header::parse(line) {
            Line::Record(header) => Some((line, header)),
            _ => None,
        }
    }

    fn derived(&mut self) -> Derived {
        let visitor = &mut *self.visitor;
        *self.derived.get_or_insert_with(|| {
            let address = sockaddr::NAMES.map(|name| visitor.wants(name));
            let inherited = INHERITED.map(|name| visitor.wants(name));
            let bits = inherited.iter().enumerate().map(|(at, slot)| u16::from(slot.is_some()) << at);
            Derived {
                kind: visitor.wants("type"),
                process: visitor.wants("process"),
                any_address: address.iter().any(Option::is_some),
                mask: bits.sum(),
                address,
                inherited,
            }
        })
    }

    fn own_fields(&mut self, index: &Index, number: usize, line: &'a [u8], body: usize) -> Own<'a> {
        let mut own = Own::default();
        let execve = index.records[number].kind == Kind::Execve;
        for Field { key, number: key_number, value, form } in Fields::new(line, body) {
            let name = self.names.get(key, key_number, self.visitor);
            own.seen |= name.bit;
            if execve && name.argument {
                self.argument(index, number, key, value, form, name);
                continue;
            }
            match name.class {
                Class::Syscall => own.call.note(name.class, value),
                Class::Saddr => self.address(value, form, name),
                class => {
                    own.call.note(class, value);
                    if let Some(slot) = name.slot {
                        self.give(slot, class, value, form);
                    }
                }
            }
        }
        own
    }

    fn give(&mut self, slot: Slot, class: Class, value: &[u8], form: Form) {
        if value::is_absent(value, form) {
            return;
        }
        self.decoded.clear();
        match class {
            Class::Text if form == Form::Bare => {
                value::decode_text(value, form, &mut self.decoded);
                self.visitor.value(slot, &value::text(&self.decoded));
            }
            Class::Key => {
                value::decode_text(value, form, &mut self.decoded);
                for key in self.decoded.split(|byte| *byte == 1).filter(|key| !key.is_empty()) {
                    self.visitor.value(slot, &value::text(key));
                }
            }
            Class::Proctitle if form == Form::Bare && value::decode_hex(value, &mut self.decoded) => {
                let end = self.decoded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                self.decoded.truncate(end);
                self.decoded.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
                self.visitor.value(slot, &value::text(&self.decoded));
            }
            _ => self.visitor.value(slot, &value::text(value)),
        }
    }

    /// An argument of EXECVE. A long one is handed out whole where its first piece stands.
    fn argument(&mut self, index: &Index, number: usize, key: &[u8], value: &'a [u8], form: Form, name: Name) {
        let (argument, piece) = match command_line::argument(key) {
            Some((argument, Some(piece))) => (argument, piece),
            whole => {
                if let Some(slot) = name.slot {
                    let class = if whole.is_some() { Class::Text } else { Class::Plain };
                    self.give(slot, class, value, form);
                }
                return;
            }
        };
        let whole = format!("a{argument}");
        let name = self.names.get(whole.as_bytes(), number_of(whole.as_bytes(), 0, whole.len()), self.visitor);
        let Some(slot) = name.slot else {
            return;
        };
        if !self.within_limit(index, number) {
            return;
        }
        let command_line = self.joined.command_line.get_or_insert_with(|| {
            CommandLine::new(self.joined.execves.iter().map(|number| body_of(self.bytes, index, *number)))
        });
        if command_line.first_piece(argument) == Some(piece) {
            self.decoded.clear();
            command_line.write_argument(argument, &mut self.decoded);
            self.visitor.value(slot, &value::text(&self.decoded));
        }
    }

    fn process(&mut self, index: &Index, number: usize, slot: Slot) {
        if !self.within_limit(index, number) {
            return;
        }
        let command_line = self.joined.command_line.get_or_insert_with(|| {
            CommandLine::new(self.joined.execves.iter().map(|number| body_of(self.bytes, index, *number)))
        });
        let decoded = &mut self.decoded;
        let process = self.joined.process.get_or_insert_with(|| {
            decoded.clear();
            command_line.write(decoded);
            value::text(decoded).into_owned()
        });
        self.visitor.value(slot, process);
    }

    /// Whether the command line may be handed out once more on this record's row.
    fn within_limit(&mut self, index: &Index, number: usize) -> bool {
        self.join(index, number);
        let before = self.joined.execves.partition_point(|other| *other < number);
        before.saturating_mul(self.joined.execve_bytes) <= COMMAND_LINES
    }

    fn address(&mut self, value: &'a [u8], form: Form, name: Name) {
        if let Some(slot) = name.slot {
            self.give(slot, Class::Plain, value, form);
        }
        let derived = self.derived();
        if form == Form::Braced {
            // Text that ausearch has already interpreted.
            for Field { key, number, value, form } in Fields::new(value.strip_suffix(b"}").unwrap_or(value), 1) {
                let name = self.names.get(key, number, self.visitor);
                if let Some(slot) = name.slot {
                    self.give(slot, Class::Plain, value, form);
                }
            }
            return;
        }
        self.decoded.clear();
        if derived.any_address && value::decode_hex(value, &mut self.decoded) {
            sockaddr::decode(&self.decoded, |part, value| {
                if let Some(slot) = derived.address[part] {
                    self.visitor.value(slot, value);
                }
            });
        }
    }

    fn node_of_event(&mut self, index: &Index, number: usize) -> Option<&'a [u8]> {
        if !index.has_node(number) {
            return None;
        }
        self.join(index, number);
        let (_, header) = self.header(index, self.joined.node?)?;
        header.node
    }

    /// Finds what belongs to a record, unless it is the same as for the one before.
    fn join(&mut self, index: &Index, number: usize) {
        let view = index.view(number);
        if self.joined.view.as_ref() == Some(&view) {
            return;
        }
        let mut execves = std::mem::take(&mut self.joined.execves);
        execves.clear();
        let mut joined = Joined { execves, ..Joined::default() };
        for member in index.members(&view) {
            let record = &index.records[member];
            match record.kind {
                Kind::Syscall => joined.syscall = joined.syscall.or(Some(member)),
                Kind::Cwd => joined.cwd = joined.cwd.or(Some(member)),
                Kind::Execve => {
                    joined.execves.push(member);
                    joined.execve_bytes += record.end - record.start;
                }
                Kind::Path | Kind::Sockaddr | Kind::Other => {}
            }
            if joined.node.is_none() && record.names_node() {
                joined.node = Some(member);
            }
        }
        joined.view = Some(view);
        self.joined = joined;
    }

    fn inherit(&mut self, index: &Index, number: usize, missing: u16) {
        self.join(index, number);
        let derived = self.derived();
        let own_syscall = index.records[number].kind == Kind::Syscall;
        if self.joined.inherited.is_none() {
            self.joined.inherited = Some(self.gather(index, derived.mask));
        }
        let inherited = self.joined.inherited.take().unwrap_or_default();
        for (at, value, form) in &inherited {
            let from_cwd = *at == CWD;
            if missing & 1 << at == 0 || (own_syscall && !from_cwd) {
                continue;
            }
            if let Some(slot) = derived.inherited[*at] {
                let class = if *at == SYSCALL { Class::Plain } else { Class::of(INHERITED[*at].as_bytes()) };
                self.give(slot, class, value, *form);
            }
        }
        self.joined.inherited = Some(inherited);
    }

    /// The wanted fields of the event's SYSCALL and CWD records. Several keys are several values; of another field
    /// the first counts.
    fn gather(&mut self, index: &Index, mask: u16) -> Vec<(usize, &'a [u8], Form)> {
        let mut found = Vec::new();
        let mut seen = 0_u16;
        let mut call = Call::default();
        let wants_call = mask & 1 << SYSCALL != 0;
        let several = mask & 1 << KEY != 0;
        let last = mask & !(1 << CWD);
        if let Some((line, body)) = self.joined.syscall.map(|number| body_of(self.bytes, index, number))
            && last != 0
        {
            for Field { key, number, value, form } in Fields::new(line, body) {
                let name = self.names.get(key, number, self.visitor);
                call.note(name.class, value);
                let bit = name.bit & last;
                if bit == 0 || (seen & bit != 0 && bit != 1 << KEY) || value.len() > LONGEST_INHERITED {
                    continue;
                }
                seen |= bit;
                if bit != 1 << SYSCALL {
                    found.push((bit.trailing_zeros() as usize, value, form));
                }
                if seen == last && !several && !wants_call {
                    break;
                }
            }
            if seen & 1 << SYSCALL != 0 {
                found.push((SYSCALL, call.resolve(), Form::Bare));
            }
        }
        if let Some((line, body)) = self.joined.cwd.map(|number| body_of(self.bytes, index, number))
            && mask & 1 << CWD != 0
        {
            let cwd = Fields::new(line, body).find(|field| field.key == b"cwd");
            found.extend(cwd.filter(|field| field.value.len() <= LONGEST_INHERITED).map(|f| (CWD, f.value, f.form)));
        }
        found
    }
}

/// A record's line, and where the fields begin in it.
fn body_of<'a>(bytes: &'a [u8], index: &Index, number: usize) -> (&'a [u8], usize) {
    let record = &index.records[number];
    (&bytes[record.start..record.end], record.body)
}
