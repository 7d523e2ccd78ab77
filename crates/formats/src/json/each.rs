//! Several conditions at once: which of them a line of JSON can satisfy.
//!
//! A Kubernetes audit event says early in its text who asked for what: `verb`, the user's name, the resource. Where
//! these stand in the line as the API server writes them, once and without escapes, they decide for most conditions
//! that the rest of the line need not be looked at. Whatever is written otherwise decides nothing: then the literals of
//! the condition are looked for, as [`super::needles`] does for one.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use regex::bytes::Regex;

use super::needles;
use crate::arms::{Choice, Set, Term, arms, insert};
use crate::format::{Condition, same_number};

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
    /// An expression that is found wherever the needles are, quick to look for.
    rarest: Option<String>,
}

/// A value that a gate can have.
#[derive(Clone, Debug)]
enum Value {
    /// None.
    Absent,
    /// One that contains these literals in order, or is the one literal.
    Fits { literals: Vec<String>, whole: bool },
}

/// Finds all that the gates need in one pass over a line.
#[derive(Debug)]
struct Finders {
    /// Over [`MARKS`].
    marks: AhoCorasick,
}

/// What is looked for: an escape, after which no key is sure, then the keys as the API server writes them, then the keys
/// however else they are written, also in JSON that stands as text in JSON. Of two that begin at the same place the
/// first counts.
const MARKS: [&str; 11] = [
    "\\u",
    "\"verb\":\"",
    "\"user\":{\"username\":\"",
    "\"objectRef\":{",
    "\"responseStatus\":{",
    "objectRef",
    "responseStatus",
    "\"verb\"",
    "\"verb\\",
    "\"user\"",
    "\"user\\",
];
const ESCAPE: usize = 0;
const VERB_MARK: usize = 1;
const USER_MARK: usize = 2;
const REFERENCE: usize = 3;
const STATUS: usize = 4;
const BARE_REFERENCE: usize = 5;
const BARE_STATUS: usize = 6;
const BARE_VERB: [usize; 2] = [7, 8];
const BARE_USER: [usize; 2] = [9, 10];

/// Where a mark was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nowhere,
    /// Once; what stands behind it begins here.
    Behind(usize),
    Often,
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
        let mut ungated: Vec<Option<&str>> =
            alternatives.iter().filter(|arm| arm.gates.is_empty()).map(|arm| arm.rarest.as_deref()).collect();
        ungated.sort_unstable();
        ungated.dedup();
        let patterns: Option<Vec<&str>> = ungated.into_iter().collect();
        let takes_all = patterns.is_none();
        let joined = patterns.filter(|patterns| !patterns.is_empty()).map(|patterns| Regex::new(&patterns.join("|")));
        let (takes_all, ungated) = match joined {
            Some(Err(_)) => (true, None),
            Some(Ok(regex)) => (takes_all, Some(regex)),
            None => (takes_all, None),
        };
        Self {
            conditions: conditions.len(),
            takes_all,
            arms: alternatives,
            needles: building.needles,
            ungated,
            finders: gated.then(Finders::new).flatten(),
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
        let mut known: Vec<Option<bool>> = Vec::new();
        let mut has = |needle: usize| {
            known.resize(self.needles.len(), None);
            *known[needle].get_or_insert_with(|| self.needles[needle].is_match(text))
        };
        let ungated = self.takes_all || self.ungated.as_ref().is_some_and(|any| any.is_match(text));
        let mut any = false;
        for arm in self.arms.iter().filter(|arm| ungated || !arm.gates.is_empty()) {
            if arm.opens(&gates) && arm.found(&gates, &mut has) {
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
            // The text can hold further events, without the field.
            Gate::Is(value) => values.iter().any(|wanted| matches!(wanted, Value::Absent) || wanted.fits(value)),
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
            return value.eq_ignore_ascii_case(literal.as_bytes())
                || std::str::from_utf8(value).is_ok_and(|value| same_number(value, literal));
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
}

impl Building {
    fn alternative(&mut self, condition: usize, choices: &[Choice], gated: bool) -> Alternative {
        let mut arm = Alternative { condition, gates: vec![], needles: vec![], gate_needles: vec![], rarest: None };
        let mut rarest: Option<usize> = None;
        for choice in choices {
            let gate = choice.field().filter(|_| gated).and_then(|name| GATES.iter().position(|gate| *gate == name));
            let values = gate.and_then(|gate| Some((gate, values(choice)?)));
            match values {
                Some(gate) => {
                    arm.gates.push(gate);
                    arm.gate_needles.extend(self.needles(choice));
                }
                None => {
                    arm.needles.extend(self.needles(choice));
                    let quick = quick(choice);
                    if quick.as_ref().map(|(_, rarity)| *rarity) > rarest {
                        (arm.rarest, rarest) = quick.map_or((None, None), |(text, rarity)| (Some(text), Some(rarity)));
                    }
                }
            }
        }
        arm
    }

    fn needles(&mut self, choice: &Choice) -> Vec<usize> {
        let found = needles::patterns(&choice.condition());
        found.into_iter().map(|(regex, _)| self.needle(regex)).collect()
    }

    fn needle(&mut self, regex: Regex) -> usize {
        let next = self.needles.len();
        let number = *self.known.entry(regex.as_str().to_owned()).or_insert(next);
        if number == next {
            self.needles.push(regex);
        }
        number
    }
}

/// An expression that is found wherever one of the options is, and how rare it is. Names begin alike (`system:`), and an
/// engine that looks for their beginnings stops everywhere: of each only what stands behind the last colon is looked for.
fn quick(choice: &Choice) -> Option<(String, usize)> {
    let text = |term: &Term| -> Option<String> {
        let text = match term {
            Term::Field { literals, .. } => literals.iter().max_by_key(|literal| literal.len())?,
            Term::Raw(text) => text,
            Term::Absent(_) => return None,
        };
        let behind = text.rsplit(':').next().filter(|behind| behind.len() >= DISTINCT);
        Some(behind.unwrap_or(text).to_owned())
    };
    let options = choice.options.iter().map(|term| text(term).map(Condition::Raw)).collect::<Option<Vec<_>>>()?;
    let (regex, rarity) = needles::patterns(&Condition::Any(options)).into_iter().max_by_key(|(_, rarity)| *rarity)?;
    Some((regex.as_str().to_owned(), rarity))
}

/// A part of a name that is at least so long stands for the whole.
const DISTINCT: usize = 5;

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
    /// Nothing if the marks cannot be looked for, which no input can cause.
    fn new() -> Option<Self> {
        let marks = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok()?;
        Some(Self { marks })
    }

    /// The gates of a line. A key that is written with an escape could be any of them.
    fn gates<'a>(&self, text: &'a [u8]) -> [Gate<'a>; GATES.len()] {
        let mut gates = [Gate::Unknown; GATES.len()];
        let mut places = [Place::Nowhere; MARKS.len()];
        for found in self.marks.find_iter(text) {
            let mark = found.pattern().as_usize();
            if mark == ESCAPE {
                if is_letter(&text[found.end()..]) {
                    return gates;
                }
                continue;
            }
            places[mark] = match places[mark] {
                Place::Nowhere => Place::Behind(found.end()),
                Place::Behind(_) | Place::Often => Place::Often,
            };
        }
        let behind = |mark: usize| match places[mark] {
            Place::Behind(at) => Some(&text[at..]),
            Place::Nowhere | Place::Often => None,
        };
        let only = |mark: usize, others: [usize; 2]| {
            behind(mark).filter(|_| others.iter().all(|other| places[*other] == Place::Nowhere))
        };
        gates[VERB] = only(VERB_MARK, BARE_VERB).map_or(Gate::Unknown, string);
        gates[USER] = only(USER_MARK, BARE_USER).map_or(Gate::Unknown, string);
        let named = [(RESOURCE, "resource"), (SUBRESOURCE, "subresource"), (NAMESPACE, "namespace")];
        match (behind(REFERENCE), places[REFERENCE], places[BARE_REFERENCE]) {
            (Some(object), _, Place::Nowhere) => reference(object, &named, &mut gates),
            (None, Place::Nowhere, Place::Nowhere) => named.iter().for_each(|(gate, _)| gates[*gate] = Gate::Absent),
            _ => {}
        }
        match (behind(STATUS), places[STATUS], places[BARE_STATUS]) {
            (Some(object), _, Place::Nowhere) => gates[CODE] = code(object),
            (None, Place::Nowhere, Place::Nowhere) => gates[CODE] = Gate::Absent,
            _ => {}
        }
        gates
    }
}

