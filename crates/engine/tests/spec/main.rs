//! The specification as tests: the pages in `spec/`, and the examples of the registries.
//!
//! A page is for people; its fenced blocks are run. `spec/README.md` says which blocks there are. With `DOGWATCH_BLESS=1`
//! the pages' results are rewritten instead of compared. Everything runs in one binary, since each binary that holds
//! DataFusion costs a minute to link.

mod engine;
mod examples;
mod folder;
mod heads;
mod page;
mod pages;
