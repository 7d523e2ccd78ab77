//! Line counts per block of a file, collected during the scan, so that the line of a row can be found later without
//! reading its file again from the start.
//!
//! Each entry covers [`BLOCK`] bytes, so the index of 100 GB of logs takes 12 MiB.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use crate::inputs::Inputs;

/// Bytes of a file that an entry covers: few enough that the number of lines in them fits into an entry.
pub(crate) const BLOCK: u64 = 16 << 10;

/// The block that contains an offset of a file.
pub(crate) fn block_of(offset: u64) -> usize {
    usize::try_from(offset / BLOCK).unwrap_or(usize::MAX)
}

/// The line counts of each input, by its rank; none for inputs whose lines are not counted.
pub(crate) struct LineIndex {
    files: Vec<File>,
}

#[derive(Default)]
struct File {
    blocks: OnceLock<Vec<AtomicU16>>,
    /// Whether some of its lines were not reported.
    broken: AtomicBool,
}

impl LineIndex {
    /// With no lines.
    pub(crate) fn new(inputs: &Inputs) -> Self {
        Self { files: inputs.files().iter().map(|_| File::default()).collect() }
    }

    /// Allocates counters for the files whose lines are going to be reported.
    pub(crate) fn start(&self, inputs: &Inputs, reported: impl Fn(usize) -> bool) {
        for (rank, (file, index)) in inputs.files().iter().zip(&self.files).enumerate() {
            if file.splittable() && reported(rank) {
                index.blocks.get_or_init(|| (0..=block_of(file.size)).map(|_| AtomicU16::new(0)).collect());
            }
        }
    }

    /// Adds the lines that begin in a block.
    pub(crate) fn add(&self, rank: usize, block: usize, count: u16) {
        let entry = self.files.get(rank).and_then(|file| file.blocks.get()).and_then(|blocks| blocks.get(block));
        if let Some(entry) = entry {
            entry.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Marks a file that could not be read to its end.
    pub(crate) fn break_off(&self, rank: usize) {
        if let Some(file) = self.files.get(rank) {
            file.broken.store(true, Ordering::Relaxed);
        }
    }

    /// Number of lines that begin in each block of a file, if they were counted.
    pub(crate) fn of(&self, rank: usize) -> Option<&[AtomicU16]> {
        let file = self.files.get(rank).filter(|file| !file.broken.load(Ordering::Relaxed))?;
        file.blocks.get().map(Vec::as_slice)
    }
}
