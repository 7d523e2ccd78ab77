//! Predicates joined with *and* and *or*.
//!
//! A condition that is derived from a search is implied by it, never stronger: every event that the search wants satisfies
//! it, as far as that can be known before the event is parsed.

use crate::pattern::Pattern;

/// What is asked of one event: a formula over tests, which are [`Predicate`]s unless somebody has put something that is
/// quicker to test in their places ([`Condition::replace`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition<T = Predicate> {
    /// Always holds: nothing is known.
    Anything,
    /// Never holds.
    Nothing,
    /// All hold.
    All(Vec<Condition<T>>),
    /// One holds.
    Any(Vec<Condition<T>>),
    /// The test holds.
    Test(T),
}

/// What is asked of one field, or of the raw text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Predicate {
    /// A field has a value that matches the pattern.
    Field {
        /// The field's name as the search has it (perhaps an alias).
        name: String,
        /// What a value matches.
        pattern: Pattern,
    },
    /// `_raw` contains text that matches the pattern. (A search finds whole terms only, which asks for more.)
    Raw(Pattern),
    /// A field has no value.
    Absent(String),
}

impl Predicate {
    /// The field that it is about; none for the raw text.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Field { name, .. } | Self::Absent(name) => Some(name),
            Self::Raw(_) => None,
        }
    }
}

impl Condition {
    /// A field has a value that matches the pattern.
    pub fn field(name: impl Into<String>, pattern: Pattern) -> Self {
        Self::Test(Predicate::Field { name: name.into(), pattern })
    }

    /// A field has a value that equals this one, ignoring case.
    pub fn equals(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::field(name, Pattern::literal(value))
    }

    /// `_raw` contains this text, ignoring case.
    pub fn raw(text: impl Into<String>) -> Self {
        Self::Test(Predicate::Raw(Pattern::literal(text)))
    }

    /// A field has no value.
    pub fn absent(name: impl Into<String>) -> Self {
        Self::Test(Predicate::Absent(name.into()))
    }
}

impl<T> Condition<T> {
    /// All of them hold. What always holds is left out, and one alone stands for itself.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Anything => {}
                Self::Nothing => return Self::Nothing,
                part => left.push(part),
            }
        }
        if left.len() > 1 { Self::All(left) } else { left.pop().unwrap_or(Self::Anything) }
    }

    /// One of them holds. What never holds is left out, and one alone stands for itself.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Anything => return Self::Anything,
                Self::Nothing => {}
                part => left.push(part),
            }
        }
        if left.len() > 1 { Self::Any(left) } else { left.pop().unwrap_or(Self::Nothing) }
    }

    /// The condition with something else in the place of each test, simplified.
    pub fn replace<U>(&self, by: &mut dyn FnMut(&T) -> Condition<U>) -> Condition<U> {
        match self {
            Self::Anything => Condition::Anything,
            Self::Nothing => Condition::Nothing,
            Self::All(parts) => Condition::all(parts.iter().map(|part| part.replace(by)).collect::<Vec<_>>()),
            Self::Any(parts) => Condition::any(parts.iter().map(|part| part.replace(by)).collect::<Vec<_>>()),
            Self::Test(test) => by(test),
        }
    }

    /// Whether it holds where `test` says which tests do.
    pub fn holds(&self, test: &mut dyn FnMut(&T) -> bool) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => false,
            Self::All(parts) => parts.iter().all(|part| part.holds(test)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Self::Test(of) => test(of),
        }
    }

    /// All tests in it.
    pub fn tests(&self) -> Vec<&T> {
        match self {
            Self::Anything | Self::Nothing => vec![],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Test(test) => vec![test],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Condition::{All, Any, Anything, Nothing, Test};

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(Condition::all([Anything, Test(1), Anything]), Test(1));
        assert_eq!(Condition::all([Test(1), Nothing]), Nothing);
        assert_eq!(Condition::<u8>::all([]), Anything);
        assert_eq!(Condition::any([Nothing, Test(1), Test(2)]), Any(vec![Test(1), Test(2)]));
        assert_eq!(Condition::any([Anything, Test(1)]), Anything);
        assert_eq!(Condition::<u8>::any([]), Nothing);
    }

    #[test]
    fn tests_are_replaced_and_the_rest_follows() {
        let condition = All(vec![Any(vec![Test(1), Test(2)]), Test(3)]);
        assert_eq!(condition.tests(), [&1, &2, &3]);
        assert!(condition.holds(&mut |n| *n > 1) && !condition.holds(&mut |n| *n < 3));
        let odd = condition.replace(&mut |n| if n % 2 == 0 { Anything } else { Test(n * 10) });
        assert_eq!(odd, Test(30));
    }
}
