//! `values`: the distinct values, sorted.

use std::collections::BTreeSet;

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, multivalue_type};

/// `values`.
pub static VALUES: StatsFunction = StatsFunction {
    name: "values",
    aliases: &[],
    usage: "values(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| multivalue_type(),
    udaf: || aggregate(&VALUES, |_| Values::default()),
    summary: "The different values as a multivalue in lexicographic order.",
    details: "Numbers are sorted as text too (`1, 10, 2`), uppercase before lowercase. Each value of a multivalue is \
              one. There is no limit on their number, as in Splunk's default; the memory limit of the search holds.",
    source: "Search Reference: Multivalue stats and chart functions, values()",
    examples: &[
        Example {
            expression: "values(x)",
            given: "[9, 10, 2, 100, 1, 10, 9]",
            result: r#"["1", "10", "100", "2", "9"]"#,
        },
        Example { expression: "values(x)", given: r#"["b", ["a", "b"], null, "B"]"#, result: r#"["B", "a", "b"]"# },
        Example { expression: "values(x)", given: "[null]", result: "null" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Values {
    values: BTreeSet<Box<str>>,
    text_bytes: usize,
}

/// Overhead of a text in the set, bytes: its box, and its share of half-full nodes.
const ENTRY_BYTES: usize = 2 * size_of::<Box<str>>() + 16;

impl Values {
    fn put(&mut self, text: &str) {
        if !self.values.contains(text) {
            self.values.insert(text.into());
            self.text_bytes += text.len();
        }
    }
}

impl Tally for Values {
    const STATE: &'static [StateColumn] = &[StateColumn::Texts];

    fn add(&mut self, row: &Row<'_>) {
        row.each(|value| self.put(&value.text()));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        state.texts(0).for_each(|text| self.put(text));
    }

    fn save(&self, state: &mut StateWriter) {
        state.texts(0, self.values.iter());
    }

    fn result(&self, out: &mut Output) {
        out.multi(self.values.iter());
    }

    fn heap(&self) -> usize {
        self.values.len() * ENTRY_BYTES + self.text_bytes
    }
}
