//! `range`: the distance between the smallest and the largest number.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `range`.
pub static RANGE: StatsFunction = StatsFunction {
    name: "range",
    aliases: &[],
    usage: "range(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&RANGE, |_| Range::default()),
    summary: "The largest number less the smallest one.",
    details: "Values that are not numbers are skipped; each value of a multivalue counts. Of one number it is 0, of \
              none it is null.",
    source: "Search Reference: Aggregate functions, range()",
    examples: &[
        Example { expression: "range(x)", given: r#"["10", "-5", "a", "7"]"#, result: "15" },
        Example { expression: "range(x)", given: "[7]", result: "0" },
        Example { expression: "range(x)", given: r#"["a"]"#, result: "null" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Range(Option<(f64, f64)>);

impl Range {
    fn put(&mut self, low: f64, high: f64) {
        self.0 = Some(match self.0 {
            None => (low, high),
            Some((lowest, highest)) => (lowest.min(low), highest.max(high)),
        });
    }
}

impl Tally for Range {
    const STATE: &'static [StateColumn] = &[StateColumn::Number, StateColumn::Number];

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.put(number, number));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        if let (Some(low), Some(high)) = (state.number(0), state.number(1)) {
            self.put(low, high);
        }
    }

    fn save(&self, state: &mut StateWriter) {
        state.number(0, self.0.map(|(low, _)| low));
        state.number(1, self.0.map(|(_, high)| high));
    }

    fn result(&self, out: &mut Output) {
        match self.0 {
            None => out.null(),
            Some((low, high)) => out.number(high - low),
        }
    }
}
