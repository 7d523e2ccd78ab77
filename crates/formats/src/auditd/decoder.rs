//! Following an audit log: records are held until their event is complete, then handed out in the order of the log.
//!
//! An event ends at its EOE record; at its PROCTITLE, which the kernel writes last, once it has a SYSCALL record; at once, if it
//! is a user-space record, which is an event of its own; or when the log has come to a record two seconds newer, as for ausearch
//! and laurel. What is held is bounded: beyond 4 MiB records would not be joined in a file either. A record that comes after
//! its event has ended takes from those before it, but those have been handed out without it.

use std::collections::{HashMap, VecDeque};

use super::event::REACH;
use super::header::{self, Header, Line};
use super::read;
use super::record_type::{self, Kind};
use crate::decoder::{Decoder, Tail};
use crate::documents::Splitter;
use crate::visitor::{Chunk, RowVisitor};

/// How much newer, in microseconds, a record is after which none is expected of an event.
const PATIENCE: i64 = 2_000_000;

/// What is known of an event whose records are at hand.
#[derive(Debug)]
struct Event {
    /// Where its first record begins and its last one ends, in the log.
    first: u64,
    end: u64,
    time: Option<i64>,
    node: Option<Vec<u8>>,
    /// Whether its records name different nodes, so that they may be of several events.
    mixed: bool,
    has_syscall: bool,
    complete: bool,
}

/// A line that has not been handed out: where it ends in the log, and the stamp of its event if it is a record.
#[derive(Debug)]
struct Held {
    end: u64,
    stamp: Option<Vec<u8>>,
}

/// Follows an audit log.
#[derive(Debug, Default)]
pub(super) struct AuditdDecoder {
    /// The lines that are held, and before them those that the records of their events may be joined with.
    tail: Tail,
    /// Up to where lines have been looked at, and handed out.
    looked_at: u64,
    handed_out: u64,
    held: VecDeque<Held>,
    events: HashMap<Vec<u8>, Event>,
    /// The newest times among the lines that are held, each with where its line ends: that of all, then that of those behind
    /// it, and so on. In a log that is not in the order of time a line says nothing about those before it.
    newest: VecDeque<(u64, i64)>,
}

impl Decoder for AuditdDecoder {
    fn push(&mut self, bytes: &[u8], visitor: &mut dyn RowVisitor) {
        self.tail.push(bytes);
        self.look_at_lines();
        self.hand_out(false, visitor);
        if self.tail.bytes().len() - self.at(self.looked_at) > Splitter::LIMIT {
            // Nothing is joined over such a distance.
            self.hand_out(true, visitor);
            self.tail.discard_long_line(self.at(self.looked_at), Splitter::LIMIT, visitor);
            let place = self.tail.offset();
            let (tail, looked_at, handed_out) = (std::mem::take(&mut self.tail), place, place);
            *self = Self { tail, looked_at, handed_out, ..Self::default() };
        }
    }

    fn finish(&mut self, visitor: &mut dyn RowVisitor) {
        let own = self.at(self.handed_out)..self.tail.bytes().len();
        let chunk = Chunk { bytes: self.tail.bytes(), offset: self.tail.offset(), own, last: true };
        read::read(&chunk, None, visitor);
        *self = Self::default();
    }
}

impl AuditdDecoder {
    /// Where a place of the log stands in the bytes at hand.
    fn at(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.tail.offset())).unwrap_or(usize::MAX).min(self.tail.bytes().len())
    }

    /// Reads the headers of the lines that have become whole.
    fn look_at_lines(&mut self) {
        let whole = self.tail.whole_lines();
        let offset = self.tail.offset();
        let mut at = self.at(self.looked_at);
        while at < whole
            && let Some(length) = memchr::memchr(b'\n', &self.tail.bytes()[at..whole])
        {
            let (start, end) = (offset + at as u64, offset + (at + length + 1) as u64);
            let line = &self.tail.bytes()[at..at + length];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let stamp = match header::parse(line) {
                Line::Record(header) => {
                    if let Some(time) = header::time(header.id) {
                        while self.newest.pop_back_if(|(_, other)| *other <= time).is_some() {}
                        self.newest.push_back((end, time));
                    }
                    Some(observe(&mut self.events, &header, start, end))
                }
                Line::Nothing | Line::Malformed(_) => None,
            };
            self.held.push_back(Held { end, stamp });
            at += length + 1;
        }
        self.looked_at = offset + at as u64;
    }

    /// Hands out the lines before the first one whose event is not complete, or all.
    fn hand_out(&mut self, all: bool, visitor: &mut dyn RowVisitor) {
        let limit = self.looked_at.saturating_sub(REACH as u64);
        let (mut first, mut last, mut end) = (self.handed_out, self.handed_out, self.handed_out);
        while let Some(held) = self.held.front() {
            if let Some(event) = held.stamp.as_ref().and_then(|stamp| self.events.get(stamp)) {
                let newest = self.newest.front().map_or(i64::MIN, |(_, time)| *time);
                if !all && !event.is_complete(newest) && held.end > limit {
                    break;
                }
                (first, last) = (first.min(event.first), last.max(event.end));
            }
            end = held.end;
            self.newest.pop_front_if(|(line, _)| *line <= end);
            self.held.pop_front();
        }
        if end == self.handed_out {
            return;
        }
        let bytes = &self.tail.bytes()[..self.at(last.max(end))];
        let from = self.at(first);
        let own = self.at(self.handed_out) - from..self.at(end) - from;
        let offset = self.tail.offset() + from as u64;
        read::read(&Chunk { bytes: &bytes[from..], offset, own, last: false }, None, visitor);
        self.handed_out = end;
        self.drop_context();
    }

    /// Drops lines that nothing is joined with any more, now and then, so that each byte is moved once or twice.
    fn drop_context(&mut self) {
        let kept = self.handed_out.saturating_sub(REACH as u64);
        if self.at(kept) <= REACH {
            return;
        }
        let start = memchr::memchr(b'\n', &self.tail.bytes()[self.at(kept)..]).map_or(0, |newline| newline + 1);
        self.tail.discard(self.at(kept) + start);
        let offset = self.tail.offset();
        self.events.retain(|_, event| event.end > offset);
        self.events.values_mut().for_each(|event| event.first = event.first.max(offset));
    }
}

/// Adds a record to its event. Returns its stamp.
fn observe(events: &mut HashMap<Vec<u8>, Event>, header: &Header<'_>, start: u64, end: u64) -> Vec<u8> {
    let time = header::time(header.id);
    let node = header.node.map(<[u8]>::to_vec);
    let event = events.entry(header.id.to_vec()).or_insert_with(|| Event {
        first: start,
        end,
        time,
        node: node.clone(),
        mixed: false,
        has_syscall: false,
        complete: false,
    });
    event.end = end;
    event.mixed |= event.node != node;
    event.has_syscall |= Kind::of(header.kind) == Kind::Syscall;
    event.complete |= match &*record_type::name(header.kind) {
        "EOE" => true,
        "PROCTITLE" => event.has_syscall,
        _ => record_type::is_of_user_space(header.kind),
    };
    header.id.to_vec()
}

impl Event {
    /// A stamp that is masked has no time; what ends its event is a record, or that no more is held.
    fn is_complete(&self, newest: i64) -> bool {
        (self.complete && !self.mixed) || self.time.is_some_and(|time| time.saturating_add(PATIENCE) <= newest)
    }
}
