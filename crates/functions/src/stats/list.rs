//! `list`: the values in the order of the rows.

use crate::function::Example;
use crate::stats::aggregate::{Row, StateColumn, StateRow, StateWriter, Tally, aggregate};
use crate::stats::{ArgumentNeed, RowNeed, StatsFunction};
use crate::types::{Output, multivalue_type};

/// `list`.
pub static LIST: StatsFunction = StatsFunction {
    name: "list",
    aliases: &[],
    usage: "list(<field>)",
    argument: ArgumentNeed::Required,
    needs: RowNeed::Order,
    returns: |_| multivalue_type(),
    udaf: || aggregate(&LIST, |_| List::default()),
    summary: "The first 100 values as a multivalue, in the order of the rows.",
    details: "Repeated values stay, rows without the field are skipped, and the values of a multivalue follow one \
              another. What comes after 100 values is left out, as in Splunk's default (`list_maxsize`).",
    source: "Search Reference: Multivalue stats and chart functions, list()",
    examples: &[
        Example { expression: "list(x)", given: r#"["b", null, "a", "b"]"#, result: r#"["b", "a", "b"]"# },
        Example { expression: "list(x)", given: r#"["c", ["b", "a"]]"#, result: r#"["c", "b", "a"]"# },
        Example { expression: "list(x)", given: "[3, 1.5]", result: r#"["3", "1.5"]"# },
        Example { expression: "list(x)", given: "[]", result: "null" },
    ],
};

/// Maximum number of values kept; Splunk's `list_maxsize` in limits.conf.
const LIMIT: usize = 100;

/// The first values by result order, sorted.
#[derive(Clone, Debug, Default)]
struct List {
    entries: Vec<(Box<[u8]>, Box<str>)>,
    bytes: usize,
}

impl List {
    /// Inserts a value behind those at the same position and before those at later ones.
    fn put(&mut self, order: &[u8], text: &str) {
        let at = match self.entries.last() {
            Some((last, _)) if order < last.as_ref() => self.entries.partition_point(|(key, _)| key.as_ref() <= order),
            _ => self.entries.len(),
        };
        if at >= LIMIT {
            return;
        }
        if self.entries.len() == LIMIT
            && let Some((key, text)) = self.entries.pop()
        {
            self.bytes -= key.len() + text.len();
        }
        self.bytes += order.len() + text.len();
        self.entries.insert(at, (order.into(), text.into()));
    }
}

impl Tally for List {
    const STATE: &'static [StateColumn] = &[StateColumn::Keys, StateColumn::Texts];

    fn add(&mut self, row: &Row<'_>) {
        row.each(|value| self.put(row.order, &value.text()));
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        state.keys(0).zip(state.texts(1)).for_each(|(order, text)| self.put(order, text));
    }

    fn save(&self, state: &mut StateWriter) {
        state.keys(0, self.entries.iter().map(|(order, _)| order));
        state.texts(1, self.entries.iter().map(|(_, text)| text));
    }

    fn result(&self, out: &mut Output) {
        out.multi(self.entries.iter().map(|(_, text)| text));
    }

    fn heap(&self) -> usize {
        self.entries.capacity() * size_of::<(Box<[u8]>, Box<str>)>() + self.bytes
    }
}
