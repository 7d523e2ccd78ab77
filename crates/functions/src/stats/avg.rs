//! `avg`: the arithmetic mean.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, Total, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `avg`.
pub static AVG: StatsFunction = StatsFunction {
    name: "avg",
    aliases: &["mean"],
    usage: "avg(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&AVG, |_| Mean::default()),
    summary: "The average of the values that are numbers.",
    details: "Values that are not numbers are skipped and do not count in the divisor; each value of a multivalue \
              counts. Of no numbers it is null.",
    source: "Search Reference: Aggregate functions, avg()",
    examples: &[
        Example { expression: "avg(x)", given: r#"["25", "31", "test", null]"#, result: "28" },
        Example { expression: "mean(x)", given: r#"[["1", "2"], "6"]"#, result: "3" },
        Example { expression: "avg(x)", given: r#"["a"]"#, result: "null" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Mean(Total);

impl Tally for Mean {
    const STATE: &'static [StateColumn] = Total::STATE;
    const RETRACTS: bool = true;

    fn add(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.0.add(number));
    }

    fn remove(&mut self, row: &Row<'_>) {
        row.each_number(|number| self.0.remove(number));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.0.merge(state);
    }

    fn save(&self, state: &mut StateWriter) {
        self.0.save(state);
    }

    fn result(&self, out: &mut Output) {
        if self.0.count == 0 { out.null() } else { out.number(self.0.sum.value() / self.0.count as f64) }
    }
}
