//! Warnings about fields that a search reads but no event has: checked if the results or a column are empty, with
//! suggestions of similar fields in the logs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dogwatch_scan::{Inputs, ScanRequest, ScanStats, discover};
use dogwatch_syntax::{Code, Diagnostic, Span, nearest};

/// Bytes of the logs that are scanned for field names.
const LOOKED_AT: u64 = 64 << 20;

/// Warnings for the fields that a search reads and the beginning of the logs does not have. `reads` has the fields of each
/// part of the search that reads events. If there are several parts and none of the fields of one is known, that part is
/// meant for a kind of log that is not present, and gets no warnings.
pub fn warnings(inputs: &Arc<Inputs>, reads: &[BTreeSet<String>], references: &[(String, Span)]) -> Vec<Diagnostic> {
    let known = names(inputs);
    if known.is_empty() {
        return vec![];
    }
    let fitting = reads.iter().filter(|fields| reads.len() == 1 || fields.iter().any(|field| known.contains(field)));
    let wanted: BTreeSet<&String> = fitting.flatten().collect();
    let mut told = BTreeSet::new();
    let mut out = Vec::new();
    for (name, span) in references {
        if !wanted.contains(name) || known.contains(name) || !told.insert(name) || name.contains('*') {
            continue;
        }
        let warning = Diagnostic::warning(Code::UnknownField, *span, format!("no event has a field `{name}`"));
        out.push(match near(name, &known) {
            Some(near) => warning.with_help(format!("did you mean `{near}`?")),
            None => warning,
        });
    }
    out
}

/// The field most similar to a name: by spelling, or because it ends in the name (`objectRef.resource` for `resource`).
fn near<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let ending = format!(".{}", name.to_lowercase());
    nearest(name, known.iter().map(String::as_str))
        .or_else(|| known.iter().map(String::as_str).find(|k| k.to_lowercase().ends_with(&ending)))
}

fn names(inputs: &Arc<Inputs>) -> BTreeSet<String> {
    let (stats, cancel, done) = (Arc::new(ScanStats::default()), AtomicBool::new(false), AtomicBool::new(false));
    let found = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                if stats.snapshot().bytes_read > LOOKED_AT {
                    cancel.store(true, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let found = discover(inputs, &ScanRequest::default(), &stats, &cancel);
        done.store(true, Ordering::Relaxed);
        found
    });
    let mut names: BTreeSet<String> = found.fields.into_iter().map(|f| f.name).collect();
    for format in inputs.formats() {
        names.extend(format.about().fields.iter().map(|(name, _)| (*name).to_owned()));
    }
    names
}
