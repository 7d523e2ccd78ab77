//! A file of any bytes, compressed or not: it is read as far as it goes, and what cannot be read is counted or reported.
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/decompression.rs"]
mod decompression;

libfuzzer_sys::fuzz_target!(|input: &[u8]| decompression::check(input));
