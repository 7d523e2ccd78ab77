//! Splunk's time modifiers: `-1d@d`, `@w0`, `+7d`, `now`, and the absolute forms that `earliest` and `latest` take.
//!
//! Everything is UTC. Source: Search Reference, Time modifiers; Search Manual, Specify time modifiers in your search.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::time_unit::{Length, TimeUnit};

/// The instant that a modifier denotes, relative to another: microseconds since 1970, UTC.
///
/// Accepts relative modifiers, seconds since 1970, `%m/%d/%Y:%H:%M:%S` and ISO 8601 dates and times (without a zone:
/// UTC).
///
/// # Errors
/// A sentence for a diagnostic about the part that cannot be parsed.
pub fn resolve(modifier: &str, now_us: i64) -> Result<i64, String> {
    let text = modifier.trim();
    if let Some(absolute) = absolute(text) {
        return Ok(absolute);
    }
    if let Some(rest) = text.strip_prefix("rt") {
        return Err(format!("`{modifier}` asks for a real-time search, which does not exist here; write `{rest}`"));
    }
    relative(text, now_us).map_err(|why| format!("`{modifier}` is no time: {why}"))
}

/// Moves an instant by a relative modifier, as `relative_time` does.
///
/// # Errors
/// A sentence about the part that cannot be parsed.
pub fn relative(modifier: &str, from_us: i64) -> Result<i64, String> {
    let out_of_range = |_| "it lies outside the years that can be computed with".to_owned();
    let start = Timestamp::from_microsecond(from_us).map_err(out_of_range)?;
    let mut time = start.to_zoned_datetime(TimeZone::UTC).datetime();
    let mut rest = modifier.trim();
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    rest = rest.strip_prefix("now").unwrap_or(rest);
    while let Some(sign) = rest.chars().next() {
        let after = &rest[sign.len_utf8()..];
        rest = match sign {
            '@' => snap(after, &mut time)?,
            '+' | '-' => shift(sign == '-', after, &mut time)?,
            _ => return Err(format!("`{rest}` should begin with `+`, `-` or `@`")),
        };
    }
    time.to_zoned_datetime(TimeZone::UTC).map(|zoned| zoned.timestamp().as_microsecond()).map_err(out_of_range)
}

/// The unit that a text begins with, and the rest. No modifier has a unit below a second.
fn unit(text: &str) -> Result<(TimeUnit, &str), String> {
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = text.split_at(length);
    match TimeUnit::named(name).filter(|unit| !unit.is_below_second()) {
        Some(unit) => Ok((unit, rest)),
        None if name.is_empty() => Err("a unit is missing: s, m, h, d, w, mon, q or y".to_owned()),
        None => Err(format!("`{name}` is no unit: write s, m, h, d, w, mon, q or y")),
    }
}

fn shift<'a>(back: bool, text: &'a str, time: &mut DateTime) -> Result<&'a str, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: i64 = match &text[..digits] {
        "" => 1,
        count => count.parse().map_err(|_| format!("the number {count} is too large"))?,
    };
    let (unit, rest) = unit(&text[digits..])?;
    let count = if back { -count } else { count };
    let span = span(unit, count).ok_or_else(|| format!("the number {count} is too large"))?;
    *time = time.checked_add(span).map_err(|_| format!("the number {count} leads out of the calendar"))?;
    Ok(rest)
}

fn span(unit: TimeUnit, count: i64) -> Option<Span> {
    match unit.length() {
        Length::Microseconds(length) => Span::new().try_microseconds(count.checked_mul(length)?),
        Length::Months(months) => Span::new().try_months(count.checked_mul(months)?),
    }
    .ok()
}

/// Rounds down to the beginning of a unit; `w0` to `w6` to that day of the week, Sunday being 0 and also 7.
fn snap<'a>(text: &'a str, time: &mut DateTime) -> Result<&'a str, String> {
    let (unit, mut rest) = unit(text)?;
    let date = time.date();
    let midnight = |date: jiff::civil::Date| date.at(0, 0, 0, 0);
    *time = match unit {
        TimeUnit::Microsecond | TimeUnit::Millisecond | TimeUnit::Centisecond | TimeUnit::Decisecond => *time,
        TimeUnit::Second => date.at(time.hour(), time.minute(), time.second(), 0),
        TimeUnit::Minute => date.at(time.hour(), time.minute(), 0, 0),
        TimeUnit::Hour => date.at(time.hour(), 0, 0, 0),
        TimeUnit::Day => midnight(date),
        TimeUnit::Week => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let day: i8 = match &rest[..digits] {
                "" => 0,
                day => match day.parse() {
                    Ok(7) => 0,
                    Ok(day @ 0..=6) => day,
                    _ => return Err(format!("`w{day}` is no day of the week: w0 is Sunday, w6 Saturday")),
                },
            };
            rest = &rest[digits..];
            let today = date.weekday().to_sunday_zero_offset();
            let back = i64::from((today - day).rem_euclid(7));
            midnight(date.checked_sub(back.days()).map_err(|_| "it leads out of the calendar".to_owned())?)
        }
        TimeUnit::Month => midnight(date.first_of_month()),
        TimeUnit::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            let first = jiff::civil::Date::new(date.year(), month, 1);
            midnight(first.map_err(|_| "it leads out of the calendar".to_owned())?)
        }
        TimeUnit::Year => midnight(date.first_of_year()),
    };
    Ok(rest)
}

