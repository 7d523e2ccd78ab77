//! On which lines rows stand: from `__seq` to a file and a line number, for messages that a person follows up.

use std::collections::BTreeMap;
use std::io::{self, Read};

use memchr::memchr_iter;

use crate::columns;
use crate::content::{self, RangeReader};
use crate::inputs::{InputFile, Inputs};

/// How much is looked at at once, bytes.
const BLOCK: usize = 1 << 20;

/// A place in the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file's `source`.
    pub source: String,
    /// The line of the (decompressed) file on which the row starts, from 1; none if the file could not be read again.
    pub number: Option<u64>,
}

/// The lines of rows, by their `__seq`. Each file that has one of them is read up to the last.
pub fn lines(inputs: &Inputs, seqs: &[u64]) -> BTreeMap<u64, Line> {
    let mut by_file: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
    for seq in seqs {
        let (rank, offset) = columns::parts_of_seq(*seq);
        by_file.entry(rank).or_default().push((offset, *seq));
    }
    let mut found = BTreeMap::new();
    for (rank, mut offsets) in by_file {
        let Some(file) = inputs.files().get(rank) else { continue };
        offsets.sort_unstable();
        offsets.dedup();
        let numbers = count(file, &offsets).unwrap_or_default();
        for (i, (_, seq)) in offsets.iter().enumerate() {
            found.insert(*seq, Line { source: file.source.clone(), number: numbers.get(i).copied() });
        }
    }
    found
}

/// The line numbers of sorted offsets, as far as the file can be read.
fn count(file: &InputFile, offsets: &[(u64, u64)]) -> io::Result<Vec<u64>> {
    let reader = RangeReader::new(file.place.open()?, 0, file.size);
    let mut reader = content::decompress(reader, file.compression)?;
    let mut numbers = Vec::with_capacity(offsets.len());
    let mut block = vec![0; BLOCK];
    let (mut start, mut line) = (0_u64, 1_u64);
    while let Some((next, _)) = offsets.get(numbers.len()) {
        if *next == start {
            numbers.push(line);
            continue;
        }
        let wanted = usize::try_from(*next - start).unwrap_or(BLOCK).min(BLOCK);
        let read = match reader.read(&mut block[..wanted]) {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        line += memchr_iter(b'\n', &block[..read]).count() as u64;
        start += read as u64;
    }
    Ok(numbers)
}
