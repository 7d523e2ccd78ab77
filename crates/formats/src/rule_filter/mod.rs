//! Several conditions at once.

pub(crate) mod bitset;
