//! A regular expression as Splunk writes them, whatever it is: it is refused or works on any text within its limits.
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/regular_expressions.rs"]
mod regular_expressions;

libfuzzer_sys::fuzz_target!(|input: &[u8]| regular_expressions::check(input));
