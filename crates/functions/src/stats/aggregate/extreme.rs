//! The smallest or largest value, shared by `min` and `max`.

use std::cmp::Ordering;

use super::{Row, StateColumn, StateRow, StateWriter, Tally};
use crate::types::{Output, Value};

/// The extremes of the numbers and of the texts. Which of the two is the result is decided at the end.
#[derive(Clone, Debug)]
pub struct Extreme {
    /// The side that is kept: less or greater.
    keep: Ordering,
    number: Option<f64>,
    /// The digits of the number, if it is an integer too long for a double to distinguish from its neighbours. Else
    /// empty.
    digits: String,
    text: Option<String>,
}

/// Integers of up to this many characters are exact as doubles.
const EXACT_DIGITS: usize = 15;

/// The text, if it is an integer in shortest form that a double may not hold exactly.
fn long_integer(text: &str) -> &str {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let long = digits.len() > EXACT_DIGITS && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if long { text } else { "" }
}

impl Extreme {
    /// Creates an empty one: `Less` keeps the smallest, `Greater` the largest.
    pub fn new(keep: Ordering) -> Self {
        Self { keep, number: None, digits: String::new(), text: None }
    }

    fn put_number(&mut self, number: f64, digits: &str) {
        let better = match self.number {
            None => true,
            Some(best) => {
                // Equal as doubles: the digits decide, in reverse order for negative numbers.
                let by_digits = || match digits.len() == self.digits.len() && number < 0.0 {
                    true => self.digits.as_str().cmp(digits),
                    false => digits.len().cmp(&self.digits.len()).then_with(|| digits.cmp(&self.digits)),
                };
                number.partial_cmp(&best).unwrap_or(Ordering::Equal).then_with(by_digits) == self.keep
            }
        };
        if better {
            self.number = Some(number);
            self.digits.clear();
            self.digits.push_str(digits);
        }
    }

    fn put_text(&mut self, text: &str) {
        match &mut self.text {
            None => self.text = Some(text.to_owned()),
            Some(best) if text.cmp(best.as_str()) == self.keep => {
                best.clear();
                best.push_str(text);
            }
            Some(_) => {}
        }
    }
}

impl Tally for Extreme {
    const STATE: &'static [StateColumn] = &[StateColumn::Number, StateColumn::Text, StateColumn::Text];

    fn add(&mut self, row: &Row<'_>) {
        row.each(|value| match (value, value.number()) {
            (Value::Text(text), Some(number)) => self.put_number(number, long_integer(text)),
            (_, Some(number)) if number.is_finite() => self.put_number(number, ""),
            (Value::Number(_), _) => {}
            (value, None) => self.put_text(&value.text()),
            (_, Some(_)) => {}
        });
    }

    fn merge(&mut self, state: &StateRow<'_>) {
        if let Some(number) = state.number(0) {
            self.put_number(number, state.text(1).unwrap_or(""));
        }
        if let Some(text) = state.text(2) {
            self.put_text(text);
        }
    }

    fn save(&self, state: &mut StateWriter) {
        state.number(0, self.number);
        state.text(1, Some(&self.digits));
        state.text(2, self.text.as_deref());
    }

    fn result(&self, out: &mut Output) {
        let text = self.text.as_deref();
        match (self.number, text) {
            (None, None) => out.null(),
            (_, Some(text)) if self.number.is_none() || self.keep == Ordering::Greater => out.text(text),
            (Some(_), _) if !self.digits.is_empty() => out.text(&self.digits),
            (Some(number), _) => out.number(number),
            (None, Some(text)) => out.text(text),
        }
    }

    fn heap(&self) -> usize {
        self.digits.capacity() + self.text.as_ref().map_or(0, String::capacity)
    }
}
