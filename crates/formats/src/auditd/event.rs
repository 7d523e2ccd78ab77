//! Which records belong together: an index of the lines of a stretch of a log.
//!
//! The records of an event share the stamp `audit(SECONDS.MILLIS:SERIAL)` and the node. They can be interleaved with
//! others' and come in any order (ausearch reverses them). Only positions are kept, never text. Two records more
//! than [`REACH`] bytes or [`NEIGHBOURS`] records of the same stamp apart are not joined, so that a log may be cut
//! anywhere and hostile input stays cheap. Nothing here looks at fields.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;
use memchr::memchr;

use super::header::{self, Header, Line};
use super::record_type::Kind;
use crate::visitor::Reason;

/// How far apart, in bytes of the log, the records of an event may begin.
pub(super) const REACH: usize = 4 << 20;

/// How many records of an event, before and after, a record is joined with. The longest command line that the kernel
/// allows takes some 600 records.
pub(super) const NEIGHBOURS: usize = 1024;

/// A record of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Where its line starts and, without its line end, ends.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the fields begin in its line.
    pub(super) body: usize,
    /// Number of its stamp.
    pub(super) stamp: u32,
    /// A hash of its node's name; 0 if it has none.
    node: u32,
    pub(super) kind: Kind,
}

/// The stamps whose records are looked for, numbered.
pub(super) type Stamps<'a> = HashMap<&'a [u8], u32, RandomState>;

/// The records of a stretch, by stamp.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// In the order of the log.
    pub(super) records: Vec<Record>,
    /// Record numbers, by stamp, in the order of the log.
    members: Vec<u32>,
    /// Where the records of each stamp begin in `members`; one more at the end.
    firsts: Vec<u32>,
    /// Whether some record of the stamp names a node.
    nodes: Vec<bool>,
}

/// The records that a record is joined with: the numbers of its stamp's, and whether they are all compatible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// A range of [`Index::members`].
    members: Range<usize>,
    /// The node of the record at the centre.
    node: u32,
}

/// A line that is no record.
pub(super) struct Fault {
    pub(super) reason: Reason,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Callbacks of the walk over lines.
pub(super) trait Seen<'a> {
    /// A line starts.
    fn line(&mut self, _start: usize) {}
    /// A line is no record.
    fn fault(&mut self, fault: Fault);
    /// A record that is kept, and the bytes behind its stamp.
    fn record(&mut self, _record: &Record, _body: &'a [u8]) {}
}

/// Lines to walk over.
struct Lines<'a> {
    bytes: &'a [u8],
    /// Whether the log ends where `bytes` ends.
    complete: bool,
    records: Vec<Record>,
}

impl<'a> Lines<'a> {
    /// Reads the headers of `lines`, which start at a line start, and keeps the records whose stamps have a number.
    fn walk(&mut self, lines: Range<usize>, mut number: impl FnMut(&'a [u8]) -> Option<u32>, seen: &mut impl Seen<'a>) {
        let bytes = self.bytes;
        let mut last: (&[u8], Option<u32>) = (b"", None);
        let mut at = lines.start;
        while at < lines.end {
            let start = at;
            let newline = memchr(b'\n', &bytes[at..lines.end]).map(|length| at + length);
            let end = without_carriage_return(bytes, start, newline.unwrap_or(lines.end));
            at = newline.map_or(lines.end, |newline| newline + 1);
            seen.line(start);
            let header = match header::parse_like(&bytes[start..end], last.0) {
                Line::Record(header) => header,
                Line::Nothing => continue,
                Line::Malformed(reason) => {
                    let cut = newline.is_none() && self.complete && may_be_cut(&bytes[start..end], reason);
                    seen.fault(Fault { reason: if cut { Reason::Truncated } else { reason }, start, end });
                    continue;
                }
            };
            if !header.likely && header.id != last.0 {
                last = (header.id, number(header.id));
            }
            if let Some(stamp) = last.1 {
                let record = Record::new(start, end, stamp, &header);
                seen.record(&record, &bytes[start + header.body..end]);
                self.records.push(record);
            }
        }
    }
}

impl Index {
    /// The records in `lines`, a range of `bytes` that starts at a line start. Given `wanted`, only records with one of
    /// these stamps are kept. `complete` says that the log ends where `bytes` ends.
    pub(super) fn new<'a>(
        bytes: &'a [u8],
        lines: Range<usize>,
        wanted: Option<&Stamps<'a>>,
        complete: bool,
        seen: &mut impl Seen<'a>,
    ) -> Self {
        let mut walked = Lines { bytes, complete, records: Vec::new() };
        let mut own = Stamps::default();
        match wanted {
            Some(wanted) => walked.walk(lines, |id| wanted.get(id).copied(), seen),
            None => walked.walk(lines, |id| number_of(id, &mut own), seen),
        }
        Self::of(walked.records, wanted.map_or(own.len(), Stamps::len))
    }