/// An absolute time: seconds since 1970, Splunk's `%m/%d/%Y:%H:%M:%S`, or ISO 8601.
fn absolute(text: &str) -> Option<i64> {
    if text.starts_with(|c: char| c.is_ascii_digit())
        && let Some(seconds) = crate::types::parse_number(text)
    {
        return crate::types::microseconds(seconds);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_microsecond());
    }
    let local = if text.contains('/') {
        DateTime::strptime("%m/%d/%Y:%H:%M:%S", text).ok()?
    } else if text.len() >= 10 && text.starts_with(|c: char| c.is_ascii_digit()) {
        text.parse::<DateTime>().ok()?
    } else {
        return None;
    };
    local.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

/// The day of the week counted from Sunday as 0.
pub(crate) fn from_sunday(weekday: Weekday) -> i8 {
    weekday.to_sunday_zero_offset()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wednesday.
    const NOW: &str = "2024-07-17T15:45:10.5Z";

    fn at(modifier: &str) -> String {
        let now = NOW.parse::<Timestamp>().unwrap().as_microsecond();
        Timestamp::from_microsecond(resolve(modifier, now).unwrap()).unwrap().to_string()
    }

    #[test]
    fn moves_and_snaps() {
        for (modifier, expected) in [
            ("now", "2024-07-17T15:45:10.5Z"),
            ("-1d@d", "2024-07-16T00:00:00Z"),
            ("-1d@d+2h", "2024-07-16T02:00:00Z"),
            ("@m", "2024-07-17T15:45:00Z"),
            ("@s", "2024-07-17T15:45:10Z"),
            ("-h@h", "2024-07-17T14:00:00Z"),
            ("@w", "2024-07-14T00:00:00Z"),
            ("@w0", "2024-07-14T00:00:00Z"),
            ("@w7", "2024-07-14T00:00:00Z"),
            ("@w3", "2024-07-17T00:00:00Z"),
            ("@w5", "2024-07-12T00:00:00Z"),
            ("@mon", "2024-07-01T00:00:00Z"),
            ("-1mon@mon", "2024-06-01T00:00:00Z"),
            ("@q", "2024-07-01T00:00:00Z"),
            ("-1qtr@q", "2024-04-01T00:00:00Z"),
            ("@y", "2024-01-01T00:00:00Z"),
            ("-1y@y", "2023-01-01T00:00:00Z"),
            ("+7d", "2024-07-24T15:45:10.5Z"),
            ("-2weeks@day", "2024-07-03T00:00:00Z"),
            ("-90s", "2024-07-17T15:43:40.5Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("11/23/2026:16:00:00", "2026-11-23T16:00:00Z"),
            ("2026-11-23T16:00:00Z", "2026-11-23T16:00:00Z"),
            ("2026-11-23T16:00:00+02:00", "2026-11-23T14:00:00Z"),
            ("2026-11-23 16:00:00", "2026-11-23T16:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
        ] {
            assert_eq!(at(modifier), expected, "{modifier}");
        }
    }

    #[test]
    fn a_month_back_stays_in_the_month() {
        let march = "2024-03-31T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
        let back = Timestamp::from_microsecond(relative("-1mon", march).unwrap()).unwrap();
        assert_eq!(back.to_string(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn faults_are_explained() {
        for (modifier, word) in [
            ("", "empty"),
            ("-1x", "no unit"),
            ("-1", "unit is missing"),
            ("yesterday", "should begin"),
            ("@w8", "no day of the week"),
            ("-99999999999999999999d", "too large"),
            ("-9999999y", "too large"),
            ("rt-5m", "real-time"),
        ] {
            let message = resolve(modifier, 0).unwrap_err();
            assert!(message.contains(word), "{modifier}: {message}");
        }
    }
}
