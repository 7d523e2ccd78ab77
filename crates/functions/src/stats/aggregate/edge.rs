//! The first or last value: by result order for `first` and `last`; by `_time`, then result order, for `earliest`,
//! `latest` and their variants.

use super::{Row, StateColumn, StateRow, StateWriter, Tally};
use crate::types::Output;

/// The end to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The smallest place.
    First,
    /// The largest place.
    Last,
}

/// The value at one end, so far. A row without a value does not count; of a multivalue, the value at that end does.
#[derive(Clone, Debug)]
pub struct Edge {
    side: Side,
    found: Option<Found>,
}

/// A value and its place.
#[derive(Clone, Debug)]
struct Found {
    /// Epoch seconds; a constant if time is irrelevant.
    time: f64,
    order: Vec<u8>,
    text: String,
}

impl Edge {
    /// The columns of [`Edge::save`].
    pub const STATE: &'static [StateColumn] = &[StateColumn::Number, StateColumn::Key, StateColumn::Text];

    /// No value yet.
    pub fn new(side: Side) -> Self {
        Self { side, found: None }
    }

    /// Adds a row at this time (any constant, if only the order counts).
    pub fn add(&mut self, row: &Row<'_>, time: f64) {
        if row.value.is_null() || !self.wants(time, row.order) {
            return;
        }
        let side = self.side;
        let mut taken = false;
        row.each(|value| {
            if side == Side::Last || !taken {
                self.put(time, row.order, &value.text());
                taken = true;
            }
        });
    }

    /// Merges the state that [`Edge::save`] wrote from this column on.
    pub fn merge(&mut self, state: &StateRow<'_>, column: usize) {
        if let (Some(time), Some(order), Some(text)) =
            (state.number(column), state.key(column + 1), state.text(column + 2))
            && self.wants(time, order)
        {
            self.put(time, order, text);
        }
    }

    /// Writes [`Edge::STATE`] from this column on.
    pub fn save(&self, state: &mut StateWriter, column: usize) {
        let found = self.found.as_ref();
        state.number(column, found.map(|f| f.time));
        state.key(column + 1, found.map(|f| f.order.as_slice()));
        state.text(column + 2, found.map(|f| f.text.as_str()));
    }

    /// The value as text.
    pub fn text(&self) -> Option<&str> {
        self.found.as_ref().map(|f| f.text.as_str())
    }

    /// The time of its row.
    pub fn time(&self) -> Option<f64> {
        self.found.as_ref().map(|f| f.time)
    }

    /// Bytes held outside of itself.
    pub fn heap(&self) -> usize {
        self.found.as_ref().map_or(0, |f| f.order.capacity() + f.text.capacity())
    }

    fn wants(&self, time: f64, order: &[u8]) -> bool {
        let Some(found) = &self.found else { return true };
        let place = time.total_cmp(&found.time).then_with(|| order.cmp(&found.order));
        match self.side {
            Side::First => place.is_lt(),
            Side::Last => place.is_ge(),
        }
    }

    fn put(&mut self, time: f64, order: &[u8], text: &str) {
        let found = self.found.get_or_insert_with(|| Found { time, order: Vec::new(), text: String::new() });
        found.time = time;
        found.order.clear();
        found.order.extend_from_slice(order);
        found.text.clear();
        found.text.push_str(text);
    }
}

/// The value at an end of the result order.
#[derive(Clone, Debug)]
pub struct Placed(Edge);

impl Placed {
    /// No value yet.
    pub fn new(side: Side) -> Self {
        Self(Edge::new(side))
    }
}

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

/// The result to return for the row found.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// The field's value.
    Value,
    /// `_time`.
    Time,
}

/// The value at an end of time, or when it was.
#[derive(Clone, Debug)]
pub struct Timed {
    edge: Edge,
    ask: Ask,
}

impl Timed {
    /// No value yet.
    pub fn new(side: Side, ask: Ask) -> Self {
        Self { edge: Edge::new(side), ask }
    }
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
