//! `rate`: the change of a number per second.

use crate::function::Example;
use crate::stats::aggregate::{Edge, Row, Side, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type, parse_number};

/// `rate`.
pub static RATE: StatsFunction = StatsFunction {
    name: "rate",
    aliases: &[],
    usage: "rate(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Time,
    returns: |_| number_type(),
    udaf: || aggregate(&RATE, |_| Rate { from: Edge::new(Side::First), to: Edge::new(Side::Last) }),
    summary: "The change per second: the latest value less the earliest, divided by the seconds between them.",
    details: "Null when one of the two values is not a number, or when both are of the same time.",
    source: "Search Reference: Time functions, rate()",
    examples: &[
        Example { expression: "rate(x)", given: r#"["10", "17", "20"]"#, result: "5" },
        Example { expression: "rate(x)", given: r#"["10", "x"]"#, result: "null" },
        Example { expression: "rate(x)", given: "[10]", result: "null" },
    ],
};

#[derive(Clone, Debug)]
struct Rate {
    from: Edge,
    to: Edge,
}

impl Rate {
    fn value(&self) -> Option<f64> {
        let seconds = self.to.time()? - self.from.time()?;
        let change = parse_number(self.to.text()?)? - parse_number(self.from.text()?)?;
        (seconds != 0.0).then_some(change / seconds)
    }
}

impl Tally for Rate {
    const STATE: &'static [StateColumn] = &[
        StateColumn::Number,
        StateColumn::Key,
        StateColumn::Text,
        StateColumn::Number,
        StateColumn::Key,
        StateColumn::Text,
    ];

    fn add(&mut self, row: &Row<'_>) {
        if let Some(time) = row.time {
            self.from.add(row, time);
            self.to.add(row, time);
        }
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        self.from.merge(state, 0);
        self.to.merge(state, Edge::STATE.len());
    }

    fn save(&self, state: &mut StateWriter) {
        self.from.save(state, 0);
        self.to.save(state, Edge::STATE.len());
    }

    fn result(&self, out: &mut Output) {
        match self.value() {
            None => out.null(),
            Some(rate) => out.number(rate),
        }
    }

    fn heap(&self) -> usize {
        self.from.heap() + self.to.heap()
    }
}
