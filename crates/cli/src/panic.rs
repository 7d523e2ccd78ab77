//! What is said when Dogwatch itself fails: that it is a bug, and what to send. The exit code is 4 even when the panic
//! was in a thread whose result nobody missed, since rows may then be missing.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

static HAPPENED: AtomicBool = AtomicBool::new(false);

/// Takes over what is printed on a panic.
pub fn install() {
    std::panic::set_hook(Box::new(report));
}

/// Whether there was a panic in any thread.
pub fn happened() -> bool {
    HAPPENED.load(Ordering::Relaxed)
}

fn report(info: &PanicHookInfo<'_>) {
    if HAPPENED.swap(true, Ordering::Relaxed) {
        // Further panics mostly follow from the first.
        return;
    }
    let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
    let what = info.payload_as_str().unwrap_or("panic");
    bug(&format!("{what}{place}"));
}

/// Says that something happened which is Dogwatch's own fault.
pub fn bug(what: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let mut stderr = io::stderr().lock();
    // Where even standard error is gone there is nobody to tell.
    let _ = writeln!(
        stderr,
        "error: this is a bug in Dogwatch, not in your search: {what}\n  \
         help: please report it with this text, the search, and if you can an event that it fails on \
         (dogwatch {version}, {} {})",
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
}
