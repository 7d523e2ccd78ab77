//! The `dogwatch` binary: reads the arguments and hands over to [`app`]. Everything that prints, renders complaints or
//! picks an exit code is in this crate; nothing that searches is.

mod app;
mod commands;
mod console;
mod exit;
mod explanation;
mod inputs;
mod interrupt;
mod panic;
mod progress;
mod reference;
mod render;
mod run;
mod summary;
mod units;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run().into()
}
