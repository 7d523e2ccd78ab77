//! Reading a chunk: find the candidates, index their records, hand out the rows.
//!
//! With a filter, the expression that is likely to be rarest is looked for in the bytes; the stamps of the lines where
//! it is found are the candidates; then the headers of all lines are read (this also counts what is no record), the
//! remaining expressions are tried on the candidates' lines, and only the fields of rows that can match are parsed.
//! Without one, every stamp is a candidate.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memrchr};
use regex::bytes::Regex;

use super::each::{Each, Found, Home};
use super::event::{Fault, Index, REACH, Stamps, without_carriage_return};
use super::fields::Fields;
use super::header::{self, Line};
use super::prefilter;
use super::row::Rows;
use crate::format::{Prefilter, Several};
use crate::visitor::{Chunk, Malformed, Reason, RowVisitor};

/// How much of a chunk is indexed at a time, so that memory does not grow with the chunk.
const BATCH: usize = 32 << 20;

/// How much of a malformed line is shown.
const SAMPLE: usize = 512;

/// Reads the rows that start in `chunk.own`.
pub(super) fn read(chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor) {
    read_in_batches(chunk, filter, visitor, BATCH);
}

fn read_in_batches(chunk: &Chunk<'_>, filter: Option<&Prefilter>, visitor: &mut dyn RowVisitor, batch: usize) {
    let bytes = chunk.bytes;
    let end = chunk.own.end.min(bytes.len());
    let mut rows = Rows::new(bytes, chunk.offset, visitor);
    let mut at = chunk.own.start;
    while at < end {
        let next = end.min(at.saturating_add(batch));
        read_batch(chunk, at..next, filter, &mut rows);
        at = next;
    }
}

fn read_batch(chunk: &Chunk<'_>, own: Range<usize>, filter: Option<&Prefilter>, rows: &mut Rows<'_, '_>) {
    let bytes = chunk.bytes;
    let lines = line_start(bytes, own.start.saturating_sub(REACH))..line_end(bytes, own.end.saturating_add(REACH));
    if let Some(Several::Auditd(each)) = filter.and_then(|filter| filter.several.as_deref()) {
        return read_for_each(chunk, own, lines, each, rows);
    }
    let expressions = filter.map_or(&[][..], |filter| &filter.all);
    let candidates = match filter {
        Some(filter) if filter.nothing => Some(Stamps::new()),
        _ => expressions.first().map(|rarest| candidates(bytes, lines.clone(), rarest)),
    };
    let lines = match &candidates {
        // Only to count what is no record.
        Some(candidates) if candidates.is_empty() => {
            line_after(bytes, own.start)..line_end(bytes, own.end.saturating_sub(1))
        }
        _ => lines,
    };
    rows.forget();
    let visitor = rows.visitor();
    let index = Index::new(bytes, lines.clone(), candidates.as_ref(), chunk.last, |fault| {
        if own.contains(&fault.start) {
            report(chunk, &fault, visitor);
        }
    });
    if chunk.last && lines.end == bytes.len() {
        report_cut(chunk, &own, visitor);
    }
    let satisfied = satisfied(bytes, &index, expressions);
    let of_rows: Vec<_> = expressions.iter().filter(|expression| prefilter::is_own(expression)).collect();
    for (number, record) in index.records.iter().enumerate() {
        if own.contains(&record.start)
            && satisfied.as_ref().is_none_or(|satisfied| satisfied[index.stamp_of(number)])
            && of_rows.iter().all(|expression| expression.is_match(&bytes[record.start..record.end]))
        {
            rows.emit(&index, number);
        }
    }
}

/// Reads a batch for several conditions: what each record has of them is found in one walk over the lines; only the
/// events of which something can be wanted are indexed.
fn read_for_each(chunk: &Chunk<'_>, own: Range<usize>, lines: Range<usize>, each: &Each, rows: &mut Rows<'_, '_>) {
    let bytes = chunk.bytes;
    let (stamps, found) = wanted_stamps(bytes, lines.clone(), each);
    let lines = if stamps.is_empty() {
        line_after(bytes, own.start)..line_end(bytes, own.end.saturating_sub(1))
    } else {
        lines
    };
    rows.forget();
    let visitor = rows.visitor();
    let index = Index::new(bytes, lines.clone(), Some(&stamps), chunk.last, |fault| {
        if own.contains(&fault.start) {
            report(chunk, &fault, visitor);
        }
    });
    if chunk.last && lines.end == bytes.len() {
        report_cut(chunk, &own, visitor);
    }
    let mut fits = Vec::new();
    for (number, record) in index.records.iter().enumerate() {
        if !own.contains(&record.start) {
            continue;
        }
        let Line::Record(header) = header::parse(&bytes[record.start..record.end]) else { continue };
        if each.fits(Home::of(header.kind), &found[index.stamp_of(number)], &mut fits) {
            rows.visitor().fits(&fits);
            rows.emit(&index, number);
        }
    }
}

