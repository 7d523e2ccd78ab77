//! A lookup table, whatever is in it: it is read as an allow-list and as a table of a search, or refused with a message, never
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/lookup_csv.rs"]
mod lookup_csv;

libfuzzer_sys::fuzz_target!(|input: &[u8]| lookup_csv::check(input));
