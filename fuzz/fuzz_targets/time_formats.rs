//! A time format and a text, whatever they are: writing and reading neither fail nor overflow, and a time that is written in
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/time_formats.rs"]
mod time_formats;

libfuzzer_sys::fuzz_target!(|input: &[u8]| time_formats::check(input));
