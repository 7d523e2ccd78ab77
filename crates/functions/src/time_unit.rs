//! SPL's units of time: their names and lengths. Time modifiers and spans use them.
//!
//! Source: Search Reference, Time modifiers (the units from a second on) and bin (those below a second).

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// A millionth of a second.
    Microsecond,
    /// A thousandth of a second.
    Millisecond,
    /// A hundredth of a second.
    Centisecond,
    /// A tenth of a second.
    Decisecond,
    /// A second.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours: times are UTC.
    Day,
    /// Seven days.
    Week,
    /// A month of the calendar.
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

/// How long a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Constant, in microseconds.
    Microseconds(i64),
    /// Variable by the calendar, in months.
    Months(i64),
}

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

const UNITS: &[(TimeUnit, &[&str], Length)] = &[
    (TimeUnit::Microsecond, &["us"], Length::Microseconds(1)),
    (TimeUnit::Millisecond, &["ms"], Length::Microseconds(1_000)),
    (TimeUnit::Centisecond, &["cs"], Length::Microseconds(10_000)),
    (TimeUnit::Decisecond, &["ds"], Length::Microseconds(100_000)),
    (TimeUnit::Second, &["s", "sec", "secs", "second", "seconds"], Length::Microseconds(SECOND)),
    (TimeUnit::Minute, &["m", "min", "mins", "minute", "minutes"], Length::Microseconds(60 * SECOND)),
    (TimeUnit::Hour, &["h", "hr", "hrs", "hour", "hours"], Length::Microseconds(3_600 * SECOND)),
    (TimeUnit::Day, &["d", "day", "days"], Length::Microseconds(86_400 * SECOND)),
    (TimeUnit::Week, &["w", "week", "weeks"], Length::Microseconds(604_800 * SECOND)),
    (TimeUnit::Month, &["mon", "month", "months"], Length::Months(1)),
    (TimeUnit::Quarter, &["q", "qtr", "qtrs", "quarter", "quarters"], Length::Months(3)),
    (TimeUnit::Year, &["y", "yr", "yrs", "year", "years"], Length::Months(12)),
];

impl TimeUnit {
    /// The unit that a name means.
    pub fn named(name: &str) -> Option<Self> {
        UNITS.iter().find(|(_, names, _)| names.contains(&name)).map(|(unit, ..)| *unit)
    }

    /// Its length.
    pub fn length(self) -> Length {
        // Each unit has a row, in the order of the variants; a test checks that.
        UNITS[self as usize].2
    }

    /// Whether it is shorter than a second.
    pub fn is_below_second(self) -> bool {
        matches!(self.length(), Length::Microseconds(..SECOND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_has_the_row_of_its_number() {
        for (index, (unit, names, _)) in UNITS.iter().enumerate() {
            assert_eq!(*unit as usize, index, "{unit:?}");
            assert!(names.iter().all(|name| TimeUnit::named(name) == Some(*unit)), "{unit:?} has a name of another");
        }
        assert_eq!(UNITS.last().map(|(unit, ..)| *unit), Some(TimeUnit::Year));
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(TimeUnit::named("mon"), Some(TimeUnit::Month));
        assert_eq!(TimeUnit::named("M"), None);
        assert_eq!(TimeUnit::named(""), None);
        assert!(TimeUnit::Decisecond.is_below_second());
        assert!(!TimeUnit::Second.is_below_second());
    }
}
