//! What is said after a run: the closing line, and what in the logs was no event. None of it is part of the result.

use std::fmt::Write;
use std::time::Duration;

use dogwatch_engine::Snapshot;
use dogwatch_output::visible::visible;

use crate::units::{bytes, count, seconds};

/// How much of a malformed line is shown, characters.
const SAMPLE: usize = 160;
/// How many files with malformed lines are listed.
const LISTED: usize = 20;

/// The closing line: `3 rows; read 1.0 GiB, parsed 35 events in 0.82 s; 2 malformed lines`. Lines of other programs that
/// are expected between events, and files that were left out because they are no logs, are added where there are any.
pub fn closing_line(rows: u64, stats: &Snapshot, skipped: usize, elapsed: Duration) -> String {
    closing(&count(rows, "row", "rows"), stats, skipped, elapsed)
}

fn closing(what: &str, stats: &Snapshot, skipped: usize, elapsed: Duration) -> String {
    let mut line = format!(
        "{what}; read {}, parsed {} in {}; {}",
        bytes(stats.bytes_read),
        count(stats.events, "event", "events"),
        seconds(elapsed),
        count(not_events(stats, true), "malformed line", "malformed lines"),
    );
    let expected = not_events(stats, false);
    if expected > 0 {
        let _ = write!(line, "; {} between", count(expected, "klog line", "klog lines"));
    }
    if skipped > 0 {
        let being = if skipped == 1 { "being no log" } else { "being no logs" };
        let _ = write!(line, "; {} left out, {being}", count(skipped as u64, "file", "files"));
    }
    line
}

/// The closing line of a run of detections.
pub fn findings_line(found: u64, ran: usize, stats: &Snapshot, skipped: usize, elapsed: Duration) -> String {
    let (found, ran) = (count(found, "finding", "findings"), count(ran as u64, "detection", "detections"));
    closing(&format!("{found} of {ran}"), stats, skipped, elapsed)
}

/// How many stretches of the logs were no events, by fault of the log or not.
fn not_events(stats: &Snapshot, faults: bool) -> u64 {
    stats.malformed.iter().filter(|file| file.reason.is_fault() == faults).map(|file| file.count).sum()
}

/// The malformed lines by file and reason, with samples if asked for; nothing if there are none.
pub fn malformed_lines(stats: &Snapshot, samples: Option<usize>) -> Option<String> {
    if stats.malformed.is_empty() {
        return None;
    }
    let mut text = String::from("lines that are no events, and were not searched:");
    for file in stats.malformed.iter().take(LISTED) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {}: {} × {}", visible(&file.source), file.count, file.reason.as_str());
        for sample in file.samples.iter().take(samples.unwrap_or(0)) {
            let _ = write!(text, "\n    at byte {}: {}", sample.offset, cut(&sample.text));
        }
    }
    if stats.malformed.len() > LISTED {
        let _ = write!(text, "\n  and {} more", stats.malformed.len() - LISTED);
    }
    if samples.is_none() {
        text.push_str("\n  (--show-malformed shows some of them)");
    }
    Some(text)
}

fn cut(text: &str) -> String {
    let line = text.trim_end_matches(['\n', '\r']);
    match line.char_indices().nth(SAMPLE) {
        Some((end, _)) => format!("{}…", visible(&line[..end])),
        None => visible(line).into_owned(),
    }
}
