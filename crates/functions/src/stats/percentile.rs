//! `perc<number>`, `exactperc<number>`, `upperperc<number>` and `median`: the number below which so many per cent lie.

use std::collections::BTreeMap;

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `perc<number>`.
pub static PERC: StatsFunction = StatsFunction {
    name: "perc<number>",
    aliases: &["p<number>"],
    usage: "perc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |number| aggregate(&PERC, number, Percentile::new(number.unwrap_or(50.0))),
    summary: "The percentile of the values that are numbers: `perc95` is above 95 of a hundred.",
    details: "The number in the name is from 0 to 100 and may have a fraction (`perc99.9`). Between two values the \
              percentile is interpolated linearly. Values that are not numbers are passed over; each value of a \
              multivalue counts. Of no numbers it is null. Splunk approximates above 1000 different values; here it is \
              exact and keeps every different value in memory.",
    source: "Search Reference: Aggregate functions, perc()",
    examples: &[
        Example { expression: "perc95(x)", given: "[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]", result: "9.55" },
        Example {
            expression: "p50(x)",
            given: r#"["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]"#,
            result: "5.5",
        },
        Example {
            expression: "p95(x)",
            given: "[0, 212, 579, 1068, 1692, 2301, 2793, 3306, 3673, 4010]",
            result: "3858.35",
        },
        Example { expression: "perc0(x)", given: "[3, 1, 1, 2]", result: "1" },
        Example { expression: "perc100(x)", given: r#"["3", "1", "a"]"#, result: "3" },
        Example { expression: "perc99.9(x)", given: "[5]", result: "5" },
        Example { expression: "perc50(x)", given: r#"["a"]"#, result: "null" },
    ],
};

/// `exactperc<number>`.
pub static EXACTPERC: StatsFunction = StatsFunction {
    name: "exactperc<number>",
    aliases: &[],
    usage: "exactperc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |number| aggregate(&EXACTPERC, number, Percentile::new(number.unwrap_or(50.0))),
    summary: "The percentile, exact however many values there are; here the same as `perc<number>`.",
    details: "See `perc<number>`.",
    source: "Search Reference: Aggregate functions, exactperc()",
    examples: &[Example { expression: "exactperc25(x)", given: "[1, 2, 3, 4, 5]", result: "2" }],
};

/// `upperperc<number>`.
pub static UPPERPERC: StatsFunction = StatsFunction {
    name: "upperperc<number>",
    aliases: &[],
    usage: "upperperc<number>(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |number| aggregate(&UPPERPERC, number, Percentile::new(number.unwrap_or(50.0))),
    summary: "An upper bound of the percentile; here the percentile itself, as `perc<number>`.",
    details: "Splunk gives a bound above 1000 different values, where it approximates. Here all percentiles are exact. \
              See `perc<number>`.",
    source: "Search Reference: Aggregate functions, upperperc()",
    examples: &[Example { expression: "upperperc75(x)", given: "[1, 2, 3, 4, 5]", result: "4" }],
};

/// `median`.
pub static MEDIAN: StatsFunction = StatsFunction {
    name: "median",
    aliases: &[],
    usage: "median(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&MEDIAN, None, Percentile::new(50.0)),
    summary: "The middle of the values that are numbers: `perc50`.",
    details: "Of an even number of values it is the average of the two in the middle. See `perc<number>`.",
    source: "Search Reference: Aggregate functions, median()",
    examples: &[
        Example { expression: "median(x)", given: "[37, 58, 8, 34, 13, 74, 38]", result: "37" },
        Example { expression: "median(x)", given: r#"["1", "10", "2", "x", "3"]"#, result: "2.5" },
        Example { expression: "median(x)", given: "[]", result: "null" },
    ],
};

/// A number that sorts. It is finite, and never a negative zero.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sorted(f64);

impl Eq for Sorted {}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The different numbers, each with how often it was seen.
#[derive(Clone, Debug)]
struct Percentile {
    percent: f64,
    count: u64,
    numbers: BTreeMap<Sorted, u64>,
}

/// What a number costs in the map: itself, its count, and its share of half-full nodes.
const ENTRY_BYTES: usize = 40;

impl Percentile {
    fn new(percent: f64) -> Self {
        Self { percent, count: 0, numbers: BTreeMap::new() }
    }

    fn put(&mut self, number: f64, times: u64) {
        // Adding zero makes a negative zero positive.
        *self.numbers.entry(Sorted(number + 0.0)).or_insert(0) += times;
        self.count += times;
    }

    /// The percentile at rank `percent * (count - 1) / 100` of the sorted numbers, the first having rank 0. In
    /// hundredths all along, so that the result of round numbers is round.
    fn value(&self) -> Option<f64> {
        let hundredths = self.percent * self.count.checked_sub(1)? as f64;
        let rank = (hundredths / 100.0).floor();
        let part = (hundredths - rank * 100.0).clamp(0.0, 100.0);
        let mut below = 0.0;
        let mut lower = None;
        for (number, times) in &self.numbers {
            below += *times as f64;
            if lower.is_none() && below > rank {
                lower = Some(number.0);
            }
            if let Some(lower) = lower
                && (part == 0.0 || below > rank + 1.0)
            {
                return Some(between(lower, number.0, part));
            }
        }
        lower
    }
}

/// The number that lies `part` hundredths of the way from `low` to `high`.
fn between(low: f64, high: f64, part: f64) -> f64 {
    if low == high || part == 0.0 {
        return low;
    }
    let value = (low * (100.0 - part) + high * part) / 100.0;
    if value.is_finite() { value } else { low * (1.0 - part / 100.0) + high * (part / 100.0) }
}

impl Tally for Percentile {
    const STATE: &'static [StateColumn] = &[StateColumn::Numbers, StateColumn::Numbers];

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.put(number, 1));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        state.numbers(0).zip(state.numbers(1)).for_each(|(number, times)| self.put(number, times as u64));
    }

    fn save(&self, state: &mut StateWriter) {
        state.numbers(0, self.numbers.keys().map(|number| number.0));
        state.numbers(1, self.numbers.values().map(|times| *times as f64));
    }

    fn result(&self, out: &mut Output) {
        match self.value() {
            None => out.null(),
            Some(number) => out.number(number),
        }
    }

    fn heap(&self) -> usize {
        self.numbers.len() * ENTRY_BYTES
    }
}
