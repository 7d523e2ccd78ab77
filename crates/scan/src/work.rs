//! The work of a scan: a queue of pieces of files, handed out to free workers.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dogwatch_formats::Prefilter;
use dogwatch_predicate::Condition;

use crate::inputs::{InputFile, Inputs};
use crate::prune;
use crate::reading::{RangeRead, Sink};
use crate::stats::{ScanStats, Tally};
use crate::window::{Buffer, ChunkSizes, Sizes};

/// A sink that knows the file of its rows.
pub(crate) trait Worker: Sink {
    /// Starts a file: the next rows belong to it.
    fn open(&mut self, file: &InputFile, rank: usize);
    /// Counts since they were last taken.
    fn tally(&mut self) -> &mut Tally;
}

/// The plan for reading one file in a scan.
#[derive(Debug)]
struct FilePlan {
    /// The index of its filter among those of the scan.
    filter: Option<usize>,
    /// Open while its pieces are read, so that a file rotated away in the meantime is still read to its end.
    handle: Mutex<Option<Arc<File>>>,
    /// Number of pieces not done yet.
    left: AtomicUsize,
    failed: AtomicBool,
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    /// The lines that start in a range.
    Range { file: usize, range: Range<u64> },
    /// From start to end.
    Whole { file: usize },
}

/// The conditions of a scan.
pub(crate) enum ScanPredicates<'a> {
    /// Rows that satisfy a condition.
    One(&'a Condition),
    /// Rows that satisfy any of several; each row is emitted with those that it can satisfy.
    Each(&'a [Condition]),
}

impl ScanPredicates<'_> {
    /// The conditions that remain for the rows of a file.
    fn in_file(&self, file: &InputFile, inputs: &Inputs) -> Vec<Condition> {
        let conditions = match self {
            Self::One(condition) => std::slice::from_ref(*condition),
            Self::Each(conditions) => conditions,
        };
        conditions.iter().map(|condition| prune::for_file(condition, file, inputs.names())).collect()
    }
}

/// A filter, with the conditions and the format that it was compiled for.
struct Filter {
    format: &'static str,
    conditions: Vec<Condition>,
    prefilter: Prefilter,
}

/// The work of a scan, shared by several workers.
pub(crate) struct Work {
    inputs: Arc<Inputs>,
    plans: Vec<FilePlan>,
    filters: Vec<Filter>,
    tasks: Vec<Task>,
    next: AtomicUsize,
    sizes: ChunkSizes,
    stats: Arc<ScanStats>,
    scan: u64,
}

impl Work {
    /// Plans a scan of the inputs for the rows that satisfy the predicates, and counts it as started. Without
    /// `prefilter`, the conditions only prune files.
    pub(crate) fn new(
        inputs: &Arc<Inputs>,
        predicates: &ScanPredicates<'_>,
        prefilter: bool,
        sizes: ChunkSizes,
        stats: &Arc<ScanStats>,
    ) -> Self {
        let mut work = Self {
            inputs: Arc::clone(inputs),
            plans: Vec::new(),
            filters: Vec::new(),
            tasks: Vec::new(),
            next: AtomicUsize::new(0),
            sizes,
            stats: Arc::clone(stats),
            scan: 0,
        };
        let (mut whole, mut bytes, mut skipped) = (Vec::new(), 0, 0);
        for (at, file) in inputs.files().iter().enumerate() {
            let left = predicates.in_file(file, inputs);
            let unwanted = left.iter().all(|condition| *condition == Condition::Nothing);
            let filter = prefilter.then(|| work.filter(file, left, matches!(predicates, ScanPredicates::Each(_))));
            let nothing = filter.is_some_and(|filter| work.filters[filter].prefilter.nothing);
            let mut pieces = 0;
            if nothing || unwanted {
                skipped += 1;
            } else if file.splittable() {
                bytes += file.size;
                pieces = work.split(at, file.size, sizes.of(file.framing));
            } else {
                bytes += file.size;
                pieces = 1;
                whole.push((file.size, Task::Whole { file: at }));
            }
            work.plans.push(FilePlan {
                filter,
                handle: Mutex::new(None),
                left: AtomicUsize::new(pieces),
                failed: AtomicBool::new(false),
            });
        }
        // Files that cannot be split go first, the longest before the others, so that no worker is left with a long one
        // at the end.
        whole.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
        work.tasks.splice(0..0, whole.into_iter().map(|(_, task)| task));
        work.scan = stats.start(inputs.files().len() as u64 - skipped, bytes, skipped);
        work
    }

