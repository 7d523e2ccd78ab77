//! Reading a chunk: find the candidates, index their records, hand out the rows.
//!
//! With a filter, the expression that is likely to be rarest is looked for in the bytes; the stamps of the lines where
//! it is found are the candidates; then the headers of all lines are read (this also counts what is no record), the
//! remaining expressions are tried on the candidates' lines, and only the fields of rows that can match are parsed.
//! Without one, every stamp is a candidate.

use std::ops::Range;

use memchr::{memchr, memrchr};
use regex::bytes::Regex;

use super::event::{Fault, Index, REACH, Record, Seen, Stamps, without_carriage_return};
use super::fields::Fields;
use super::header::{self, Line};
use super::row::RowEmitter;
use crate::format::{Needle, Prefilter};
use crate::rule_filter::{Found, Matcher, RuleFilter};
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
    let mut rows = RowEmitter::new(bytes, chunk.offset, visitor);
    let mut at = chunk.own.start;
    while at < end {
        let next = end.min(at.saturating_add(batch));
        read_batch(chunk, at..next, filter, &mut rows);
        at = next;
    }
}

fn read_batch(chunk: &Chunk<'_>, own: Range<usize>, filter: Option<&Prefilter>, rows: &mut RowEmitter<'_, '_>) {
    let bytes = chunk.bytes;
    let lines = line_start(bytes, own.start.saturating_sub(REACH))..line_end(bytes, own.end.saturating_add(REACH));
    if let Some(rules) = filter.and_then(|filter| filter.rules.as_deref()) {
        return read_for_rules(chunk, own, lines, rules, rows);
    }
    let expressions = filter.map_or(&[][..], |filter| &filter.all);
    let candidates = match filter {
        Some(filter) if filter.nothing => Some(Stamps::default()),
        _ => expressions.first().map(|rarest| candidates(bytes, lines.clone(), &rarest.expression)),
    };
    let lines = match &candidates {
        // Only to count what is no record.
        Some(candidates) if candidates.is_empty() => {
            line_after(bytes, own.start)..line_end(bytes, own.end.saturating_sub(1))
        }
        _ => lines,
    };
    rows.forget();
    let mut faults = Faults { chunk, own: own.clone(), visitor: rows.visitor() };
    let index = Index::new(bytes, lines.clone(), candidates.as_ref(), chunk.last, &mut faults);
    if chunk.last && lines.end == bytes.len() {
        report_cut(chunk, &own, rows.visitor());
    }
    let satisfied = satisfied(bytes, &index, expressions);
    let in_row: Vec<_> = expressions.iter().filter(|needle| needle.in_row).collect();
    for (number, record) in index.records.iter().enumerate() {
        if own.contains(&record.start)
            && satisfied.as_ref().is_none_or(|satisfied| satisfied[index.stamp_of(number)])
            && in_row.iter().all(|needle| needle.expression.is_match(&bytes[record.start..record.end]))
        {
            rows.emit(&index, number);
        }
    }
}

/// Reads a batch for several rules: what each record has of them is found in one walk over the lines, and the rows
/// are those of the events that have what some rule wants.
fn read_for_rules(
    chunk: &Chunk<'_>,
    own: Range<usize>,
    lines: Range<usize>,
    rules: &RuleFilter,
    rows: &mut RowEmitter<'_, '_>,
) {
    let bytes = chunk.bytes;
    rows.forget();
    let lines_within = line_after(bytes, own.start)..line_end(bytes, own.end.saturating_sub(1));
    let faults = Faults { chunk, own: own.clone(), visitor: rows.visitor() };
    let mut seen = Searching { faults, matcher: rules.matcher(), found: Vec::new() };
    let index = Index::around(bytes, lines.clone(), lines_within, chunk.last, &mut seen);
    let Searching { mut matcher, found, .. } = seen;
    if chunk.last && lines.end == bytes.len() {
        report_cut(chunk, &own, rows.visitor());
    }
    for (number, record) in index.records.iter().enumerate() {
        if own.contains(&record.start)
            && let Some(rules) = matcher.candidates(found[record.stamp as usize], record.kind as usize, &[])
        {
            rows.visitor().candidates(rules);
            rows.emit(&index, number);
        }
    }
}

/// Reports what is no record in a batch.
struct Faults<'r, 'a> {
    chunk: &'r Chunk<'a>,
    own: Range<usize>,
    visitor: &'r mut dyn RowVisitor,
}

impl<'a> Seen<'a> for Faults<'_, 'a> {
    fn fault(&mut self, fault: Fault) {
        if self.own.contains(&fault.start) {
            report(self.chunk, &fault, self.visitor);
        }
    }
}

/// Looks for what several rules want.
struct Searching<'r, 'f, 'a> {
    faults: Faults<'r, 'a>,
    matcher: Matcher<'f>,
    /// By stamp, what its records have.
    found: Vec<Found>,
}

impl<'a> Seen<'a> for Searching<'_, '_, 'a> {
    fn line(&mut self, start: usize) {
        if self.faults.own.contains(&start) {
            self.faults.visitor.line(self.faults.chunk.offset + start as u64);
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.faults.fault(fault);
    }

    fn record(&mut self, record: &Record, body: &'a [u8]) {
        let stamp = record.stamp as usize;
        if self.found.len() <= stamp {
            self.found.resize(stamp + 1, Found::default());
        }
        self.found[stamp] = self.matcher.observe(record.kind as usize, body, self.found[stamp]);
    }
}

/// The stamps of the lines in which `expression` is found.
fn candidates<'a>(bytes: &'a [u8], lines: Range<usize>, expression: &Regex) -> Stamps<'a> {
    let mut stamps = Stamps::default();
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
fn satisfied(bytes: &[u8], index: &Index, expressions: &[Needle]) -> Option<Vec<bool>> {
    let others = expressions.get(1..).filter(|others| !others.is_empty())?;
    let found = |stamp: usize, expression: &Regex| {
        index.of_stamp(stamp).any(|record| expression.is_match(&bytes[record.start..record.end]))
    };
    Some((0..index.stamps()).map(|stamp| others.iter().all(|needle| found(stamp, &needle.expression))).collect())
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
