//! `var`, `varp`, `stdev` and `stdevp`: how far the numbers lie from their average.
//!
//! The sums are of distances to the first number seen, not of the numbers: those of timestamps, say, are small beside
//! the timestamps, and their squares would lose what tells them apart.

use super::sum::Sum;
use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

const DETAILS: &str = "Values that are not numbers are passed over; each value of a multivalue counts. Of one number it \
                       is 0, of none it is null.";

/// `stdev`.
pub static STDEV: StatsFunction = StatsFunction {
    name: "stdev",
    aliases: &[],
    usage: "stdev(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&STDEV, None, Spread::new(Of::Sample, true)),
    summary: "The standard deviation of a sample: the root of `var`.",
    details: DETAILS,
    source: "Search Reference: Aggregate functions, stdev()",
    examples: &[
        Example { expression: "stdev(x)", given: r#"["1", "3", "5", "a"]"#, result: "2" },
        Example { expression: "stdev(x)", given: "[7]", result: "0" },
        Example { expression: "stdev(x)", given: "[1700000001, 1700000003, 1700000005]", result: "2" },
    ],
};

/// `stdevp`.
pub static STDEVP: StatsFunction = StatsFunction {
    name: "stdevp",
    aliases: &[],
    usage: "stdevp(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&STDEVP, None, Spread::new(Of::Population, true)),
    summary: "The standard deviation of a population: the root of `varp`.",
    details: DETAILS,
    source: "Search Reference: Aggregate functions, stdevp()",
    examples: &[Example { expression: "stdevp(x)", given: "[2, 4, 4, 4, 5, 5, 7, 9]", result: "2" }],
};

/// `var`.
pub static VAR: StatsFunction = StatsFunction {
    name: "var",
    aliases: &[],
    usage: "var(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&VAR, None, Spread::new(Of::Sample, false)),
    summary: "The variance of a sample: the squared distances to the average, divided by one less than their number.",
    details: DETAILS,
    source: "Search Reference: Aggregate functions, var()",
    examples: &[
        Example { expression: "var(x)", given: "[1, 3, 5]", result: "4" },
        Example { expression: "var(x)", given: "[7]", result: "0" },
        Example { expression: "var(x)", given: r#"["a", null]"#, result: "null" },
    ],
};

/// `varp`.
pub static VARP: StatsFunction = StatsFunction {
    name: "varp",
    aliases: &[],
    usage: "varp(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&VARP, None, Spread::new(Of::Population, false)),
    summary: "The variance of a population: the average of the squared distances to the average.",
    details: DETAILS,
    source: "Search Reference: Aggregate functions, varp()",
    examples: &[
        Example { expression: "varp(x)", given: "[2, 4, 4, 4, 5, 5, 7, 9]", result: "4" },
        Example { expression: "varp(x)", given: r#"[["2", "4"], "6", "8"]"#, result: "5" },
    ],
};

/// What the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Some of those that there are.
    Sample,
    /// All that there are.
    Population,
}

#[derive(Clone, Debug)]
struct Spread {
    of: Of,
    root: bool,
    count: f64,
    /// The number that the distances are to: the first one seen.
    origin: f64,
    sum: Sum,
    squares: Sum,
}

impl Spread {
    fn new(of: Of, root: bool) -> Self {
        Self { of, root, count: 0.0, origin: 0.0, sum: Sum::default(), squares: Sum::default() }
    }

    fn variance(&self) -> Option<f64> {
        if self.count == 0.0 {
            return None;
        }
        let sum = self.sum.value();
        let squares = (self.squares.value() - sum * sum / self.count).max(0.0);
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
