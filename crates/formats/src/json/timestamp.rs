//! Times as JSON logs write them: ISO 8601 text and numbers since 1970.
//!
//! Written by hand because every row has one: a general parser costs more than the rest of the row. It reads the
//! forms that occur in logs (RFC 3339, a space for the `T`, no zone), not all of ISO 8601.

/// Microseconds since 1970 UTC of a time like `2026-11-23T16:02:58.850211Z`. A space may stand for the `T`, up to
/// nine digits for the fraction (cut to microseconds), `+01:00` or `+0100` for the `Z`. Without a zone it is UTC.
pub(crate) fn iso(text: &str) -> Option<i64> {
    let mut rest = Digits(text.trim().as_bytes());
    let year = rest.take(4)?;
    rest.skip(b"-")?;
    let month = rest.take(2)?;
    rest.skip(b"-")?;
    let day = rest.take(2)?;
    rest.skip(b"Tt ")?;
    let hour = rest.take(2)?;
    rest.skip(b":")?;
    let minute = rest.take(2)?;
    rest.skip(b":")?;
    let second = rest.take(2)?;
    let micros = match rest.skip(b".,") {
        Some(()) => rest.fraction()?,
        None => 0,
    };
    let zone = rest.zone()?;
    let valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days_before(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - zone;
    Some(seconds * 1_000_000 + micros)
}

/// Microseconds since 1970 UTC of a number of seconds since 1970 with a fraction; numbers too large for seconds
/// (from 1e11 on, the year 5138) are milliseconds, then (from 1e14) microseconds, then (from 1e17) nanoseconds.
pub(crate) fn epoch(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !(whole.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return exponent(text);
    }
    let number: i64 = whole.parse().ok()?;
    // The digits behind the point, as many as make the unit microseconds.
    let (places, divisor) = match number {
        ..100_000_000_000 => (6, 1),
        100_000_000_000..100_000_000_000_000 => (3, 1),
        100_000_000_000_000..100_000_000_000_000_000 => (0, 1),
        _ => (0, 1000),
    };
    let mut micros = number;
    let mut fraction = fraction.bytes();
    for _ in 0..places {
        let digit = fraction.next().map_or(0, |byte| i64::from(byte - b'0'));
        micros = micros.checked_mul(10)?.checked_add(digit)?;
    }
    let micros = micros / divisor;
    Some(if negative { -micros } else { micros })
}

/// A number with an exponent: `1.7e9`.
fn exponent(text: &str) -> Option<i64> {
    if !text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return None;
    }
    let number: f64 = text.trim().parse().ok()?;
    if !number.is_finite() || number.abs() >= 1e18 {
        return None;
    }
    let micros = match number.abs() {
        ..1e11 => number * 1e6,
        ..1e14 => number * 1e3,
        ..1e17 => number,
        _ => number / 1e3,
    };
    // Below 1e18, so it fits.
    Some(micros as i64)
}

struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// A number of exactly this many digits.
    fn take(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    }

    /// One byte, if it is one of these.
    fn skip(&mut self, any: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        any.contains(first).then(|| self.0 = rest)
    }

    /// One to nine digits of a second, as microseconds.
    fn fraction(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        if !(1..=9).contains(&length) {
            return None;
        }
        let padded = digits.iter().chain(std::iter::repeat(&b'0'));
        Some(padded.take(6).fold(0, |micros, byte| micros * 10 + i64::from(byte - b'0')))
    }

    /// What is left must be a zone. Its seconds east of UTC.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.0 {
            [] | [b'Z' | b'z'] => return Some(0),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            [b' ', b'U', b'T', b'C'] => return Some(0),
            _ => return None,
        };
        self.skip(b"+-")?;
        let hours = self.take(2)?;
        let _ = self.skip(b":");
        let minutes = if self.0.is_empty() { 0 } else { self.take(2)? };
        (self.0.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that a leap day is the
/// last day of its year.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + leap_days + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_agrees_with_a_calendar() {
        for day in (-700_000..1_000_000).step_by(97) {
            let second = day * 86_400 + 45_296;
            let Ok(stamp) = jiff::Timestamp::from_second(second) else {
                continue;
            };
            let text = stamp.to_string();
            if !text.starts_with('-') {
                assert_eq!(iso(&text), Some(second * 1_000_000), "{text}");
            }
        }
    }

    #[test]
    fn iso_forms() {
        let base = 1_669_680_544_380_000;
        for text in [
            "2022-11-29T00:09:04.38Z",
            "2022-11-29 00:09:04.38",
            "2022-11-29T00:09:04.380000000Z",
            "2022-11-29T01:09:04.380+01:00",
            "2022-11-28T19:39:04.38-0430",
            "2022-11-29t00:09:04,38z",
            " 2022-11-29 00:09:04.380000 UTC ",
        ] {
            assert_eq!(iso(text), Some(base), "{text}");
        }
        assert_eq!(iso("2016-12-31T23:59:60Z"), Some(1_483_228_800_000_000));
        for text in [
            "",
            "2022",
            "2022-11-29",
            "2022-13-29T00:09:04Z",
            "2023-02-29T00:00:00Z",
            "2022-11-29T24:09:04Z",
            "2022-11-29T00:09:04.Z",
            "2022-11-29T00:09:04.0123456789Z",
            "2022-11-29T00:09:04X",
            "2022-11-29T00:09:04+1",
            "22-11-2900:09:04",
            "2022-11-29T00:09:é4",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn epochs() {
        for (text, micros) in [
            ("1700000000", 1_700_000_000_000_000),
            ("1700000000.25", 1_700_000_000_250_000),
            ("1700000000.1234567", 1_700_000_000_123_456),
            ("1700000000123", 1_700_000_000_123_000),
            ("1700000000123456", 1_700_000_000_123_456),
            ("1700000000123456789", 1_700_000_000_123_456),
            ("-1.5", -1_500_000),
            ("0", 0),
            ("1.7e9", 1_700_000_000_000_000),
        ] {
            assert_eq!(epoch(text), Some(micros), "{text}");
        }
        for text in ["", "-", ".5", "x", "1e400", "99999999999999999999", "inf", "NaN", "1_0"] {
            assert_eq!(epoch(text), None, "{text}");
        }
    }
}
