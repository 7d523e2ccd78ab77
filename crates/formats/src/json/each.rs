//! Several conditions at once: which of them a line of JSON can satisfy.
//!
//! A Kubernetes audit event says early in its text who asked for what: `verb`, the user's name, the resource. Where
//! these stand in the line as the API server writes them, once and without escapes, they decide for most conditions
//! that the rest of the line need not be looked at. Whatever is written otherwise decides nothing: then the literals of
//! the condition are looked for, as [`super::needles`] does for one.

use std::collections::HashMap;

use memchr::memmem::{self, Finder};
use regex::bytes::Regex;

use super::needles;
use crate::arms::{Choice, Set, Term, arms, insert};
use crate::format::Condition;

/// The fields that decide, and the number of each.
const GATES: [&str; 6] = [
    "verb",
    "objectRef.resource",
    "objectRef.subresource",
    "objectRef.namespace",
    "responseStatus.code",
    "user.username",
];
const VERB: usize = 0;
const RESOURCE: usize = 1;
const SUBRESOURCE: usize = 2;
const NAMESPACE: usize = 3;
const CODE: usize = 4;
const USER: usize = 5;

/// Conditions, and what to look for.
#[derive(Debug)]
pub struct Each {
    conditions: usize,
    arms: Vec<Alternative>,
    needles: Vec<Regex>,
    /// Found in every line that an alternative without a gate wants.
    ungated: Option<Regex>,
    /// Whether an alternative has neither gate nor needle.
    takes_all: bool,
    finders: Option<Finders>,
}

/// One alternative of a condition.
#[derive(Debug)]
struct Alternative {
    condition: usize,
    gates: Vec<(usize, Vec<Value>)>,
    /// Needles beside the gates.
    needles: Vec<usize>,
    /// Needles for the gates, for lines whose gates cannot be read.
    gate_needles: Vec<usize>,
}

/// A value that a gate can have.
#[derive(Clone, Debug)]
enum Value {
    /// None.
    Absent,
    /// One that contains these literals in order, or is the one literal.
    Fits { literals: Vec<String>, whole: bool },
}

#[derive(Debug)]
struct Finders {
    escape: Finder<'static>,
    reference: Finder<'static>,
    bare_reference: Finder<'static>,
    verb: Finder<'static>,
    user: Finder<'static>,
    status: Finder<'static>,
    bare_status: Finder<'static>,
}

/// What is known of a gate of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate<'a> {
    /// It can be anything.
    Unknown,
    /// The event does not have it.
    Absent,
    Is(&'a [u8]),
}

impl Each {
    /// For these conditions; with gates if the rows are Kubernetes audit events.
    pub(crate) fn new(conditions: &[Condition], gated: bool) -> Self {
        let mut building = Building::default();
        let mut alternatives = Vec::new();
        for (condition, of) in conditions.iter().enumerate() {
            alternatives.extend(arms(of).iter().map(|arm| building.alternative(condition, &arm.choices, gated)));
        }
        let ungated: Vec<&Alternative> = alternatives.iter().filter(|arm| arm.gates.is_empty()).collect();
        let takes_all = ungated.iter().any(|arm| arm.needles.is_empty());
        let rarest = ungated.iter().filter_map(|arm| arm.needles.iter().max_by_key(|needle| building.rarity[**needle]));
        let patterns: Vec<&str> = rarest.map(|needle| building.needles[*needle].as_str()).collect();
        let ungated = match (takes_all, patterns.is_empty()) {
            (false, false) => Regex::new(&patterns.join("|")).ok(),
            _ => None,
        };
        Self {
            conditions: conditions.len(),
            takes_all: takes_all || (ungated.is_none() && !patterns.is_empty()),
            arms: alternatives,
            needles: building.needles,
            ungated,
            finders: gated.then(Finders::new),
        }
    }

    /// Whether no row can satisfy any.
    pub(crate) fn nothing(&self) -> bool {
        self.arms.is_empty()
    }

    /// The conditions that a row in this text can satisfy; nothing if there is none.
    pub(super) fn fits(&self, text: &[u8], fits: &mut Set) -> bool {
        fits.clear();
        fits.resize(self.conditions.div_ceil(64), 0);
        let gates = self.finders.as_ref().map_or([Gate::Unknown; GATES.len()], |finders| finders.gates(text));
        let mut known: Vec<Option<bool>> = vec![None; self.needles.len()];
        let ungated = self.takes_all || self.ungated.as_ref().is_some_and(|any| any.is_match(text));
        let mut any = false;
        for arm in self.arms.iter().filter(|arm| ungated || !arm.gates.is_empty()) {
            if arm.opens(&gates)
                && arm.found(&gates, |needle| *known[needle].get_or_insert_with(|| self.needles[needle].is_match(text)))
            {
                insert(fits, arm.condition);
                any = true;
            }
        }
        any
    }
}

