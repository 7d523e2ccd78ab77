//! Sums that do not lose small terms, shared by `sum`, `sumsq`, `avg` and the variances.

use super::{Row, StateColumn, StateRow, StateWriter, Tally};
use crate::types::Output;

/// A sum with compensation of rounding errors (Neumaier's variant of Kahan summation).
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, number: f64) {
        let total = self.high + number;
        self.low +=
            if self.high.abs() >= number.abs() { (self.high - total) + number } else { (number - total) + self.high };
        self.high = total;
    }

    /// Adds another sum, given as [`Sum::parts`].
    pub fn add_parts(&mut self, (high, low): (f64, f64)) {
        self.add(high);
        self.add(low);
    }

    /// The sum in two parts, for a state.
    pub fn parts(&self) -> (f64, f64) {
        (self.high, self.low)
    }

    /// The sum. Infinite on overflow.
    pub fn value(&self) -> f64 {
        if self.high.is_finite() { self.high + self.low } else { self.high }
    }
}

/// A sum and the number of its terms, for `sum` and `avg`.
#[derive(Clone, Debug, Default)]
pub struct Total {
    /// The sum.
    pub sum: Sum,
    /// How many numbers it has.
    pub count: u64,
}

impl Total {
    /// The columns of [`Total::save`].
    pub const STATE: &'static [StateColumn] = &[StateColumn::Number, StateColumn::Number, StateColumn::Number];

    /// Adds a number.
    pub fn add(&mut self, number: f64) {
        self.sum.add(number);
        self.count += 1;
    }

    /// Undoes [`Total::add`].
    pub fn remove(&mut self, number: f64) {
        self.sum.add(-number);
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            self.sum = Sum::default();
        }
    }

    /// Takes in a saved state.
    pub fn merge(&mut self, state: &StateRow<'_>) {
        if let (Some(count), Some(high), Some(low)) = (state.number(0), state.number(1), state.number(2)) {
            self.count += count as u64;
            self.sum.add_parts((high, low));
        }
    }

    /// Writes the state.
    pub fn save(&self, state: &mut StateWriter) {
        let (high, low) = self.sum.parts();
        state.number(0, Some(self.count as f64));
        state.number(1, Some(high));
        state.number(2, Some(low));
    }
}

impl Tally for Total {
    const STATE: &'static [StateColumn] = Total::STATE;
    const RETRACTS: bool = true;

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.add(number));
    }

    fn remove(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.remove(number));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.merge(state);
    }

    fn save(&self, state: &mut StateWriter) {
        self.save(state);
    }

    fn result(&self, out: &mut Output) {
        if self.count == 0 { out.null() } else { out.number(self.sum.value()) }
    }
}
