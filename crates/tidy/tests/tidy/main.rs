//! Style and structure as tests: what a reviewer would otherwise have to say again on every change.
//!
//! Each module holds one family of rules: a function that lists the breaches in a tree of files, a test that runs it
//! over this workspace, and tests that plant a breach and see it found. A message gives the place, the reason for the
//! rule, and the remedy.
//!
//! What is not here: anything that rustfmt, clippy or rustc already checks, and behaviour of the product.

mod arrows;
mod breach;
mod command_names;
mod content;
mod format_names;
mod limits;
mod links;
mod names;
mod panics;
mod quotes;
mod registration;
mod source;
mod spec_pages;
mod words;
