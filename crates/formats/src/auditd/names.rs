//! What the visitor wants, remembered: a log has a hundred field names and a hundred million fields.
//!
//! The visitor is asked once per name and per read; the answer must not change in between. A log with
//! very many names (they cost nothing to write) is answered without memory for the rest.

use super::value::Class;
use crate::visitor::{RowVisitor, Slot};

/// The fields that a row takes from its event's SYSCALL record (and `cwd` from its CWD record) if its own record does
/// not have them. The position is the field's bit.
pub(super) const INHERITED: [&str; 15] = [
    "auid", "uid", "gid", "euid", "pid", "ppid", "exe", "comm", "tty", "ses", "success", "exit", "key", "syscall",
    "cwd",
];
/// Position of `key`.
pub(super) const KEY: usize = 12;
/// Position of `syscall`.
pub(super) const SYSCALL: usize = 13;
/// Position of `cwd`.
pub(super) const CWD: usize = 14;

/// What is known about a field's name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    /// Where the visitor wants it.
    pub(super) slot: Option<Slot>,
    pub(super) class: Class,
    /// Its position in [`INHERITED`], as a bit; else 0.
    pub(super) bit: u16,
    /// Whether it can be an argument, or a piece of one: `a0`, `a4[1]`.
    pub(super) argument: bool,
}

impl Name {
    fn of(key: &[u8], visitor: &mut dyn RowVisitor) -> Self {
        let slot = std::str::from_utf8(key).ok().and_then(|key| visitor.wants(key));
        let bit = INHERITED.iter().position(|name| name.as_bytes() == key).map_or(0, |at| 1 << at);
        let argument = key.first() == Some(&b'a') && key.get(1).is_some_and(u8::is_ascii_digit);
        Self { slot, class: Class::of(key), bit, argument }
    }
}

const PLACES: usize = 1024;

/// The names seen so far, by number.
#[derive(Debug)]
pub(super) struct Names {
    places: Vec<Option<(u128, Name)>>,
    taken: usize,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { places: vec![None; PLACES], taken: 0 }
    }

    /// What is known about `key`, of which `number` is the [`super::fields::number_of`].
    pub(super) fn get(&mut self, key: &[u8], number: u128, visitor: &mut dyn RowVisitor) -> Name {
        if number == 0 {
            return Name::of(key, visitor);
        }
        let mut place = place_of(number);
        loop {
            match &self.places[place] {
                Some((known, name)) if *known == number => return *name,
                Some(_) => place = (place + 1) % PLACES,
                None => break,
            }
        }
        let name = Name::of(key, visitor);
        // Half empty, so that a search for a name that is not there ends soon.
        if self.taken < PLACES / 2 {
            self.places[place] = Some((number, name));
            self.taken += 1;
        }
        name
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves go into the hash; its high bits are the place")]
fn place_of(number: u128) -> usize {
    let mixed = (number as u64 ^ ((number >> 64) as u64).rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 54) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditd::fields::number_of;
    use crate::visitor::{Malformed, RowMeta};

    /// Wants everything, each name under its length, and counts the questions.
    struct Counter(usize);

    impl RowVisitor for Counter {
        fn start(&mut self, _: &RowMeta<'_>) {}
        fn wants(&mut self, name: &str) -> Option<Slot> {
            self.0 += 1;
            Some(Slot(name.len()))
        }
        fn wants_below(&mut self, _: &str) -> bool {
            true
        }
        fn malformed(&mut self, _: &Malformed<'_>) {}
    }

    fn get(names: &mut Names, key: &[u8], visitor: &mut Counter) -> Name {
        names.get(key, number_of(key, 0, key.len()), visitor)
    }

    #[test]
    fn a_name_is_asked_for_once_and_memory_is_bounded() {
        let mut names = Names::new();
        let mut visitor = Counter(0);
        for _ in 0..2 {
            for number in 0..400 {
                let key = format!("field{number}");
                assert_eq!(get(&mut names, key.as_bytes(), &mut visitor).slot, Some(Slot(key.len())));
            }
        }
        assert_eq!(visitor.0, 400);
        for number in 0..10_000 {
            get(&mut names, format!("x{number}").as_bytes(), &mut visitor);
        }
        assert_eq!(names.taken, PLACES / 2);
        assert_eq!(get(&mut names, b"a_name_longer_than_sixteen", &mut visitor).slot, Some(Slot(26)));
    }

    #[test]
    fn bits_and_arguments() {
        let mut names = Names::new();
        let mut visitor = Counter(0);
        assert_eq!(get(&mut names, b"auid", &mut visitor).bit, 1);
        assert_eq!(get(&mut names, b"cwd", &mut visitor).bit, 1 << CWD);
        assert_eq!((INHERITED[KEY], INHERITED[SYSCALL], INHERITED[CWD]), ("key", "syscall", "cwd"));
        assert_eq!(get(&mut names, b"ouid", &mut visitor).bit, 0);
        assert!(get(&mut names, b"a10[3]", &mut visitor).argument);
        assert!(!get(&mut names, b"argc", &mut visitor).argument);
    }
}
