//! Sets of small numbers as bits: of atoms, of rules.

/// A set of numbers, a bit each from the lowest of the first word on. Sets that are compared or joined have room for the
/// same numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// An empty set with room for numbers below `count`.
    pub(crate) fn with_room(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)] }
    }

    /// A set of these numbers, with room for numbers below `count`.
    pub(crate) fn of(count: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::with_room(count);
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }

    pub(crate) fn insert(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub(crate) fn union_with(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The bits, from the lowest of the first word on.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_numbers() {
        let mut set = BitSet::of(70, [69, 3]);
        assert!(set.contains(69) && !set.contains(5) && !set.contains(700));
        set.union_with(&BitSet::of(70, [5]));
        assert_eq!(set.words(), [0b10_1000, 0b10_0000]);
        assert!(!set.is_empty() && BitSet::with_room(70).is_empty());
    }
}