/// Whether four hexadecimal digits can be a letter, of which keys are made. What Go escapes (`&`, `<`, `>`) is none, and
/// stands in most of what kubelets and controllers ask for.
fn is_letter(digits: &[u8]) -> bool {
    !matches!(digits, [b'0', b'0', b'0'..=b'3', ..] | [b'0', b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] | [b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..])
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
    // The API server writes the empty metadata of a Status first.
    let text = text.strip_prefix(b"\"metadata\":{},").unwrap_or(text);
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
        let code = |code: &str| field("responseStatus.code", code);
        let status = r#"{"verb":"get","requestURI":"/a?b=c\u0026d=e","responseStatus":{"metadata":{},"code":403}}"#;
        assert_eq!(fits(&[code("401"), code("403"), secrets.clone()], status), [false, true, false]);
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
    fn what_somebody_writes_into_a_body_decides_nothing() {
        for body in
            [r#""verb":"get","user":{"username":"bo"}"#, r#""a":"{\"verb\":\"get\",\"user\":{\"username\":\"bo\"}}""#]
        {
            for own in [
                r#""user":{"uid":"1","username":"al"},"verb" :"create""#,
                r#""user":{"username":"al"},"verb":"create""#,
            ] {
                for text in [
                    format!("{{\"requestObject\":{{{body}}},{own}}}"),
                    format!("{{{own},\"requestObject\":{{{body}}}}}"),
                ] {
                    assert_eq!(
                        fits(&[field("verb", "create"), field("user.username", "al")], &text),
                        [true, true],
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_field_of_one_event_is_not_that_of_its_neighbour() {
        let none = |name: &str| Condition::Absent(name.to_owned());
        let list = format!(r#"{{"kind":"EventList","items":[{EVENT},{{"verb":"get","requestURI":"/healthz"}}]}}"#);
        assert_eq!(fits(&[none("objectRef.subresource"), none("user.username")], &list), [true, true]);
    }

    #[test]
    fn numbers_are_equal_however_they_are_written() {
        let event = r#"{"verb":"get","responseStatus":{"metadata":{},"code":403}}"#;
        assert_eq!(
            fits(&[field("responseStatus.code", "403.0"), field("responseStatus.code", "404")], event),
            [true, false]
        );
    }

    #[test]
    fn needles_are_looked_for_beside_gates() {
        let pods = field("objectRef.resource", "pods");
        let token = Condition::Raw("token".to_owned());
        let alone = Condition::Raw("exec".to_owned());
        assert_eq!(fits(&[Condition::All(vec![pods, token]), alone], EVENT), [false, true]);
    }
}