/// The stamps of events that can satisfy a condition, numbered, and by number what their records have.
fn wanted_stamps<'a>(bytes: &'a [u8], lines: Range<usize>, each: &Each) -> (Stamps<'a>, Vec<Found>) {
    let mut events: HashMap<&'a [u8], Found> = HashMap::new();
    // The records of an event mostly stand together.
    let (mut last, mut gathered): (&'a [u8], Found) = (b"", Found::default());
    let mut at = lines.start;
    while at < lines.end {
        let start = at;
        let newline = memchr(b'\n', &bytes[at..lines.end]).map(|length| at + length);
        let end = without_carriage_return(bytes, start, newline.unwrap_or(lines.end));
        at = newline.map_or(lines.end, |newline| newline + 1);
        let Line::Record(header) = header::parse_like(&bytes[start..end], last) else { continue };
        if !header.likely && header.id != last {
            keep(&mut events, last, &std::mem::take(&mut gathered), each);
            last = header.id;
        }
        let home = Home::of(header.kind);
        if each.looks_at(home) {
            each.look(home, &bytes[start + header.body..end], &mut gathered);
        }
    }
    keep(&mut events, last, &gathered, each);
    let mut stamps = Stamps::new();
    let mut found = Vec::new();
    for (id, event) in events {
        if each.any(&event)
            && let Ok(next) = u32::try_from(stamps.len())
        {
            stamps.insert(id, next);
            found.push(event);
        }
    }
    (stamps, found)
}

/// Puts what was found in some records of an event to what is known of it.
fn keep<'a>(events: &mut HashMap<&'a [u8], Found>, id: &'a [u8], gathered: &Found, each: &Each) {
    if !gathered.is_empty() || (each.takes_all() && !id.is_empty()) {
        events.entry(id).or_default().merge(gathered);
    }
}

/// The stamps of the lines in which `expression` is found.
fn candidates<'a>(bytes: &'a [u8], lines: Range<usize>, expression: &Regex) -> Stamps<'a> {
    let mut stamps = Stamps::new();
    let region = &bytes[..lines.end];
    let mut at = lines.start;
    while at < region.len()
        && let Some(hit) = expression.find_at(region, at)
    {
        let start = memrchr(b'\n', &region[at..hit.start()]).map_or(at, |newline| at + newline + 1);
        let newline = memchr(b'\n', &region[hit.start()..]).map(|length| hit.start() + length);
        let end = without_carriage_return(region, start, newline.unwrap_or(region.len()));
        at = newline.map_or(region.len(), |newline| newline + 1);
        if let Line::Record(header) = header::parse(&region[start..end])
            && let Ok(next) = u32::try_from(stamps.len())
        {
            stamps.entry(header.id).or_insert(next);
        }
    }
    stamps
}

/// By stamp, whether each of the expressions but the first, which made it a candidate, is found in one of its records.
fn satisfied(bytes: &[u8], index: &Index, expressions: &[Regex]) -> Option<Vec<bool>> {
    let others = expressions.get(1..).filter(|others| !others.is_empty())?;
    let found = |stamp: usize, expression: &Regex| {
        index.of_stamp(stamp).any(|record| expression.is_match(&bytes[record.start..record.end]))
    };
    Some((0..index.stamps()).map(|stamp| others.iter().all(|expression| found(stamp, expression))).collect())
}

fn report(chunk: &Chunk<'_>, fault: &Fault, visitor: &mut dyn RowVisitor) {
    visitor.malformed(&Malformed {
        reason: fault.reason,
        offset: chunk.offset + fault.start as u64,
        sample: &chunk.bytes[fault.start..fault.end.min(fault.start + SAMPLE)],
    });
}

/// Reports the last line of the log if it was cut inside a quoted value. It is a row all the same: what stands in it
/// is evidence.
fn report_cut(chunk: &Chunk<'_>, own: &Range<usize>, visitor: &mut dyn RowVisitor) {
    let start = line_start(chunk.bytes, chunk.bytes.len());
    if !own.contains(&start) {
        return;
    }
    let end = chunk.bytes.len();
    if let Line::Record(header) = header::parse(&chunk.bytes[start..end]) {
        let mut fields = Fields::new(&chunk.bytes[start..end], header.body);
        while fields.next().is_some() {}
        if fields.is_cut() {
            report(chunk, &Fault { reason: Reason::Truncated, start, end }, visitor);
        }
    }
}

/// The start of the line that `at` is in.
fn line_start(bytes: &[u8], at: usize) -> usize {
    memrchr(b'\n', &bytes[..at.min(bytes.len())]).map_or(0, |newline| newline + 1)
}

/// The first line start that is not before `at`.
fn line_after(bytes: &[u8], at: usize) -> usize {
    if at == 0 { 0 } else { line_end(bytes, at - 1) }
}

/// The end of the line that `at` is in, after its line end.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr(b'\n', rest).map_or(bytes.len(), |length| at + length + 1)
}
