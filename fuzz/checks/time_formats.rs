//! A time format and a text, whatever they are: writing and reading neither fail nor overflow, and a time that is written in
//! full is read back.

use dogwatch_functions::time_format::{format, parse};

/// Seconds, and what is left of them in microseconds.
const FULL: &str = "%Y-%m-%d %H:%M:%S.%6N %z";

/// The first eight bytes of `input` are a time in microseconds since 1970, then comes a line with a format, then a text.
pub fn check(input: &[u8]) {
    let Some((time, rest)) = input.split_first_chunk::<8>() else { return };
    let time = i64::from_le_bytes(*time);
    let Ok(rest) = std::str::from_utf8(rest) else { return };
    let (pattern, text) = rest.split_once('\n').unwrap_or((rest, "2026-11-23 16:03:49.123456"));
    let written = format(time, pattern);
    let _ = parse(text, pattern, time);
    if let Some(written) = written {
        let _ = parse(&written, pattern, time);
    }
    // Years of four digits: others are written and read in ways of their own.
    let time = time.rem_euclid(2_000_000_000_000_000);
    let full = format(time, FULL).expect("a time of this century");
    assert_eq!(parse(&full, FULL, 0), Some(time), "{full}");
}
