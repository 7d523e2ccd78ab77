//! `mode`: the most frequent value.

use std::collections::HashMap;

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction, number_or_text};
use crate::types::Output;

/// `mode`.
pub static MODE: StatsFunction = StatsFunction {
    name: "mode",
    aliases: &[],
    usage: "mode(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Nothing,
    returns: number_or_text,
    udaf: || aggregate(&MODE, |_| Mode::default()),
    summary: "The most frequent value.",
    details: "Values are compared as text; each value of a multivalue counts. Of values that are equally frequent it is \
              the lexicographically smallest (Splunk does not say which).",
    source: "Search Reference: Aggregate functions, mode()",
    examples: &[
        Example { expression: "mode(x)", given: "[32, 45, 29, 45, 37]", result: "45" },
        Example { expression: "mode(x)", given: r#"["Garcia", "Mayer", "Garcia", null]"#, result: r#""Garcia""# },
        Example { expression: "mode(x)", given: r#"["b", "a", "b", "a", "c"]"#, result: r#""a""# },
        Example { expression: "mode(x)", given: r#"["a", ["b", "b"]]"#, result: r#""b""# },
        Example { expression: "mode(x)", given: "[]", result: "null" },
    ],
};

#[derive(Clone, Debug, Default)]
struct Mode {
    counts: HashMap<Box<str>, u64>,
    text_bytes: usize,
}

impl Mode {
    fn put(&mut self, text: &str, times: u64) {
        if let Some(count) = self.counts.get_mut(text) {
            *count += times;
        } else {
            self.counts.insert(text.into(), times);
            self.text_bytes += text.len();
        }
    }
}

impl Tally for Mode {
    const STATE: &'static [StateColumn] = &[StateColumn::Texts, StateColumn::Numbers];

    fn add(&mut self, row: &Row<'_>) {
        row.each(|value| self.put(&value.text(), 1));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        state.texts(0).zip(state.numbers(1)).for_each(|(text, times)| self.put(text, times as u64));
    }

    fn save(&self, state: &mut StateWriter) {
        state.texts(0, self.counts.keys());
        state.numbers(1, self.counts.values().map(|times| *times as f64));
    }

    fn result(&self, out: &mut Output) {
        let most = self.counts.iter().max_by(|(a, x), (b, y)| x.cmp(y).then_with(|| b.cmp(a)));
        match most {
            None => out.null(),
            Some((text, _)) => out.text(text),
        }
    }

    fn heap(&self) -> usize {
        // A slot is the boxed text's pointer and length, the count, and a control byte.
        self.counts.capacity() * (size_of::<(Box<str>, u64)>() + 1) + self.text_bytes
    }
}
