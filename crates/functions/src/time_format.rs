//! Splunk's date and time format variables, for `strftime` and `strptime`.
//!
//! Times are UTC unless the parsed text names a zone. Source: Search Reference, Date and time format variables.

use jiff::civil::{Date, DateTime, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::time_modifier::from_sunday;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Abbreviations of zones and their offsets in minutes; `Z` is UTC as well.
const ZONES: &[(&str, i64)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("EST", -5 * 60),
    ("EDT", -4 * 60),
    ("CST", -6 * 60),
    ("CDT", -5 * 60),
    ("MST", -7 * 60),
    ("MDT", -6 * 60),
    ("PST", -8 * 60),
    ("PDT", -7 * 60),
    ("CEST", 2 * 60),
    ("CET", 60),
    ("BST", 60),
    ("JST", 9 * 60),
    ("IST", 5 * 60 + 30),
];

/// A variable of a format, or a character.
enum Part {
    Variable { letter: char, digits: Option<usize> },
    Character(char),
}

fn parts(format: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            parts.push(Part::Character(c));
            continue;
        }
        let mut digits = None;
        if let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
            digits = Some(digit as usize);
            rest.next();
        }
        match rest.next() {
            // `%:z` and `%Ez` are one variable each, named by their first sign from here on.
            Some(sign @ (':' | 'E')) if rest.peek() == Some(&'z') => {
                rest.next();
                parts.push(Part::Variable { letter: sign, digits });
            }
            Some(letter) => parts.push(Part::Variable { letter, digits }),
            None => parts.push(Part::Character('%')),
        }
    }
    parts
}

/// A time in microseconds since 1970 as text, UTC; `None` if it is outside the calendar. Unknown variables are copied
/// unchanged.
pub fn format(time_us: i64, format: &str) -> Option<String> {
    let instant = Timestamp::from_microsecond(time_us).ok()?;
    let time = instant.to_zoned_datetime(TimeZone::UTC).datetime();
    let mut to = String::with_capacity(format.len() * 2);
    for part in parts(format) {
        match part {
            Part::Character(c) => to.push(c),
            Part::Variable { letter, digits } => write_variable(letter, digits, &time, time_us, &mut to),
        }
    }
    Some(to)
}

fn write_variable(letter: char, digits: Option<usize>, time: &DateTime, time_us: i64, to: &mut String) {
    let date = time.date();
    let hour12 = if time.hour() % 12 == 0 { 12 } else { time.hour() % 12 };
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    let day = DAYS[usize::from(from_sunday(date.weekday()).unsigned_abs())];
    let week =
        |first: i8| (date.day_of_year() + 6 - i16::from((from_sunday(date.weekday()) - first).rem_euclid(7))) / 7;
    let nested = |form: &str, to: &mut String| to.push_str(&self::format(time_us, form).unwrap_or_default());
    match letter {
        'Y' => to.push_str(&format!("{:04}", date.year())),
        'C' => to.push_str(&format!("{:02}", date.year() / 100)),
        'y' => to.push_str(&format!("{:02}", date.year().rem_euclid(100))),
        'm' => to.push_str(&format!("{:02}", date.month())),
        'd' => to.push_str(&format!("{:02}", date.day())),
        'e' => to.push_str(&format!("{:2}", date.day())),
        'j' => to.push_str(&format!("{:03}", date.day_of_year())),
        'B' => to.push_str(month),
        'b' | 'h' => to.push_str(&month[..3]),
        'A' => to.push_str(day),
        'a' => to.push_str(&day[..3]),
        'w' => to.push_str(&from_sunday(date.weekday()).to_string()),
        'u' => to.push_str(&date.weekday().to_monday_one_offset().to_string()),
        'U' => to.push_str(&format!("{:02}", week(0))),
        'W' => to.push_str(&format!("{:02}", week(1))),
        'V' => to.push_str(&format!("{:02}", date.iso_week_date().week())),
        'G' => to.push_str(&format!("{:04}", date.iso_week_date().year())),
        'g' => to.push_str(&format!("{:02}", date.iso_week_date().year().rem_euclid(100))),
        'H' => to.push_str(&format!("{:02}", time.hour())),
        'k' => to.push_str(&format!("{:2}", time.hour())),
        'I' => to.push_str(&format!("{hour12:02}")),
        'l' => to.push_str(&format!("{hour12:2}")),
        'M' => to.push_str(&format!("{:02}", time.minute())),
        'S' => to.push_str(&format!("{:02}", time.second())),
        'N' => write_fraction(time, digits.unwrap_or(9), to),
        'Q' => write_fraction(time, digits.unwrap_or(3), to),
        'f' => write_fraction(time, digits.unwrap_or(6), to),
        'p' => to.push_str(if time.hour() < 12 { "AM" } else { "PM" }),
        'P' => to.push_str(if time.hour() < 12 { "am" } else { "pm" }),
        's' => to.push_str(&time_us.div_euclid(1_000_000).to_string()),
        'Z' => to.push_str("UTC"),
        'z' => to.push_str("+0000"),
        ':' => to.push_str("+00:00"),
        'E' => to.push_str("+0"),
        'T' | 'X' => nested("%H:%M:%S", to),
        'R' => nested("%H:%M", to),
        'r' => nested("%I:%M:%S %p", to),
        'F' => nested("%Y-%m-%d", to),
        'D' => nested("%m/%d/%y", to),
        'x' => nested("%m/%d/%Y", to),
        'c' => nested("%a %b %e %H:%M:%S %Y", to),
        '+' => nested("%a %b %e %H:%M:%S %Z %Y", to),
        'n' => to.push('\n'),
        't' => to.push('\t'),
        '%' => to.push('%'),
        other => {
            to.push('%');
            to.extend(digits.and_then(|d| char::from_digit(d as u32, 10)));
            to.push(other);
        }
    }
}

