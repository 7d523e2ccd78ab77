//! A file of a detection, whatever is in it: it is read or refused, and each complaint and each place in its search leads into the
//! What is checked stands in `checks/`, where a test of the stable toolchain runs it as well.
#![no_main]

#[path = "../checks/detection_yaml.rs"]
mod detection_yaml;

libfuzzer_sys::fuzz_target!(|input: &[u8]| detection_yaml::check(input));
