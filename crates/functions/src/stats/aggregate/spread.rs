//! How far numbers lie from their average: what `var`, `varp`, `stdev` and `stdevp` share.
//!
//! The sums are of distances to the first number seen, not of the numbers: those of timestamps, say, are small beside
//! the timestamps, and their squares would lose what tells them apart.

use super::{Row, StateColumn, StateRow, StateWriter, Sum, Tally};
use crate::types::Output;

/// What the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Some of those that there are.
    Sample,
    /// All that there are.
    Population,
}

/// How far the numbers lie from their average.
#[derive(Clone, Debug)]
pub struct Spread {
    of: Of,
    root: bool,
    count: f64,
    /// The number that the distances are to: the first one seen.
    origin: f64,
    sum: Sum,
    squares: Sum,
}

impl Spread {
    /// Of no numbers yet; with `root`, the result is the root of the variance.
    pub fn new(of: Of, root: bool) -> Self {
        Self { of, root, count: 0.0, origin: 0.0, sum: Sum::default(), squares: Sum::default() }
    }

    fn variance(&self) -> Option<f64> {
        if self.count == 0.0 {
            return None;
        }
        let sum = self.sum.value();
        let squares = self.squares.value() - sum * sum / self.count;
        // Rounding can leave a little less than nothing. What is no number (the sums outgrew it) must stay none.
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
