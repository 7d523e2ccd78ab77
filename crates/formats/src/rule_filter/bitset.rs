//! Sets of small numbers as bits: of atoms, of conjunctions, of conditions.

/// A set of numbers, a bit each from the lowest of the first word on.
pub(crate) type BitSet = Vec<u64>;

/// An empty set of numbers below `count`.
pub(crate) fn empty_set(count: usize) -> BitSet {
    vec![0; count.div_ceil(64)]
}

pub(crate) fn insert(set: &mut [u64], number: usize) {
    if let Some(word) = set.get_mut(number / 64) {
        *word |= 1 << (number % 64);
    }
}

pub(crate) fn contains(set: &[u64], number: usize) -> bool {
    set.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
}

/// The numbers in a set, ascending.
pub(crate) fn numbers(set: &[u64]) -> impl Iterator<Item = usize> {
    set.iter().enumerate().flat_map(|(at, word)| {
        let bits = std::iter::successors(Some(*word), |left| Some(left & left.wrapping_sub(1)));
        bits.take_while(|left| *left != 0).map(move |left| at * 64 + left.trailing_zeros() as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_numbers() {
        let mut set = empty_set(70);
        insert(&mut set, 69);
        insert(&mut set, 3);
        insert(&mut set, 63);
        assert!(contains(&set, 69) && !contains(&set, 5) && !contains(&set, 700));
        assert_eq!(numbers(&set).collect::<Vec<_>>(), [3, 63, 69]);
    }
}