    /// The records in `own`, and around it in `lines` those of the same events. Both start and end at lines.
    pub(super) fn around<'a>(
        bytes: &'a [u8],
        lines: Range<usize>,
        own: Range<usize>,
        complete: bool,
        seen: &mut impl Seen<'a>,
    ) -> Self {
        let mut stamps = Stamps::default();
        let mut walked = Lines { bytes, complete, records: Vec::new() };
        walked.walk(own.clone(), |id| number_of(id, &mut stamps), seen);
        let within = walked.records.len();
        walked.walk(lines.start..own.start, |id| stamps.get(id).copied(), seen);
        walked.records.rotate_left(within);
        walked.walk(own.end..lines.end, |id| stamps.get(id).copied(), seen);
        Self::of(walked.records, stamps.len())
    }

    /// Of records in the order of the log.
    fn of(records: Vec<Record>, stamps: usize) -> Self {
        let mut index = Self { records, ..Self::default() };
        index.group(stamps);
        index
    }

    fn group(&mut self, stamps: usize) {
        self.nodes = vec![false; stamps];
        self.firsts = vec![0; stamps + 1];
        for record in &self.records {
            self.firsts[record.stamp as usize + 1] += 1;
            self.nodes[record.stamp as usize] |= record.node != 0;
        }
        for stamp in 0..stamps {
            self.firsts[stamp + 1] += self.firsts[stamp];
        }
        let mut next = self.firsts.clone();
        self.members = vec![0; self.records.len()];
        for (number, record) in (0_u32..).zip(&self.records) {
            let place = &mut next[record.stamp as usize];
            self.members[*place as usize] = number;
            *place += 1;
        }
    }

    /// How many stamps there are.
    pub(super) fn stamps(&self) -> usize {
        self.nodes.len()
    }

    /// The records with this stamp, whatever their node and place.
    pub(super) fn of_stamp(&self, stamp: usize) -> impl Iterator<Item = &Record> {
        let range = self.firsts[stamp] as usize..self.firsts[stamp + 1] as usize;
        self.members[range].iter().map(|number| &self.records[*number as usize])
    }

    /// Number of the stamp of a record.
    pub(super) fn stamp_of(&self, record: usize) -> usize {
        self.records[record].stamp as usize
    }

    /// Whether any record with this record's stamp names a node.
    pub(super) fn has_node(&self, record: usize) -> bool {
        self.nodes[self.stamp_of(record)]
    }

    /// The records that this one is joined with.
    pub(super) fn view(&self, record: usize) -> View {
        let centre = &self.records[record];
        let stamp = centre.stamp as usize;
        let (first, end) = (self.firsts[stamp] as usize, self.firsts[stamp + 1] as usize);
        let start_of = |member: usize| self.records[self.members[member] as usize].start;
        let members = if end - first <= NEIGHBOURS && start_of(end - 1) - start_of(first) <= REACH {
            first..end
        } else {
            let place = first + self.members[first..end].partition_point(|number| (*number as usize) < record);
            let low = first.max(place.saturating_sub(NEIGHBOURS));
            let high = end.min(place + NEIGHBOURS + 1);
            let too_far = |number: &u32| self.records[*number as usize].start + REACH < centre.start;
            let near = |number: &u32| self.records[*number as usize].start <= centre.start + REACH;
            low + self.members[low..place].partition_point(too_far)
                ..place + self.members[place..high].partition_point(near)
        };
        View { members, node: centre.node }
    }

    /// The numbers of a view's records, in the order of the log. Records of different nodes are of different events; a
    /// record without a node goes with any.
    pub(super) fn members(&self, view: &View) -> impl Iterator<Item = usize> {
        let node = view.node;
        self.members[view.members.clone()].iter().map(|number| *number as usize).filter(move |number| {
            node == 0 || matches!(self.records[*number].node, other if other == 0 || other == node)
        })
    }
}

impl Record {
    /// Whether it has `node=`.
    pub(super) fn names_node(&self) -> bool {
        self.node != 0
    }

    fn new(start: usize, end: usize, stamp: u32, header: &Header<'_>) -> Self {
        let node = header.node.map_or(0, |node| {
            let mut hasher = DefaultHasher::new();
            node.hash(&mut hasher);
            #[expect(clippy::cast_possible_truncation, reason = "the low half of a hash is a hash")]
            let low = hasher.finish() as u32;
            low.max(1)
        });
        Self { start, end, body: header.body, stamp, node, kind: Kind::of(header.kind) }
    }
}

fn number_of<'a>(id: &'a [u8], stamps: &mut Stamps<'a>) -> Option<u32> {
    let next = u32::try_from(stamps.len()).ok()?;
    Some(*stamps.entry(id).or_insert(next))
}

/// The end of the line without `\r`.
pub(super) fn without_carriage_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

fn may_be_cut(line: &[u8], reason: Reason) -> bool {
    reason == Reason::BadStamp || header::may_be_cut(line)
}
