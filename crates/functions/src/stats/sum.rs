//! `sum`, and the summing that other functions share.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `sum`.
pub static SUM: StatsFunction = StatsFunction {
    name: "sum",
    aliases: &[],
    usage: "sum(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&SUM, None, Total::default()),
    summary: "The sum of the values that are numbers.",
    details: "Values that are not numbers are passed over; each value of a multivalue is added. Of no numbers it is \
              null. Rounding errors are carried along, so the result does not depend on how the rows were split.",
    source: "Search Reference: Aggregate functions, sum()",
    examples: &[
        Example { expression: "sum(x)", given: r#"["10", "2.5", "n/a", null]"#, result: "12.5" },
        Example { expression: "sum(x)", given: "[0.1, 0.2, 0.3, 0.4]", result: "1" },
        Example { expression: "sum(x)", given: r#"[["1", "2"], "3"]"#, result: "6" },
        Example { expression: "sum(x)", given: r#"["a"]"#, result: "null" },
    ],
};

/// A sum that keeps what rounding takes from it (Neumaier's variant of Kahan summation).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
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

    /// The sum. Infinite if it outgrew what a number can be.
    pub fn value(&self) -> f64 {
        if self.high.is_finite() { self.high + self.low } else { self.high }
    }
}

/// A sum and the number of its terms: all of `sum`, and half of `avg`.
#[derive(Clone, Debug, Default)]
pub(super) struct Total {
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
