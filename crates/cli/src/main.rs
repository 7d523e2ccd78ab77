//! The `dogwatch` binary: reads the arguments and hands over to [`app`]. Everything that prints, renders complaints or
//! picks an exit code is in this crate; nothing that searches is.

mod app;
mod commands;
mod console;
mod detections;
mod exit;
mod explanation;
mod inputs;
mod interrupt;
mod interruptible;
mod junit;
mod panic;
mod progress;
mod reference;
mod render;
mod run;
mod summary;
mod units;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    app::run().into()
}