    /// Whether the format reports where the lines of a file begin.
    pub(crate) fn tells_lines(&self, rank: usize) -> bool {
        let filter = self.plans.get(rank).and_then(|plan| self.filters.get(plan.filter?));
        filter.is_some_and(|filter| filter.prefilter.rules.is_some())
    }

    /// Whether a file could not be read to its end.
    pub(crate) fn has_failed(&self, rank: usize) -> bool {
        self.plans.get(rank).is_some_and(|plan| plan.failed.load(Ordering::Relaxed))
    }

    /// The number of the filter for a file.
    fn filter(&mut self, file: &InputFile, conditions: Vec<Condition>, each: bool) -> usize {
        let format = file.format.name();
        let known = self.filters.iter().position(|known| known.format == format && known.conditions == conditions);
        known.unwrap_or_else(|| {
            let prefilter = match conditions.as_slice() {
                rules if each => file.format.compile_rules(rules),
                [Condition::Anything] | [] => Prefilter::default(),
                [Condition::Nothing, ..] => Prefilter { nothing: true, ..Prefilter::default() },
                [condition, ..] => file.format.prefilter(condition),
            };
            self.filters.push(Filter { format, conditions, prefilter });
            self.filters.len() - 1
        })
    }

    /// Adds the ranges of a file. Returns how many.
    fn split(&mut self, file: usize, size: u64, sizes: Sizes) -> usize {
        let chunk = sizes.chunk as u64;
        let before = self.tasks.len();
        let mut start = 0;
        while start < size {
            let end = size.min(start + chunk);
            self.tasks.push(Task::Range { file, range: start..end });
            start = end;
        }
        self.tasks.len() - before
    }

    /// Processes pieces until none is left or the worker stops.
    pub(crate) fn run(&self, worker: &mut dyn Worker) {
        let mut buffer = Buffer::default();
        // Expressions share scratch memory between threads unless each has its own copy.
        let mut own: Option<(usize, Prefilter)> = None;
        while worker.chunk_done().is_continue() {
            let Some(task) = self.tasks.get(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            let (Task::Range { file: at, .. } | Task::Whole { file: at }) = task;
            let (Some(file), Some(plan)) = (self.inputs.files().get(*at), self.plans.get(*at)) else { break };
            if let Some(filter) = plan.filter
                && own.as_ref().is_none_or(|(known, _)| *known != filter)
            {
                own = self.filters.get(filter).map(|known| (filter, known.prefilter.clone()));
            }
            let filter = plan.filter.and(own.as_ref()).map(|(_, prefilter)| prefilter);
            worker.open(file, *at);
            if let Err(error) = self.piece(task, file, plan, filter, &mut buffer, worker)
                && !plan.failed.swap(true, Ordering::Relaxed)
            {
                self.stats.failed(&file.source, &error.to_string());
            }
            self.done(plan);
            self.stats.add(self.scan, &file.source, worker.tally());
            buffer.shrink(self.sizes.of(file.framing));
        }
        // Rows that were sent after the last piece was counted.
        self.stats.add(self.scan, "", worker.tally());
    }

    fn piece(
        &self,
        task: &Task,
        file: &InputFile,
        plan: &FilePlan,
        filter: Option<&Prefilter>,
        buffer: &mut Buffer,
        worker: &mut dyn Worker,
    ) -> io::Result<()> {
        let handle = plan.open(file)?;
        let filter = filter.filter(|filter| filter.nothing || !filter.all.is_empty() || filter.rules.is_some());
        let range_read =
            RangeRead { file, handle, filter, sizes: self.sizes.of(file.framing), progress: self.stats.bytes() };
        match task {
            Task::Range { range, .. } => {
                let outcome = range_read.range(range.clone(), buffer, worker);
                self.stats.read(range.end - range.start);
                outcome
            }
            Task::Whole { .. } => range_read.whole(buffer, worker),
        }
    }

    /// Marks a piece as done, and closes the file when it was the last one.
    fn done(&self, plan: &FilePlan) {
        if plan.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.stats.file_done();
            *plan.handle.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl FilePlan {
    fn open(&self, file: &InputFile) -> io::Result<Arc<File>> {
        let mut handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = &*handle {
            return Ok(Arc::clone(open));
        }
        let opened = file.place.open()?;
        *handle = Some(Arc::clone(&opened));
        Ok(opened)
    }
}
