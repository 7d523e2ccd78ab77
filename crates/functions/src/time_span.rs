//! Spans of time, as in `bin` and related commands: `30s`, `5m`, `1h`, `1d`, `1mon`.

use crate::time_unit::{Length, TimeUnit};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeSpan {
    count: f64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Second,
    Month,
}

impl TimeSpan {
    /// Parses a span: a number and a unit. The number is optional, and so is the unit (seconds).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let count = if number.is_empty() { 1.0 } else { number.parse::<f64>().ok()? };
        let unit = unit.split('@').next().unwrap_or_default();
        if number.is_empty() && unit.is_empty() {
            return None;
        }
        Self::new(count, if unit.is_empty() { "s" } else { unit })
    }

    /// A span of a number of units.
    pub fn new(count: f64, unit: &str) -> Option<Self> {
        if !(count > 0.0 && count.is_finite()) {
            return None;
        }
        Some(match TimeUnit::named(unit)?.length() {
            Length::Microseconds(length) => Self { count: count * length as f64 / 1e6, unit: Unit::Second },
            Length::Months(months) => Self { count: (count * months as f64).round().max(1.0), unit: Unit::Month },
        })
    }

    /// Its length, if it is constant.
    pub fn seconds(self) -> Option<f64> {
        (self.unit == Unit::Second).then_some(self.count)
    }

    /// Count and unit, from which [`TimeSpan::new`] restores it.
    pub fn parts(self) -> (f64, &'static str) {
        (self.count, if self.unit == Unit::Second { "s" } else { "mon" })
    }

    /// The start of the span that an instant is in, both in seconds since 1970. Spans are counted from 1970, or from
    /// `align`; months by the calendar, UTC.
    pub fn start(self, time: f64, align: f64) -> f64 {
        match self.unit {
            Unit::Second => {
                let micros = |seconds: f64| (seconds * 1e6).round() as i128;
                let (size, align) = (micros(self.count).max(1), micros(align));
                let passed = (micros(time) - align).div_euclid(size);
                (passed * size + align) as f64 / 1e6
            }
            Unit::Month => month_start(time, self.count as i64).unwrap_or(time),
        }
    }
}

fn month_start(time: f64, months: i64) -> Option<f64> {
    let zoned: ZonedDateTime = Timestamp::from_microsecond((time * 1e6) as i64).ok()?.to_zoned_datetime(TimeZone::UTC);
    let passed = (i64::from(zoned.year()) * 12 + i64::from(zoned.month()) - 1).div_euclid(months) * months;
    let (year, month) = (passed.div_euclid(12), passed.rem_euclid(12) + 1);
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
    Some(date.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp().as_microsecond() as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        assert_eq!(TimeSpan::parse("5m").and_then(TimeSpan::seconds), Some(300.0));
        assert_eq!(TimeSpan::parse("90").and_then(TimeSpan::seconds), Some(90.0));
        assert_eq!(TimeSpan::parse("h").and_then(TimeSpan::seconds), Some(3600.0));
        assert_eq!(TimeSpan::parse("250ms").and_then(TimeSpan::seconds), Some(0.25));
        assert_eq!(TimeSpan::parse("2qtrs").map(TimeSpan::parts), Some((6.0, "mon")));
        assert_eq!(TimeSpan::parse("1mon").and_then(TimeSpan::seconds), None);
        assert_eq!(TimeSpan::parse("5 parsecs"), None);
        assert_eq!(TimeSpan::parse(""), None);
        assert_eq!(TimeSpan::parse("0s"), None);
    }

    #[test]
    fn an_instant_falls_into_its_span() {
        let start = |span: &str, t| TimeSpan::parse(span).map(|s| s.start(t, 0.0));
        assert_eq!(start("5m", 1_700_000_110.0), Some(1_700_000_100.0));
        assert_eq!(start("1mon", 1_700_000_110.0), Some(1_698_796_800.0));
        assert_eq!(start("1y", 1_700_000_110.0), Some(1_672_531_200.0));
        assert_eq!(start("1s", -0.5), Some(-1.0));
    }
}
