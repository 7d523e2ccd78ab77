//! `first` and `last`: the value at an end of the result order.

use crate::function::Example;
use crate::stats::aggregate::{Edge, Row, Side, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};
use crate::types::Output;

/// `first`.
pub static FIRST: StatsFunction = StatsFunction {
    name: "first",
    aliases: &[],
    usage: "first(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Order,
    returns: number_or_text,
    udaf: |_| aggregate(&FIRST, None, Placed(Edge::new(Side::First))),
    summary: "The first value in the order of the rows.",
    details: "Rows without the field are passed over; of a multivalue the first value counts. The order is the one that \
              the rows have at this point of the search, not that of time: see `earliest`.",
    source: "Search Reference: Event order functions, first()",
    examples: &[
        Example { expression: "first(x)", given: r#"[null, "b", "a"]"#, result: r#""b""# },
        Example { expression: "first(x)", given: "[19, 18, 17]", result: "19" },
        Example { expression: "first(x)", given: r#"[["b", "a"], "c"]"#, result: r#""b""# },
        Example { expression: "first(x)", given: "[]", result: "null" },
    ],
};

/// `last`.
pub static LAST: StatsFunction = StatsFunction {
    name: "last",
    aliases: &[],
    usage: "last(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Order,
    returns: number_or_text,
    udaf: |_| aggregate(&LAST, None, Placed(Edge::new(Side::Last))),
    summary: "The last value in the order of the rows.",
    details: "Rows without the field are passed over; of a multivalue the last value counts. The order is the one that \
              the rows have at this point of the search, not that of time: see `latest`.",
    source: "Search Reference: Event order functions, last()",
    examples: &[
        Example { expression: "last(x)", given: r#"["b", "a", null]"#, result: r#""a""# },
        Example { expression: "last(x)", given: "[19, 18, 17]", result: "17" },
        Example { expression: "last(x)", given: r#"["c", ["b", "a"]]"#, result: r#""a""# },
        Example { expression: "last(x)", given: "[]", result: "null" },
    ],
};

#[derive(Clone, Debug)]
struct Placed(Edge);

impl Tally for Placed {
    const STATE: &'static [StateColumn] = Edge::STATE;

    fn add(&mut self, row: &Row<'_>) {
        self.0.add(row, 0.0);
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.0.merge(state, 0);
    }

    fn save(&self, state: &mut StateWriter) {
        self.0.save(state, 0);
    }

    fn result(&self, out: &mut Output) {
        match self.0.text() {
            None => out.null(),
            Some(text) => out.text(text),
        }
    }

    fn heap(&self) -> usize {
        self.0.heap()
    }
}
