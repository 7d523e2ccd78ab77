//! Line numbers of rows: from `__seq` to a file and a line, for people who follow up a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use memchr::memchr_iter;

use crate::columns;
use crate::compression;
use crate::inputs::{InputFile, Inputs};
use crate::line_index::{BLOCK, LineIndex, block_of};
use crate::range_reader::RangeReader;

/// Bytes that are searched at once.
const BUFFER: usize = 256 << 10;
/// Bytes of a file that one thread counts at a time.
const SECTION: u64 = 16 << 20;

/// A place in the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file's `source`.
    pub source: String,
    /// The line of the (decompressed) file on which the row starts, from 1; none if the file could not be read again.
    pub number: Option<u64>,
}

/// Finds the lines of rows by their `__seq`, in `threads` threads. Files whose lines were counted are read only in the
/// blocks that contain rows; other files are read up to the last row.
pub(crate) fn lines(inputs: &Inputs, seqs: &[u64], threads: usize, index: &LineIndex) -> BTreeMap<u64, Line> {
    let sections = sections(inputs, seqs, index);
    let next = AtomicUsize::new(0);
    let counted: Vec<OnceLock<Counted>> = sections.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        let mut buffer = vec![0; BUFFER];
        while let Some((section, counted)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((sections.get(at)?, counted.get(at)?)))
        {
            // Nobody else has this one.
            let _ = counted.set(section.count(&mut buffer).unwrap_or_default());
        }
    };
    std::thread::scope(|scope| {
        (1..threads.min(sections.len())).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let mut found = BTreeMap::new();
    let mut before: (usize, Option<u64>) = (0, None);
    for (section, counted) in sections.iter().zip(counted) {
        let counted = counted.into_inner().unwrap_or_default();
        let first = section.first.or_else(|| before.1.filter(|_| before.0 == section.rank));
        for (i, (_, seq)) in section.offsets.iter().enumerate() {
            let number = first.and_then(|first| Some(first + counted.before.get(i)?));
            found.insert(*seq, Line { source: section.file.source.clone(), number });
        }
        before = (section.rank, first.and_then(|first| Some(first + counted.all?)));
    }
    found
}

/// A part of a file that contains rows, or precedes one that does.
struct Section<'a> {
    rank: usize,
    file: &'a InputFile,
    handle: Option<Arc<File>>,
    range: Range<u64>,
    /// The line number at its start; none if the preceding sections have to be counted first.
    first: Option<u64>,
    /// Whether a later section depends on its line count.
    counts: bool,
    /// Offsets at which its rows start, ascending, with their `__seq`.
    offsets: Vec<(u64, u64)>,
}

/// The line ends of a section.
#[derive(Clone, Default)]
struct Counted {
    /// Lines before each of its rows, as far as it can be read.
    before: Vec<u64>,
    /// In all of it, if it can be read.
    all: Option<u64>,
}

/// The sections of each file, in order.
fn sections<'a>(inputs: &'a Inputs, seqs: &[u64], index: &LineIndex) -> Vec<Section<'a>> {
    let mut by_file: BTreeMap<usize, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for seq in seqs {
        let (rank, offset) = columns::parts_of_seq(*seq);
        by_file.entry(rank).or_default().insert((offset, *seq));
    }
    let mut sections = Vec::new();
    for (rank, offsets) in by_file {
        let Some(file) = inputs.files().get(rank) else { continue };
        let handle = file.place.open().ok();
        let section = |range: Range<u64>, first, offsets| {
            let counts = index.of(rank).is_none();
            Section { rank, file, handle: handle.clone(), range, first, counts, offsets }
        };
        match index.of(rank) {
            Some(counts) => sections.extend(blocks(&offsets, counts, section)),
            None => sections.extend(from_the_start(&offsets, file.splittable(), section)),
        }
    }
    sections
}

/// All of a file up to its last row. A compressed file is one section.
fn from_the_start<'a>(
    offsets: &BTreeSet<(u64, u64)>,
    splittable: bool,
    section: impl Fn(Range<u64>, Option<u64>, Vec<(u64, u64)>) -> Section<'a>,
) -> Vec<Section<'a>> {
    let length = if splittable { SECTION } else { u64::MAX };
    let mut sections = Vec::new();
    let mut start = 0;
    while offsets.last().is_some_and(|(last, _)| start <= *last) {
        let end = start.saturating_add(length);
        let within = offsets.range((start, 0)..(end, 0)).copied().collect();
        sections.push(section(start..end, (start == 0).then_some(1), within));
        start = end;
    }
    sections
}

/// The blocks of a file that contain rows, given the number of lines that begin in each block.
fn blocks<'a>(
    offsets: &BTreeSet<(u64, u64)>,
    counts: &[AtomicU16],
    section: impl Fn(Range<u64>, Option<u64>, Vec<(u64, u64)>) -> Section<'a>,
) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = Vec::new();
    let (mut counted, mut lines) = (0, 0);
    for offset in offsets {
        let block = block_of(offset.0);
        if let Some(last) = sections.last_mut().filter(|last| offset.0 < last.range.end) {
            last.offsets.push(*offset);
            continue;
        }
        let passed = counts.get(counted..block).unwrap_or_default();
        lines += passed.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).sum::<u64>();
        counted = block;
        let start = block as u64 * BLOCK;
        // A line begins after the end of the previous one, which can be the last byte before the block.
        let first = if block == 0 { 1 } else { lines };
        sections.push(section(start.saturating_sub(1)..start + BLOCK, Some(first), vec![*offset]));
    }
    sections
}

impl Section<'_> {
    fn count(&self, buffer: &mut [u8]) -> io::Result<Counted> {
        let end = self.range.end.min(self.file.size);
        let Some(handle) = self.handle.clone() else { return Ok(Counted::default()) };
        let reader = RangeReader::new(handle, self.range.start, end);
        let mut reader = compression::decompress(reader, self.file.compression)?;
        let mut counted = Counted::default();
        let (mut at, mut lines) = (self.range.start, 0);
        let enough = |counted: &Counted| !self.counts && counted.before.len() == self.offsets.len();
        while !enough(&counted) {
            let next = self.offsets.get(counted.before.len()).map_or(u64::MAX, |(offset, _)| *offset);
            if next == at {
                counted.before.push(lines);
                continue;
            }
            let wanted = usize::try_from(next - at).unwrap_or(buffer.len()).min(buffer.len());
            match reader.read(&mut buffer[..wanted]) {
                Ok(0) => counted.all = Some(lines),
                Ok(read) => {
                    lines += memchr_iter(b'\n', &buffer[..read]).count() as u64;
                    at += read as u64;
                    continue;
                }
                Err(_) => {}
            }
            break;
        }
        Ok(counted)
    }
}
