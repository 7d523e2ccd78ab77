//! A condition as alternatives, each a list of clauses that all hold: the form in which several conditions are tested at
//! once.
//!
//! Everything here only weakens: an event that satisfies a condition satisfies one of its conjunctions.

use crate::condition::{Condition, Predicate};

/// A condition with more alternatives than this is cut short: what would multiply them is left out.
const MOST_CONJUNCTIONS: usize = 32;
/// Alternatives about more fields than this are one clause together.
const MOST_FIELDS: usize = 4;
/// Conditions nested deeper than this are not looked into.
const DEEPEST: usize = 32;

/// One alternative of a condition: all of the clauses hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conjunction {
    /// The clauses.
    pub clauses: Vec<Clause>,
}

/// One of the predicates holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The predicates.
    pub predicates: Vec<Predicate>,
}

impl Clause {
    /// The field that all predicates are about, if it is one.
    pub fn field(&self) -> Option<&str> {
        let first = self.predicates.first()?.field();
        first.filter(|_| self.predicates.iter().all(|predicate| predicate.field() == first))
    }

    /// The clause as a condition.
    pub fn condition(&self) -> Condition {
        Condition::Any(self.predicates.iter().cloned().map(Condition::Test).collect())
    }
}

impl Condition {
    /// The alternatives of the condition; none if nothing satisfies it.
    pub fn normal_form(&self) -> Vec<Conjunction> {
        conjunctions(self, 0)
    }
}

fn conjunctions(condition: &Condition, depth: usize) -> Vec<Conjunction> {
    if depth > DEEPEST {
        return vec![Conjunction::default()];
    }
    match condition {
        Condition::Nothing => vec![],
        Condition::Anything => vec![Conjunction::default()],
        Condition::Test(predicate) => vec![one(Clause { predicates: vec![predicate.clone()] })],
        Condition::All(parts) => {
            let mut all = vec![Conjunction::default()];
            for part in parts {
                let next = conjunctions(part, depth + 1);
                if next.is_empty() {
                    return vec![];
                }
                if all.len() * next.len() <= MOST_CONJUNCTIONS {
                    all = all.iter().flat_map(|alternative| next.iter().map(|more| alternative.and(more))).collect();
                }
            }
            all
        }
        Condition::Any(parts) => any(parts, depth),
    }
}

/// Predicates about one field are a clause, and each field is an alternative of its own, because what is known of one field
/// early can decide. Predicates about more fields than that is good for are one clause together.
fn any(parts: &[Condition], depth: usize) -> Vec<Conjunction> {
    let mut all = Vec::new();
    let mut by_field: Vec<(Option<&str>, Clause)> = Vec::new();
    for part in parts {
        let Some(predicate) = alone(part) else {
            all.extend(conjunctions(part, depth + 1));
            continue;
        };
        match by_field.iter_mut().find(|(known, _)| *known == predicate.field()) {
            Some((_, clause)) => clause.predicates.push(predicate.clone()),
            None => by_field.push((predicate.field(), Clause { predicates: vec![predicate.clone()] })),
        }
    }
    if by_field.len() <= MOST_FIELDS {
        all.extend(by_field.into_iter().map(|(_, clause)| one(clause)));
    } else {
        let predicates = by_field.into_iter().flat_map(|(_, clause)| clause.predicates).collect();
        all.push(one(Clause { predicates }));
    }
    if all.len() > MOST_CONJUNCTIONS { vec![Conjunction::default()] } else { all }
}

fn one(clause: Clause) -> Conjunction {
    Conjunction { clauses: vec![clause] }
}

/// The predicate that a condition is no more than.
fn alone(condition: &Condition) -> Option<&Predicate> {
    match condition {
        Condition::Test(predicate) => Some(predicate),
        Condition::Any(parts) | Condition::All(parts) if parts.len() == 1 => alone(&parts[0]),
        _ => None,
    }
}

impl Conjunction {
    fn and(&self, other: &Self) -> Self {
        Self { clauses: self.clauses.iter().chain(&other.clauses).cloned().collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(name: &str) -> Condition {
        Condition::equals(name, "x")
    }

    #[test]
    fn clauses_stay_together_and_alternatives_multiply() {
        let condition = Condition::All(vec![
            field("sourcetype"),
            Condition::Any(vec![
                Condition::All(vec![field("type"), Condition::Any(vec![field("a"), field("b")])]),
                Condition::All(vec![field("type"), field("c")]),
            ]),
        ]);
        let all = condition.normal_form();
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].clauses.len(), 3);
        assert_eq!(all[0].clauses[2].predicates.len(), 1);
        assert_eq!(all[1].clauses[2].field(), Some("b"));
        assert_eq!(all[2].clauses[1].field(), Some("type"));
        let many = Condition::Any(["a", "b", "c", "d", "e"].map(field).to_vec());
        assert_eq!(many.normal_form()[0].clauses[0].predicates.len(), 5);
    }

    #[test]
    fn what_is_too_much_is_left_out_and_nothing_stays_nothing() {
        let two = Condition::Any(vec![
            Condition::All(vec![field("a"), field("b")]),
            Condition::All(vec![field("c"), field("d")]),
        ]);
        assert_eq!(Condition::All(vec![two; 20]).normal_form().len(), MOST_CONJUNCTIONS);
        assert!(Condition::All(vec![field("a"), Condition::Nothing]).normal_form().is_empty());
        assert_eq!(Condition::Anything.normal_form(), [Conjunction::default()]);
    }

    fn conditions() -> impl Strategy<Value = Condition> {
        let leaf = prop_oneof![
            8 => (0..6usize).prop_map(|n| field(&n.to_string())),
            1 => Just(Condition::Anything),
            1 => Just(Condition::Nothing),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Condition::All),
                prop::collection::vec(inner, 0..6).prop_map(Condition::Any),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_satisfies_a_condition_satisfies_an_alternative(condition in conditions(), holding in 0u8..64) {
            let mut holds = |predicate: &Predicate| {
                predicate.field().and_then(|name| name.parse::<u8>().ok()).is_some_and(|n| holding & 1 << n != 0)
            };
            let satisfied = condition.holds(&mut holds);
            let mut clause = |clause: &Clause| clause.predicates.iter().any(&mut holds);
            let alternative = condition.normal_form().iter().any(|all| all.clauses.iter().all(&mut clause));
            prop_assert!(alternative || !satisfied, "{condition:?} with {holding:b}");
        }
    }
}