fn write_fraction(time: &DateTime, digits: usize, to: &mut String) {
    let nanoseconds = format!("{:09}", time.subsec_nanosecond());
    to.push_str(&nanoseconds[..digits.clamp(1, 9)]);
}

/// The parts of a time parsed so far.
#[derive(Default)]
struct Read {
    year: Option<i64>,
    century: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    week: Option<(i64, i64)>,
    weekday: Option<i64>,
    hour: i64,
    afternoon: Option<bool>,
    minute: i64,
    second: i64,
    nanosecond: i64,
    offset: i64,
    epoch: Option<i64>,
}

/// Parses a time in a format, in microseconds since 1970; `None` if the text does not have the format.
///
/// White space in the format matches any white space, and text behind the end of the format is ignored. A date needs a
/// day: a year and a month alone are not enough. The default date is today, the default year this year, both as of
/// `now_us`.
pub fn parse(text: &str, format: &str, now_us: i64) -> Option<i64> {
    let mut read = Read::default();
    read_format(text, format, &mut read, 0)?;
    read.instant(now_us)
}

fn read_format<'t>(text: &'t str, format: &str, read: &mut Read, depth: usize) -> Option<&'t str> {
    let mut rest = text;
    for part in parts(format) {
        rest = match part {
            Part::Character(c) if c.is_whitespace() => rest.trim_start(),
            Part::Character(c) => rest.strip_prefix(c)?,
            Part::Variable { letter, digits } => read_variable(letter, digits, rest, read, depth)?,
        };
    }
    Some(rest)
}

fn read_variable<'t>(
    letter: char,
    digits: Option<usize>,
    text: &'t str,
    read: &mut Read,
    depth: usize,
) -> Option<&'t str> {
    let nested = match letter {
        'T' | 'X' => Some("%H:%M:%S"),
        'R' => Some("%H:%M"),
        'r' => Some("%I:%M:%S %p"),
        'F' => Some("%Y-%m-%d"),
        'D' => Some("%m/%d/%y"),
        'x' => Some("%m/%d/%Y"),
        'c' => Some("%a %b %e %H:%M:%S %Y"),
        '+' => Some("%a %b %e %H:%M:%S %Z %Y"),
        _ => None,
    };
    if let Some(nested) = nested {
        return if depth == 0 { read_format(text, nested, read, 1) } else { None };
    }
    let padded = text.trim_start_matches(' ');
    let field = |width: usize, range: std::ops::RangeInclusive<i64>| number(padded, width, range);
    let (value, rest) = match letter {
        'Y' | 'G' => field(4, 0..=9999)?,
        'C' | 'y' | 'g' => field(2, 0..=99)?,
        'm' => field(2, 1..=12)?,
        'd' | 'e' => field(2, 1..=31)?,
        'j' => field(3, 1..=366)?,
        'H' | 'k' => field(2, 0..=23)?,
        'I' | 'l' => field(2, 1..=12)?,
        'M' => field(2, 0..=59)?,
        'S' => field(2, 0..=60)?,
        'u' => field(1, 1..=7)?,
        'w' => field(1, 0..=6)?,
        'U' | 'W' | 'V' => field(2, 0..=53)?,
        'N' => return fraction(text, digits.unwrap_or(9), read),
        'Q' => return fraction(text, digits.unwrap_or(3), read),
        'f' => return fraction(text, digits.unwrap_or(6), read),
        's' => return epoch(padded, read),
        'z' | ':' | 'E' => return offset(padded, read),
        'B' | 'b' | 'h' => named(padded, &MONTHS).map(|(month, rest)| (month + 1, rest))?,
        'A' | 'a' => named(padded, &DAYS)?,
        'p' | 'P' => named(padded, &["AM", "PM"])?,
        'Z' => return zone(padded, read),
        'n' | 't' => return Some(text.trim_start()),
        '%' => return text.strip_prefix('%'),
        _ => return None,
    };
    match letter {
        'Y' => read.year = Some(value),
        'G' => read.iso_year = Some(value),
        'C' => read.century = Some(value),
        'y' => read.year = Some(if value < 69 { 2000 + value } else { 1900 + value }),
        'm' | 'B' | 'b' | 'h' => read.month = Some(value),
        'd' | 'e' => read.day = Some(value),
        'j' => read.day_of_year = Some(value),
        'H' | 'k' | 'I' | 'l' => read.hour = value,
        'p' | 'P' => read.afternoon = Some(value == 1),
        'M' => read.minute = value,
        'S' => read.second = value.min(59),
        'V' => read.iso_week = Some(value),
        'U' => read.week = Some((value, 0)),
        'W' => read.week = Some((value, 1)),
        'A' | 'a' | 'w' => read.weekday = Some(value),
        'u' => read.weekday = Some(value % 7),
        _ => {}
    }
    Some(rest)
}

