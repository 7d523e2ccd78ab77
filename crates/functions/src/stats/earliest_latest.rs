//! `earliest`, `latest`, `earliest_time` and `latest_time`: the value at an end of time, or when it was.

use crate::function::Example;
use crate::stats::aggregate::{Edge, Row, Side, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};
use crate::types::{Output, number_type};

/// `earliest`.
pub static EARLIEST: StatsFunction = StatsFunction {
    name: "earliest",
    aliases: &[],
    usage: "earliest(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: number_or_text,
    udaf: |_| aggregate(&EARLIEST, None, Timed { edge: Edge::new(Side::First), ask: Ask::Value }),
    summary: "The value of the row with the earliest `_time`.",
    details: "Rows without the field or without `_time` are passed over; of rows of the same time the first in the order \
              of the rows counts, and of a multivalue the first value.",
    source: "Search Reference: Time functions, earliest()",
    examples: &[
        Example { expression: "earliest(x)", given: r#"[null, "old", "new"]"#, result: r#""old""# },
        Example { expression: "earliest(x)", given: "[]", result: "null" },
    ],
};

/// `earliest_time`.
pub static EARLIEST_TIME: StatsFunction = StatsFunction {
    name: "earliest_time",
    aliases: &[],
    usage: "earliest_time(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: |_| number_type(),
    udaf: |_| aggregate(&EARLIEST_TIME, None, Timed { edge: Edge::new(Side::First), ask: Ask::Time }),
    summary: "The `_time` of the earliest row that has the field, in epoch seconds.",
    details: "Rows without the field or without `_time` are passed over.",
    source: "Search Reference: Time functions, earliest_time()",
    examples: &[
        Example { expression: "earliest_time(x)", given: r#"[null, "a", "b"]"#, result: "2" },
        Example { expression: "earliest_time(x)", given: "[null]", result: "null" },
    ],
};

/// `latest`.
pub static LATEST: StatsFunction = StatsFunction {
    name: "latest",
    aliases: &[],
    usage: "latest(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: number_or_text,
    udaf: |_| aggregate(&LATEST, None, Timed { edge: Edge::new(Side::Last), ask: Ask::Value }),
    summary: "The value of the row with the latest `_time`.",
    details: "Rows without the field or without `_time` are passed over; of rows of the same time the last in the order \
              of the rows counts, and of a multivalue the last value.",
    source: "Search Reference: Time functions, latest()",
    examples: &[
        Example { expression: "latest(x)", given: r#"["old", "new", null]"#, result: r#""new""# },
        Example { expression: "latest(x)", given: "[3, 1, 2]", result: "2" },
    ],
};

/// `latest_time`.
pub static LATEST_TIME: StatsFunction = StatsFunction {
    name: "latest_time",
    aliases: &[],
    usage: "latest_time(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: |_| number_type(),
    udaf: |_| aggregate(&LATEST_TIME, None, Timed { edge: Edge::new(Side::Last), ask: Ask::Time }),
    summary: "The `_time` of the latest row that has the field, in epoch seconds.",
    details: "Rows without the field or without `_time` are passed over.",
    source: "Search Reference: Time functions, latest_time()",
    examples: &[Example { expression: "latest_time(x)", given: r#"["a", "b", null]"#, result: "2" }],
};

/// What is asked of the row that was found.
#[derive(Clone, Copy, Debug)]
enum Ask {
    /// The field's value.
    Value,
    /// `_time`.
    Time,
}

#[derive(Clone, Debug)]
struct Timed {
    edge: Edge,
    ask: Ask,
}

impl Tally for Timed {
    const STATE: &'static [StateColumn] = Edge::STATE;

    fn add(&mut self, row: &Row<'_>) {
        if let Some(time) = row.time {
            self.edge.add(row, time);
        }
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.edge.merge(state, 0);
    }

    fn save(&self, state: &mut StateWriter) {
        self.edge.save(state, 0);
    }

    fn result(&self, out: &mut Output) {
        match (self.ask, self.edge.text(), self.edge.time()) {
            (Ask::Value, Some(text), _) => out.text(text),
            (Ask::Time, _, Some(time)) => out.number(time),
            _ => out.null(),
        }
    }

    fn heap(&self) -> usize {
        self.edge.heap()
    }
}
