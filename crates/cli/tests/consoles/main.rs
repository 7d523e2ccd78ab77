//! Types what the documentation tells a reader to type: the console blocks of the pages and the examples of `--help`, with the
//! built binary, in a sandbox that has the repository's logs and detections.
//!
//! - A block with `$ ` prompts is a session: its commands run in order, and what each prints has to be what the page shows.
//!   `DOGWATCH_BLESS=1` rewrites what the page shows.
//! - In a block without prompts nothing is shown, so each `dogwatch` in it has to end well and without a complaint, and a file
//!   that it writes has to hold what its name promises. Programs that need a cluster or root are not run; their lines are held
//!   to the shell's syntax.
//! - `<!-- not run: reason -->` on the line before a block leaves it out.
//!
//! How outputs are compared is said in `compare.rs`, what stands in for a reader's machine in `sandbox.rs`.

mod block;
mod compare;
mod help;
mod pages;
mod sandbox;