fn number(text: &str, width: usize, range: std::ops::RangeInclusive<i64>) -> Option<(i64, &str)> {
    let digits = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let value = text[..digits].parse().ok()?;
    range.contains(&value).then(|| (value, &text[digits..]))
}

/// A name in full or by its first three letters, in any case.
fn named<'t>(text: &'t str, names: &[&str]) -> Option<(i64, &'t str)> {
    let begins = |name: &str| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    names.iter().enumerate().find_map(|(i, name)| {
        let short = &name[..name.len().min(3)];
        let found = [*name, short].into_iter().find(|name| begins(name))?;
        Some((i as i64, &text[found.len()..]))
    })
}

/// A fraction of a second of up to `digits` digits.
fn fraction<'t>(text: &'t str, digits: usize, read: &mut Read) -> Option<&'t str> {
    let count = text.bytes().take(digits.clamp(1, 9)).take_while(u8::is_ascii_digit).count();
    let value: i64 = text[..count].parse().ok()?;
    read.nanosecond = value * 10_i64.pow(9 - count as u32);
    Some(&text[count..])
}

fn epoch<'t>(text: &'t str, read: &mut Read) -> Option<&'t str> {
    let sign = usize::from(text.starts_with('-'));
    let end = sign + text[sign..].bytes().take(12).take_while(u8::is_ascii_digit).count();
    read.epoch = Some(text[..end].parse().ok()?);
    Some(&text[end..])
}

/// `+hhmm`, `+hh:mm`, `+hh` or `Z`.
fn offset<'t>(text: &'t str, read: &mut Read) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some(rest);
    }
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return zone(text, read),
    };
    let digits = |text: &'t str| -> Option<(i64, &'t str)> {
        let pair = text.get(..2).filter(|pair| pair.bytes().all(|b| b.is_ascii_digit()))?;
        Some((pair.parse().ok()?, &text[2..]))
    };
    let (hours, rest) = digits(&text[1..])?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest)).unwrap_or((0, rest));
    if hours > 23 || minutes > 59 {
        return None;
    }
    read.offset = sign * (hours * 3600 + minutes * 60);
    Some(rest)
}

fn zone<'t>(text: &'t str, read: &mut Read) -> Option<&'t str> {
    let found =
        ZONES.iter().find(|(name, _)| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
    match found {
        Some((name, minutes)) => {
            read.offset = minutes * 60;
            Some(&text[name.len()..])
        }
        None => offset_sign(text).then(|| offset(text, read))?,
    }
}

fn offset_sign(text: &str) -> bool {
    text.starts_with(['+', '-', 'Z', 'z'])
}

impl Read {
    fn instant(&self, now_us: i64) -> Option<i64> {
        if let Some(epoch) = self.epoch {
            return epoch.checked_mul(1_000_000)?.checked_add(self.nanosecond / 1000);
        }
        let hour = match self.afternoon {
            Some(afternoon) => self.hour % 12 + if afternoon { 12 } else { 0 },
            None => self.hour,
        };
        let date = self.date(now_us)?;
        let time = date.at(hour as i8, self.minute as i8, self.second as i8, self.nanosecond as i32);
        let local = time.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_microsecond();
        local.checked_sub(self.offset.checked_mul(1_000_000)?)
    }

