//! A condition as alternatives, each a list of things that must all hold: what several conditions at once are tested by.
//!
//! Everything here only weakens: an event that satisfies a condition satisfies one of its arms.

use crate::format::Condition;

/// A condition with more alternatives than this is cut short: what would multiply them is left out.
const MOST_ARMS: usize = 32;
/// Alternatives about more fields than this are not told apart.
const MOST_FIELDS: usize = 4;
/// Conditions nested deeper than this are not looked into.
const DEEPEST: usize = 32;

/// One alternative: all of the choices hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) choices: Vec<Choice>,
}

/// One of these holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) options: Vec<Term>,
}

/// What a [`Condition`] says of one field, or of the raw text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Field { name: String, literals: Vec<String>, whole: bool },
    Raw(String),
    Absent(String),
}

impl Choice {
    /// The field that all options are about, if it is one.
    pub(crate) fn field(&self) -> Option<&str> {
        let name = |term: &Term| match term {
            Term::Field { name, .. } | Term::Absent(name) => Some(name.clone()),
            Term::Raw(_) => None,
        };
        let first = self.options.first().and_then(name)?;
        let same = self.options.iter().all(|term| name(term).as_deref() == Some(&first));
        match self.options.first() {
            Some(Term::Field { name, .. } | Term::Absent(name)) if same => Some(name),
            _ => None,
        }
    }

    /// The choice as a condition.
    pub(crate) fn condition(&self) -> Condition {
        let condition = |term: &Term| match term {
            Term::Raw(text) => Condition::Raw(text.clone()),
            Term::Absent(name) => Condition::Absent(name.clone()),
            Term::Field { name, literals, whole } => {
                Condition::Field { name: name.clone(), literals: literals.clone(), whole: *whole }
            }
        };
        Condition::Any(self.options.iter().map(condition).collect())
    }
}

/// The alternatives of a condition; none if nothing satisfies it.
pub(crate) fn arms(condition: &Condition) -> Vec<Arm> {
    arms_below(condition, 0)
}

fn arms_below(condition: &Condition, depth: usize) -> Vec<Arm> {
    if depth > DEEPEST {
        return vec![Arm::default()];
    }
    match condition {
        Condition::Nothing => vec![],
        Condition::Anything => vec![Arm::default()],
        Condition::Field { .. } | Condition::Raw(_) | Condition::Absent(_) => {
            term(condition).map_or_else(Vec::new, |term| vec![one(Choice { options: vec![term] })])
        }
        Condition::All(parts) => {
            let mut all = vec![Arm::default()];
            for part in parts {
                let next = arms_below(part, depth + 1);
                if next.is_empty() {
                    return vec![];
                }
                if all.len() * next.len() <= MOST_ARMS {
                    all = all.iter().flat_map(|arm| next.iter().map(|more| arm.and(more))).collect();
                }
            }
            all
        }
        Condition::Any(parts) => any(parts, depth),
    }
}

/// Terms about one field are a choice, and each field is an arm of its own, because what is known of one field early can
/// decide. Terms about more fields than that is good for are one choice together.
fn any(parts: &[Condition], depth: usize) -> Vec<Arm> {
    let mut all = Vec::new();
    let mut by_field: Vec<(Option<String>, Choice)> = Vec::new();
    for part in parts {
        let Some(term) = term(part) else {
            all.extend(arms_below(part, depth + 1));
            continue;
        };
        let field = match &term {
            Term::Field { name, .. } | Term::Absent(name) => Some(name.clone()),
            Term::Raw(_) => None,
        };
        match by_field.iter_mut().find(|(known, _)| *known == field) {
            Some((_, choice)) => choice.options.push(term),
            None => by_field.push((field, Choice { options: vec![term] })),
        }
    }
    if by_field.len() <= MOST_FIELDS {
        all.extend(by_field.into_iter().map(|(_, choice)| one(choice)));
    } else {
        let options = by_field.into_iter().flat_map(|(_, choice)| choice.options).collect();
        all.push(one(Choice { options }));
    }
    if all.len() > MOST_ARMS { vec![Arm::default()] } else { all }
}

fn one(choice: Choice) -> Arm {
    Arm { choices: vec![choice] }
}

fn term(condition: &Condition) -> Option<Term> {
    match condition {
        Condition::Raw(text) => Some(Term::Raw(text.clone())),
        Condition::Absent(name) => Some(Term::Absent(name.clone())),
        Condition::Field { name, literals, whole } => {
            Some(Term::Field { name: name.clone(), literals: literals.clone(), whole: *whole })
        }
        Condition::Any(parts) if parts.len() == 1 => term(&parts[0]),
        Condition::All(parts) if parts.len() == 1 => term(&parts[0]),
        _ => None,
    }
}

impl Arm {
    fn and(&self, other: &Self) -> Self {
        Self { choices: self.choices.iter().chain(&other.choices).cloned().collect() }
    }
}

/// A set of conditions, by number.
pub(crate) type Set = Vec<u64>;

/// A set for so many.
pub(crate) fn empty_set(count: usize) -> Set {
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

    fn field(name: &str) -> Condition {
        Condition::Field { name: name.to_owned(), literals: vec!["x".to_owned()], whole: true }
    }

    #[test]
    fn choices_stay_together_and_arms_multiply() {
        let condition = Condition::All(vec![
            field("sourcetype"),
            Condition::Any(vec![
                Condition::All(vec![field("type"), Condition::Any(vec![field("a"), field("b")])]),
                Condition::All(vec![field("type"), field("c")]),
            ]),
        ]);
        let arms = arms(&condition);
        assert_eq!(arms.len(), 3);
        assert_eq!(arms[0].choices.len(), 3);
        assert_eq!(arms[0].choices[2].options.len(), 1);
        assert_eq!(arms[1].choices[2].field(), Some("b"));
        assert_eq!(arms[2].choices[1].field(), Some("type"));
        let many = Condition::Any(["a", "b", "c", "d", "e"].map(field).to_vec());
        assert_eq!(super::arms(&many)[0].choices[0].options.len(), 5);
    }

    #[test]
    fn what_is_too_much_is_left_out_and_nothing_stays_nothing() {
        let two = Condition::Any(vec![
            Condition::All(vec![field("a"), field("b")]),
            Condition::All(vec![field("c"), field("d")]),
        ]);
        assert_eq!(arms(&Condition::All(vec![two; 20])).len(), MOST_ARMS);
        assert!(arms(&Condition::All(vec![field("a"), Condition::Nothing])).is_empty());
        assert_eq!(arms(&Condition::Anything), [Arm::default()]);
    }

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
