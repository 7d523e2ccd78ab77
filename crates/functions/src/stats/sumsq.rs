//! `sumsq`: the sum of the squares.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, Total, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `sumsq`.
pub static SUMSQ: StatsFunction = StatsFunction {
    name: "sumsq",
    aliases: &[],
    usage: "sumsq(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&SUMSQ, |_| Squares::default()),
    summary: "The sum of the squares of the values that are numbers.",
    details: "Values that are not numbers are skipped; each value of a multivalue is added. Of no numbers it is \
              null.",
    source: "Search Reference: Aggregate functions, sumsq()",
    examples: &[
        Example { expression: "sumsq(x)", given: r#"["2", "3", "a"]"#, result: "13" },
        Example { expression: "sumsq(x)", given: "[]", result: "null" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Squares(Total);

impl Tally for Squares {
    const STATE: &'static [StateColumn] = Total::STATE;
    const RETRACTS: bool = true;

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.0.add(number * number));
    }

    fn remove(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.0.remove(number * number));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.0.merge(state);
    }

    fn save(&self, state: &mut StateWriter) {
        self.0.save(state);
    }

    fn result(&self, out: &mut Output) {
        self.0.result(out);
    }
}
