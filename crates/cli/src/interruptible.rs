//! Work in a task of its own, watched: progress is shown, and a signal is heeded at once.

use std::sync::Arc;

use dogwatch_engine::ScanStats;
use tokio::task::JoinHandle;

use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::progress::{INTERVAL, Progress};

/// What the work came to; nothing if it was interrupted, which is reported on the console if there is one.
///
/// # Errors
/// If the work panicked, which has been reported by then.
pub async fn watch<T>(
    progress: &mut Progress,
    console: Option<Console>,
    stats: &Arc<ScanStats>,
    mut work: JoinHandle<T>,
) -> Result<Option<T>, Failure> {
    let mut interrupt = Interrupt::listen();
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let done = loop {
        tokio::select! {
            biased;
            () = interrupt.requested() => break None,
            _ = ticks.tick() => progress.update(Some(stats.snapshot())),
            done = &mut work => break Some(done),
        }
    };
    progress.end();
    match done {
        None => {
            work.abort();
            if let Some(console) = console {
                console.note("interrupted");
            }
            Ok(None)
        }
        Some(Ok(done)) => Ok(Some(done)),
        // The panic hook has said all there is to say.
        Some(Err(_)) => Err(Failure::Silent(Exit::Bug)),
    }
}