impl Alternative {
    fn opens(&self, gates: &[Gate<'_>; GATES.len()]) -> bool {
        self.gates.iter().all(|(gate, values)| match gates[*gate] {
            Gate::Unknown => true,
            Gate::Absent => values.iter().any(|wanted| matches!(wanted, Value::Absent)),
            Gate::Is(value) => values.iter().any(|wanted| wanted.fits(value)),
        })
    }

    fn found(&self, gates: &[Gate<'_>; GATES.len()], mut has: impl FnMut(usize) -> bool) -> bool {
        let unknown = self.gates.iter().any(|(gate, _)| gates[*gate] == Gate::Unknown);
        self.needles.iter().all(|needle| has(*needle))
            && (!unknown || self.gate_needles.iter().all(|needle| has(*needle)))
    }
}

impl Value {
    fn fits(&self, value: &[u8]) -> bool {
        let Self::Fits { literals, whole } = self else { return false };
        if !value.is_ascii() {
            return true;
        }
        if let (true, [literal]) = (*whole, literals.as_slice()) {
            return value.eq_ignore_ascii_case(literal.as_bytes());
        }
        let mut rest = value;
        literals.iter().all(|literal| {
            let wanted = literal.as_bytes();
            let at = rest.windows(wanted.len().max(1)).position(|part| part.eq_ignore_ascii_case(wanted));
            match at {
                Some(at) => {
                    rest = &rest[at + wanted.len()..];
                    true
                }
                None => wanted.is_empty(),
            }
        })
    }
}

#[derive(Default)]
struct Building {
    known: HashMap<String, usize>,
    needles: Vec<Regex>,
    rarity: Vec<usize>,
}

impl Building {
    fn alternative(&mut self, condition: usize, choices: &[Choice], gated: bool) -> Alternative {
        let mut arm = Alternative { condition, gates: vec![], needles: vec![], gate_needles: vec![] };
        for choice in choices {
            let gate = choice.field().filter(|_| gated).and_then(|name| GATES.iter().position(|gate| *gate == name));
            let values = gate.and_then(|gate| Some((gate, values(choice)?)));
            match values {
                Some(gate) => {
                    arm.gates.push(gate);
                    arm.gate_needles.extend(self.needles(choice));
                }
                None => arm.needles.extend(self.needles(choice)),
            }
        }
        arm
    }

    fn needles(&mut self, choice: &Choice) -> Vec<usize> {
        let found = needles::patterns(&choice.condition());
        found.into_iter().map(|(regex, rarity)| self.needle(regex, rarity)).collect()
    }

    fn needle(&mut self, regex: Regex, rarity: usize) -> usize {
        let next = self.needles.len();
        let number = *self.known.entry(regex.as_str().to_owned()).or_insert(next);
        if number == next {
            self.needles.push(regex);
            self.rarity.push(rarity);
        }
        number
    }
}

/// The values that a choice allows; none if one of them is not ASCII, whose case is not folded here.
fn values(choice: &Choice) -> Option<Vec<Value>> {
    let value = |term: &Term| match term {
        Term::Field { literals, whole, .. } if literals.iter().all(|literal| literal.is_ascii()) => {
            Some(Value::Fits { literals: literals.clone(), whole: *whole })
        }
        Term::Absent(_) => Some(Value::Absent),
        _ => None,
    };
    choice.options.iter().map(value).collect()
}

impl Finders {
    fn new() -> Self {
        let finder = |text: &'static str| Finder::new(text.as_bytes());
        Self {
            escape: finder("\\u"),
            reference: finder("\"objectRef\":{"),
            bare_reference: finder("objectRef"),
            verb: finder("\"verb\":\""),
            user: finder("\"user\":{\"username\":\""),
            status: finder("\"responseStatus\":{"),
            bare_status: finder("responseStatus"),
        }
    }

    /// The gates of a line. A key that is written with an escape could be any of them.
    fn gates<'a>(&self, text: &'a [u8]) -> [Gate<'a>; GATES.len()] {
        let mut gates = [Gate::Unknown; GATES.len()];
        if self.escape.find(text).is_some() {
            return gates;
        }
        gates[VERB] = once(text, &self.verb).map_or(Gate::Unknown, string);
        gates[USER] = once(text, &self.user).map_or(Gate::Unknown, string);
        let named = [(RESOURCE, "resource"), (SUBRESOURCE, "subresource"), (NAMESPACE, "namespace")];
        match once(text, &self.reference) {
            Some(object) => reference(object, &named, &mut gates),
            None if self.bare_reference.find(text).is_none() => {
                named.iter().for_each(|(gate, _)| gates[*gate] = Gate::Absent);
            }
            None => {}
        }
        match once(text, &self.status) {
            Some(object) => gates[CODE] = code(object),
            None if self.bare_status.find(text).is_none() => gates[CODE] = Gate::Absent,
            None => {}
        }
        gates
    }
}

/// What stands behind the one place where something is found.
fn once<'a>(text: &'a [u8], finder: &Finder<'_>) -> Option<&'a [u8]> {
    let after = finder.find(text)? + finder.needle().len();
    let rest = &text[after..];
    finder.find(rest).is_none().then_some(rest)
}

/// The string that ends at the next quotation mark, if nothing in it is escaped.
fn string(text: &[u8]) -> Gate<'_> {
    match memchr::memchr2(b'"', b'\\', text) {
        Some(end) if text[end] == b'"' => Gate::Is(&text[..end]),
        _ => Gate::Unknown,
    }
}