    fn date(&self, now_us: i64) -> Option<Date> {
        let today = Timestamp::from_microsecond(now_us).ok()?.to_zoned_datetime(TimeZone::UTC).date();
        let year = match (self.year, self.century) {
            (Some(year), _) => year,
            (None, Some(century)) => century * 100,
            (None, None) => i64::from(today.year()),
        };
        let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
        if let (Some(iso_year), Some(week)) = (self.iso_year, self.iso_week) {
            let weekday = Weekday::from_sunday_zero_offset(self.weekday.unwrap_or(1) as i8).ok()?;
            return Some(ISOWeekDate::new(iso_year as i16, week as i8, weekday).ok()?.date());
        }
        if let Some(day) = self.day_of_year {
            return first.checked_add((day - 1).days()).ok().filter(|date| date.year() == first.year());
        }
        match (self.month, self.day) {
            (Some(month), Some(day)) => Date::new(first.year(), month as i8, day as i8).ok(),
            (None, None) => match (self.week, self.weekday) {
                (Some((week, begins)), Some(weekday)) => {
                    let lead = (i64::from(from_sunday(first.weekday())) - begins).rem_euclid(7);
                    let days = week * 7 + (weekday - begins).rem_euclid(7) - if lead == 0 { 7 } else { lead };
                    first.checked_add(days.days()).ok()
                }
                _ if self.year.is_none() => Some(today),
                _ => None,
            },
            (None, Some(day)) => Date::new(first.year(), today.month(), day as i8).ok(),
            (Some(_), None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-07-17 15:45:10.123456 UTC, a Wednesday.
    const TIME: i64 = 1_721_231_110_123_456;

    #[test]
    fn writes_every_variable() {
        for (form, expected) in [
            ("%Y-%m-%d %H:%M:%S", "2024-07-17 15:45:10"),
            ("%F %T", "2024-07-17 15:45:10"),
            ("%d/%b/%y %a %A %B", "17/Jul/24 Wed Wednesday July"),
            ("%I:%M %p %l", "03:45 PM  3"),
            ("%3N %6N %9N %N", "123 123456 123456000 123456000"),
            ("%Q %3Q %6Q", "123 123 123456"),
            ("%f", "123456"),
            ("%s", "1721231110"),
            ("%Z %z %:z", "UTC +0000 +00:00"),
            ("%j %e %w %u", "199 17 3 3"),
            ("%U %W %V %G", "28 29 29 2024"),
            ("%c", "Wed Jul 17 15:45:10 2024"),
            ("%x %X", "07/17/2024 15:45:10"),
            ("%D %R %k", "07/17/24 15:45 15"),
            ("100%% %n%t|%", "100% \n\t|%"),
            ("%+", "Wed Jul 17 15:45:10 UTC 2024"),
            ("%?", "%?"),
        ] {
            assert_eq!(format(TIME, form).unwrap(), expected, "{form}");
        }
        assert_eq!(format(i64::MAX, "%Y"), None);
    }

    #[test]
    fn reads_what_it_writes() {
        for form in [
            "%Y-%m-%d %H:%M:%S.%6N",
            "%d %B %Y %I:%M:%S %p %6N",
            "%Y %j %T.%6Q",
            "%G-%V-%u %T.%6N",
            "%Y %U %w %T.%6N",
            "%Y %W %a %T.%6N",
            "%FT%T.%6N%z",
        ] {
            let text = format(TIME, form).unwrap();
            assert_eq!(parse(&text, form, 0), Some(TIME), "{form}: {text}");
        }
    }

    #[test]
    fn reads_zones_and_fills_in_the_date() {
        let at = |text: &str, form: &str| parse(text, form, TIME).map(|t| format(t, "%F %T").unwrap());
        assert_eq!(at("2024-01-02T03:04:05+02:00", "%Y-%m-%dT%H:%M:%S%z").as_deref(), Some("2024-01-02 01:04:05"));
        assert_eq!(at("2024-01-02 03:04:05 EST", "%F %T %Z").as_deref(), Some("2024-01-02 08:04:05"));
        assert_eq!(at("2024-01-02 03:04:05 IST", "%F %T %Z").as_deref(), Some("2024-01-01 21:34:05"));
        assert_eq!(at("2024-01-02T03:04:05.5Z", "%Y-%m-%dT%H:%M:%S.%3N%Z").as_deref(), Some("2024-01-02 03:04:05"));
        assert_eq!(at("12:30", "%H:%M").as_deref(), Some("2024-07-17 12:30:00"));
        assert_eq!(at("Jan  5 01:02:03", "%b %e %T").as_deref(), Some("2024-01-05 01:02:03"));
        assert_eq!(at("12:05 AM", "%I:%M %p").as_deref(), Some("2024-07-17 00:05:00"));
        assert_eq!(at("2024-01-02 and more", "%Y-%m-%d").as_deref(), Some("2024-01-02 00:00:00"));
        for (text, form) in [
            ("2024-01", "%Y-%m"),
            ("2024-13-01", "%F"),
            ("2024-02-30", "%F"),
            ("x", "%Y"),
            ("", "%F"),
            ("25:00", "%H:%M"),
            ("2024-01-02", "%Y/%m/%d"),
        ] {
            assert_eq!(at(text, form), None, "{text} {form}");
        }
    }
}
