//! `dc` and `estdc`: how many different values there are.

use std::collections::HashSet;

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, number_type};

/// `dc`.
pub static DC: StatsFunction = StatsFunction {
    name: "dc",
    aliases: &["distinct_count"],
    usage: "dc(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&DC, None, Distinct::default()),
    summary: "The number of different values.",
    details: "Values are compared as text, case counts, and each value of a multivalue is one. Of nothing it is 0. It \
              is exact and keeps every different value in memory.",
    source: "Search Reference: Aggregate functions, distinct_count()",
    examples: &[
        Example { expression: "dc(x)", given: r#"["a", "b", "a", "A", null]"#, result: "3" },
        Example { expression: "dc(x)", given: r#"[["a", "b"], "b", "c"]"#, result: "3" },
        Example { expression: "distinct_count(x)", given: "[]", result: "0" },
    ],
};

/// `estdc`.
pub static ESTDC: StatsFunction = StatsFunction {
    name: "estdc",
    aliases: &[],
    usage: "estdc(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: |_| number_type(),
    udaf: |_| aggregate(&ESTDC, None, Distinct::default()),
    summary: "The number of different values; here exact.",
    details: "Splunk estimates the number. Here it is counted, as `dc` does.",
    source: "Search Reference: Aggregate functions, estdc()",
    examples: &[Example { expression: "estdc(x)", given: r#"["a", "b", "a"]"#, result: "2" }],
};

#[derive(Clone, Debug, Default)]
struct Distinct {
    values: HashSet<Box<str>>,
    text_bytes: usize,
}

impl Distinct {
    fn put(&mut self, text: &str) {
        if !self.values.contains(text) {
            self.values.insert(text.into());
            self.text_bytes += text.len();
        }
    }
}

impl Tally for Distinct {
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
        out.number(self.values.len() as f64);
    }

    fn heap(&self) -> usize {
        // A slot is the boxed text's pointer and length and a control byte.
        self.values.capacity() * (size_of::<Box<str>>() + 1) + self.text_bytes
    }
}
