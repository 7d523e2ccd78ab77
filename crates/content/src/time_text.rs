//! Times as findings write them: RFC 3339 in UTC.

use jiff::Timestamp;

/// The first instant of the year 0, microseconds since 1970 UTC. RFC 3339 has no years before.
const YEAR_ZERO: i64 = -62_167_219_200_000_000;

/// A time, in microseconds since 1970 UTC, as RFC 3339 in UTC, with a fraction only as long as needed:
/// `2026-11-23T16:02:58.85Z`. A time that no calendar year 0 to 9999 holds is given as epoch seconds.
pub fn rfc3339(micros: i64) -> String {
    match Timestamp::from_microsecond(micros).ok().filter(|_| micros >= YEAR_ZERO) {
        Some(time) => time.to_string(),
        None => (micros as f64 / 1e6).to_string(),
    }
}

/// The time that [`rfc3339`] has written, microseconds since 1970 UTC; nothing for other texts.
pub(crate) fn micros(text: &str) -> Option<i64> {
    match text.parse::<Timestamp>() {
        Ok(time) => Some(time.as_microsecond()),
        // The conversion saturates; epoch seconds are written for times at the very ends of what an i64 holds.
        Err(_) => text.parse::<f64>().ok().filter(|seconds| seconds.is_finite()).map(|seconds| (seconds * 1e6) as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_were_written() {
        for time in [0, -1, 1_795_449_778_850_211, 1_795_449_778_000_000, YEAR_ZERO, i64::MAX, i64::MIN] {
            assert_eq!(micros(&rfc3339(time)), Some(time), "{}", rfc3339(time));
        }
        assert_eq!(rfc3339(1_795_449_778_850_000), "2026-11-23T16:02:58.85Z");
        assert_eq!(micros("yesterday"), None);
    }
}
