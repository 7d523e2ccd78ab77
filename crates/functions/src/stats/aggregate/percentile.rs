//! Percentiles, exact and interpolated, shared by `perc<number>`, its variants and `median`.

use std::collections::BTreeMap;

use super::{Row, StateColumn, StateRow, StateWriter, Tally};
use crate::types::Output;

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

/// The distinct numbers with their frequencies.
#[derive(Clone, Debug)]
pub struct Percentile {
    percent: f64,
    count: u64,
    numbers: BTreeMap<Sorted, u64>,
}

/// Bytes of a number in the map: itself, its count, and its share of half-full nodes.
const ENTRY_BYTES: usize = 40;

impl Percentile {
    /// Creates an empty one; `percent` is from 0 to 100.
    pub fn new(percent: f64) -> Self {
        Self { percent, count: 0, numbers: BTreeMap::new() }
    }

    fn put(&mut self, number: f64, times: u64) {
        // Adding zero makes a negative zero positive.
        *self.numbers.entry(Sorted(number + 0.0)).or_insert(0) += times;
        self.count += times;
    }

    /// The percentile at rank `percent * (count - 1) / 100` of the sorted numbers, the first having rank 0. Computed in
    /// hundredths throughout, so that the result for round numbers is round.
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
