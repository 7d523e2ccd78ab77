//! `count`: the number of rows or values.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, Value, number_type};

/// `count`.
pub static COUNT: StatsFunction = StatsFunction {
    name: "count",
    aliases: &["c"],
    usage: "count or count(<field>)",
    argument: ArgumentNeed::Optional,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: || aggregate(&COUNT, |_| Count::default()),
    summary: "The number of rows, or of the values of a field.",
    details: "Without a field every row counts. With one, a row without the field does not count and a multivalue \
              counts once for each of its values. `count(eval(<condition>))` counts the rows where the condition is \
              true. Of nothing it is 0.",
    source: "Search Reference: Aggregate functions, count()",
    examples: &[
        Example { expression: "count", given: r#"["a", null, "b"]"#, result: "3" },
        Example { expression: "count(x)", given: r#"["a", null, ["b", "c"]]"#, result: "3" },
        Example { expression: "count(x)", given: "[true, false, true]", result: "2" },
        Example { expression: "c(x)", given: "[]", result: "0" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Count(u64);

/// The number of values that a row adds. A false condition adds none.
fn values(row: &Row<'_>) -> u64 {
    let mut count = 0;
    row.each(|value| count += u64::from(value != Value::Bool(false)));
    count
}

impl Tally for Count {
    const STATE: &'static [StateColumn] = &[StateColumn::Number];
    const RETRACTS: bool = true;

    fn add(&mut self, row: &Row<'_>) {
        self.0 += values(row);
    }

    fn remove(&mut self, row: &Row<'_>) {
        self.0 = self.0.saturating_sub(values(row));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.0 += state.number(0).unwrap_or(0.0) as u64;
    }

    fn save(&self, state: &mut StateWriter) {
        state.number(0, Some(self.0 as f64));
    }

    fn result(&self, out: &mut Output) {
        out.number(self.0 as f64);
    }
}