/// The gates of an object of plain strings.
fn reference<'a>(text: &'a [u8], named: &[(usize, &str)], gates: &mut [Gate<'a>; GATES.len()]) {
    let mut found = *gates;
    named.iter().for_each(|(gate, _)| found[*gate] = Gate::Absent);
    let mut rest = text;
    loop {
        let Some(Gate::Is(key)) = rest.strip_prefix(b"\"").map(string) else { return };
        let Some(behind) = rest[key.len() + 2..].strip_prefix(b":\"") else { return };
        let Gate::Is(value) = string(behind) else { return };
        if let Some((gate, _)) = named.iter().find(|(_, name)| name.as_bytes() == key) {
            let plain = found[*gate] == Gate::Absent && !value.is_empty();
            found[*gate] = if plain { Gate::Is(value) } else { Gate::Unknown };
        }
        match behind.get(value.len() + 1) {
            Some(b',') => rest = &behind[value.len() + 2..],
            Some(b'}') => break,
            _ => return,
        }
    }
    *gates = found;
}

/// The code of a status. It is a number, and mostly the only one; a status with more in it may hold another `code` (in
/// its details), which decides nothing.
fn code(text: &[u8]) -> Gate<'_> {
    let end = memchr::memchr(b'}', text).unwrap_or(text.len());
    let status = &text[..end];
    let Some(at) = memmem::find(status, b"\"code\":") else { return Gate::Unknown };
    let nested = memchr::memchr(b'{', status).is_some() || memmem::find(&status[at + 1..], b"\"code\":").is_some();
    let digits = &status[at + b"\"code\":".len()..];
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match (nested || length == 0, digits.get(length)) {
        (false, None | Some(b',')) => Gate::Is(&digits[..length]),
        _ => Gate::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"verb":"get","user":{"username":"al"},"objectRef":{"resource":"pods","namespace":"a","subresource":"exec"}}"#;

    fn field(name: &str, value: &str) -> Condition {
        Condition::Field { name: name.to_owned(), literals: vec![value.to_owned()], whole: true }
    }

    fn fits(conditions: &[Condition], text: &str) -> Vec<bool> {
        let each = Each::new(conditions, true);
        let mut set = Vec::new();
        each.fits(text.as_bytes(), &mut set);
        (0..conditions.len()).map(|number| crate::arms::contains(&set, number)).collect()
    }

    #[test]
    fn gates_decide_where_they_stand_plainly() {
        let exec = Condition::All(vec![field("objectRef.resource", "PODS"), field("objectRef.subresource", "exec")]);
        let secrets = field("objectRef.resource", "secrets");
        let other = Condition::All(vec![field("user.username", "bo"), field("verb", "get")]);
        assert_eq!(fits(&[exec.clone(), secrets.clone(), other], EVENT), [true, false, false]);
        // No object is asked for.
        assert_eq!(fits(&[exec, secrets], r#"{"verb":"get","requestURI":"/healthz"}"#), [false, false]);
    }

    #[test]
    fn what_is_written_otherwise_decides_nothing() {
        let exec = field("objectRef.subresource", "exec");
        for hidden in [
            r#"{"\u006fbjectRef":{"subresource":"exec"}}"#,
            r#"{"objectRef": {"subresource":"exec"}}"#,
            r#"{"message":"{\"objectRef\":{\"subresource\":\"exec\"}}"}"#,
            r#"{"objectRef":{"subresource":"log"}} {"objectRef":{"subresource":"exec"}}"#,
            r#"{"objectRef":{"x":{"subresource":"log"},"subresource":"exec"}}"#,
        ] {
            assert_eq!(fits(std::slice::from_ref(&exec), hidden), [true], "{hidden}");
        }
    }

    #[test]
    fn needles_are_looked_for_beside_gates() {
        let pods = field("objectRef.resource", "pods");
        let token = Condition::Raw("token".to_owned());
        let alone = Condition::Raw("exec".to_owned());
        assert_eq!(fits(&[Condition::All(vec![pods, token]), alone], EVENT), [false, true]);
    }
}
