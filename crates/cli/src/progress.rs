//! How far a run is, on standard error: only on a terminal, and only when the run takes over a second.

use std::time::{Duration, Instant};

use dogwatch_engine::Snapshot;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at the counts.
pub const INTERVAL: Duration = Duration::from_millis(200);

/// While the search is planned, which may read logs to learn what fields they have.
const PLANNING: &str = "{spinner} looking at the logs, {elapsed}";
/// While it runs.
const RUNNING: &str = "{spinner} [{bar:30}] {bytes} of {total_bytes}, {msg}, {elapsed}";

/// The progress bar of a run.
pub struct Progress {
    started: Instant,
    wanted: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar that appears after a while if it is wanted.
    pub fn new(wanted: bool) -> Self {
        Self { started: Instant::now(), wanted, bar: None }
    }

    /// How long the run has taken.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Shows the counts, as far as there are any.
    pub fn update(&mut self, now: Option<Snapshot>) {
        if !self.wanted || self.elapsed() < PATIENCE {
            return;
        }
        let started = self.started;
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_elapsed(started.elapsed());
            let template = if now.is_some() { RUNNING } else { PLANNING };
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.progress_chars("=> "));
            bar
        });
        if let Some(now) = now {
            bar.set_length(now.bytes_total.max(now.bytes_read));
            bar.set_position(now.bytes_read);
            bar.set_message(format!("file {} of {}", (now.files_done + 1).min(now.files_total), now.files_total));
        }
        bar.tick();
    }

    /// Runs something that writes to the terminal, with the bar out of the way.
    pub fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the bar away.
    pub fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
