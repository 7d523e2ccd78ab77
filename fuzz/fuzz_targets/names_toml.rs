//! A file of other names for indexes and sourcetypes, whatever is in it: it is refused as a whole, or its names are added and the
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/names_toml.rs"]
mod names_toml;

libfuzzer_sys::fuzz_target!(|input: &[u8]| names_toml::check(input));
