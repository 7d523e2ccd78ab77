//! How many lines begin in each part of the files that are read, kept while they are read, so that the line of a row can
//! be found later without reading its file again from the start.
//!
//! An entry is for [`BLOCK`] bytes, so that 100 GB of logs take 12 MiB.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use crate::inputs::Inputs;

/// How many bytes of a file an entry is for. No more lines than an entry can count begin in them.
pub(crate) const BLOCK: u64 = 16 << 10;

/// The block that a place in a file is in.
pub(crate) fn block_of(offset: u64) -> usize {
    usize::try_from(offset / BLOCK).unwrap_or(usize::MAX)
}

/// The lines of each input, by its rank; nothing for those whose lines nobody counts.
pub(crate) struct LineIndex {
    files: Vec<File>,
}

#[derive(Default)]
struct File {
    blocks: OnceLock<Vec<AtomicU16>>,
    /// Whether not all of its lines were reported.
    broken: AtomicBool,
}

impl LineIndex {
    /// With no lines.
    pub(crate) fn new(inputs: &Inputs) -> Self {
        Self { files: inputs.files().iter().map(|_| File::default()).collect() }
    }

    /// Makes place for the files whose lines are going to be reported.
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

    /// A file could not be read to its end.
    pub(crate) fn break_off(&self, rank: usize) {
        if let Some(file) = self.files.get(rank) {
            file.broken.store(true, Ordering::Relaxed);
        }
    }

    /// How many lines begin in each block of a file, if they were counted.
    pub(crate) fn of(&self, rank: usize) -> Option<&[AtomicU16]> {
        let file = self.files.get(rank).filter(|file| !file.broken.load(Ordering::Relaxed))?;
        file.blocks.get().map(Vec::as_slice)
    }
}
