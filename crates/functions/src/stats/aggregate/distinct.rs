//! The number of distinct values, shared by `dc` and `estdc`.

use std::collections::HashSet;

use super::{Row, StateColumn, StateRow, StateWriter, Tally};
use crate::types::Output;

/// The different values, as text.
#[derive(Clone, Debug, Default)]
pub struct Distinct {
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
