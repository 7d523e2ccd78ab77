//! A file of any bytes, compressed or not: it is read as far as it goes, and what cannot be read is counted or reported.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use dogwatch_scan::{InputOptions, Inputs, ScanRequest, ScanStats, discover};

/// `input` is the file.
pub fn check(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("audit.log");
    std::fs::write(&path, input).expect("a file");
    let (inputs, errors) = Inputs::list(&[path.display().to_string()], &InputOptions::default());
    if !errors.is_empty() {
        assert!(errors.iter().all(|error| !error.to_string().is_empty()));
        return;
    }
    let stats = Arc::new(ScanStats::default());
    drop(discover(&Arc::new(inputs), &ScanRequest::default(), &stats, &AtomicBool::new(false)));
    drop(stats.snapshot());
}
