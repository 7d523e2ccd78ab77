//! Variance and standard deviation, shared by `var`, `varp`, `stdev` and `stdevp`.
//!
//! The sums are those of the distances to the first number seen, not of the numbers themselves: timestamps, for example,
//! are large compared to their distances, and sums of their squares would lose the significant digits.

use super::{Row, StateColumn, StateRow, StateWriter, Sum, Tally};
use crate::types::Output;

/// What the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A sample of the population.
    Sample,
    /// All that there are.
    Population,
}

/// The accumulated spread of numbers.
#[derive(Clone, Debug)]
pub struct Spread {
    of: Of,
    root: bool,
    count: f64,
    /// The origin of the distances: the first number seen.
    origin: f64,
    sum: Sum,
    squares: Sum,
}

impl Spread {
    /// Creates an empty one; with `root`, the result is the root of the variance.
    pub fn new(of: Of, root: bool) -> Self {
        Self { of, root, count: 0.0, origin: 0.0, sum: Sum::default(), squares: Sum::default() }
    }

    fn variance(&self) -> Option<f64> {
        if self.count == 0.0 {
            return None;
        }
        let sum = self.sum.value();
        let squares = self.squares.value() - sum * sum / self.count;
        // Rounding can give a tiny negative variance. NaN (after an overflow of the sums) must stay NaN.
        let squares = if squares < 0.0 { 0.0 } else { squares };
        match self.of {
            Of::Population => Some(squares / self.count),
            Of::Sample if self.count == 1.0 => Some(0.0),
            Of::Sample => Some(squares / (self.count - 1.0)),
        }
    }
}

impl Tally for Spread {
    const STATE: &'static [StateColumn] = &[StateColumn::Number; 6];

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| {
            if self.count == 0.0 {
                self.origin = number;
            }
            let distance = number - self.origin;
            self.count += 1.0;
            self.sum.add(distance);
            self.squares.add(distance * distance);
        });
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        let number = |column| state.number(column).unwrap_or(0.0);
        let count = number(0);
        if count == 0.0 {
            return;
        }
        if self.count == 0.0 {
            self.origin = number(1);
        }
        // With the other's distances d and the shift s between the origins: Σ(d+s) = Σd + ns,
        // Σ(d+s)² = Σd² + 2sΣd + ns².
        let shift = number(1) - self.origin;
        let sum = number(2) + number(3);
        self.count += count;
        self.sum.add_parts((number(2), number(3)));
        self.sum.add(count * shift);
        self.squares.add_parts((number(4), number(5)));
        self.squares.add(2.0 * shift * sum);
        self.squares.add(count * shift * shift);
    }

    fn save(&self, state: &mut StateWriter) {
        let (sum, squares) = (self.sum.parts(), self.squares.parts());
        let columns = [self.count, self.origin, sum.0, sum.1, squares.0, squares.1];
        columns.into_iter().enumerate().for_each(|(column, number)| state.number(column, Some(number)));
    }

    fn result(&self, out: &mut Output) {
        match self.variance() {
            None => out.null(),
            Some(variance) => out.number(if self.root { variance.sqrt() } else { variance }),
        }
    }
}
