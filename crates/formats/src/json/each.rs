//! Several conditions at once: which of them a line of JSON can satisfy.
//!
//! A Kubernetes audit event says early in its text who asked for what: `verb`, the user's name, the resource. Where
//! these stand in the line as the API server writes them, once and without escapes, they decide for most conditions
//! that the rest of the line need not be looked at. Whatever is written otherwise decides nothing: then the literals of
//! the condition are looked for, as [`super::needles`] does for one.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use dogwatch_predicate::{Clause, Condition, Matcher, Predicate};
use foldhash::fast::RandomState;
use memchr::memmem::{self, Finder};
use regex::bytes::Regex;

use super::needles;
use super::scan::{self, Member, Nesting};
use crate::kube_audit::Shape;
use crate::rule_filter::bitset::{BitSet, contains, empty_set, insert, numbers};

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
    /// All of them, and those that have a gate.
    all: BitSet,
    gated: BitSet,
    needles: Vec<Regex>,
    /// Found in every line that an alternative without a gate wants, if no escape hides it.
    ungated: Option<Regex>,
    escape: Finder<'static>,
    /// What values of gates let through; none for a gate that is absent.
    opened: Mutex<HashMap<Opened, Arc<Through>, RandomState>>,
    /// Whether an alternative has neither gate nor needle.
    takes_all: bool,
    finders: Option<Finders>,
}

/// A gate and its value.
type Opened = (usize, Option<Box<[u8]>>);

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
    /// One that matches.
    Matches(Matcher),
}

/// Finds all that the gates need.
#[derive(Debug)]
struct Finders {
    /// Over [`MARKS`].
    marks: AhoCorasick,
}

/// What is looked for: the keys as the API server writes them, then the keys however else they are written, also in JSON
/// that stands as text in JSON. Of two that begin at the same place the first counts.
const MARKS: [&str; 11] = [
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
    "username",
];
const VERB_MARK: usize = 0;
const USER_MARK: usize = 1;
const REFERENCE: usize = 2;
const STATUS: usize = 3;
const BARE_REFERENCE: usize = 4;
const BARE_STATUS: usize = 5;
const BARE_VERB: [usize; 2] = [6, 7];
const BARE_USER: [usize; 3] = [8, 9, 10];

/// Where a mark was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Nowhere,
    /// Once; what stands behind it begins here.
    Behind(usize),
    Often,
}

/// What a text writes as `\uXXXX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Escapes {
    /// Nothing, or what Go escapes: `&`, `<`, `>` and two kinds of line ends. They stand in most of what kubelets and
    /// controllers ask for.
    Markup,
    /// Characters of which no key is made.
    Others,
    /// Letters: any key could be any other.
    Letters,
}

/// What is known of a gate of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gate<'a> {
    /// It can be anything.
    Unknown,
    /// The event does not have it.
    Absent,
    Is(&'a [u8]),
}

impl Each {
    fn escapes(&self, text: &[u8]) -> Escapes {
        let digits = self.escape.find_iter(text).map(|at| &text[at + self.escape.needle().len()..]);
        digits.map(escaped).max().unwrap_or(Escapes::Markup)
    }

    /// [`Each::through`], for the values that come most remembered for all chunks of the log.
    fn remembered(&self, number: usize, gate: Gate<'_>) -> Arc<Through> {
        let value = if let Gate::Is(value) = gate { Some(value) } else { None };
        let key: Opened = (number, value.map(Box::from));
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(through) = opened.get(&key) {
            return Arc::clone(through);
        }
        let through = Arc::new(self.through(number, gate));
        if opened.len() < MOST_REMEMBERED && value.is_none_or(|value| value.len() < LONGEST) {
            opened.insert(key, Arc::clone(&through));
        }
        through
    }

    /// The alternatives that a gate lets through.
    fn through(&self, number: usize, gate: Gate<'_>) -> Through {
        let mut through = Through { any: empty_set(self.arms.len()), one: empty_set(self.arms.len()) };
        for (at, arm) in self.arms.iter().enumerate() {
            let mut wanted = arm.gates.iter().filter(|(of, _)| *of == number).map(|(_, values)| values);
            let one = wanted.clone().all(|values| opens(values, gate));
            if one {
                insert(&mut through.one, at);
            }
            if one || wanted.all(|values| opens(values, gate) || opens(values, Gate::Absent)) {
                insert(&mut through.any, at);
            }
        }
        through
    }

    /// For these conditions; with gates if the rows are Kubernetes audit events.
    pub(crate) fn new(conditions: &[Condition], gated: bool) -> Self {
        let mut building = Building::default();
        let mut alternatives = Vec::new();
        for (condition, of) in conditions.iter().enumerate() {
            alternatives
                .extend(of.normal_form().iter().map(|arm| building.alternative(condition, &arm.clauses, gated)));
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
        let (mut all, mut with_gates) = (empty_set(alternatives.len()), empty_set(alternatives.len()));
        for (number, arm) in alternatives.iter().enumerate() {
            insert(&mut all, number);
            if !arm.gates.is_empty() {
                insert(&mut with_gates, number);
            }
        }
        Self {
            conditions: conditions.len(),
            escape: Finder::new("\\u"),
            opened: Mutex::default(),
            takes_all,
            all,
            gated: with_gates,
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
}

/// How many values of gates are remembered, for a chunk and for all, and how long they may be, bytes.
const REMEMBERED: usize = 1024;
const MOST_REMEMBERED: usize = 8192;
const LONGEST: usize = 512;

/// Tells of texts, one by one, which conditions a row in them can satisfy. The same verbs, resources and names come again
/// and again, so what each opens is remembered.
pub(super) struct Looking<'e, 't> {
    each: &'e Each,
    hasher: RandomState,
    /// Values of gates, and the alternatives that each lets through; in the places that their hashes give.
    known: Vec<Option<(usize, Gate<'t>, Arc<Through>)>>,
    /// The alternatives that all gates of the text at hand let through.
    open: Through,
    /// Whether the text has a needle, once it has been looked for.
    has: Vec<Option<bool>>,
    fits: BitSet,
    nesting: Nesting,
    members: Vec<Member>,
}

impl<'e, 't> Looking<'e, 't> {
    /// For these conditions.
    pub(super) fn new(each: &'e Each) -> Self {
        Self {
            each,
            hasher: RandomState::default(),
            known: vec![None; REMEMBERED],
            open: Through::default(),
            has: Vec::new(),
            fits: BitSet::new(),
            nesting: Nesting::default(),
            members: Vec::new(),
        }
    }

    /// The conditions that a row in this text can satisfy; nothing if there is none.
    pub(super) fn fits(&mut self, text: &'t [u8]) -> Option<&[u64]> {
        let each = self.each;
        let escapes = each.escapes(text);
        let gates = match &each.finders {
            Some(finders) if escapes != Escapes::Letters => finders.gates(text),
            _ => [Gate::Unknown; GATES.len()],
        };
        let ungated =
            each.takes_all || each.ungated.as_ref().is_some_and(|any| escapes != Escapes::Markup || any.is_match(text));
        let all = if ungated { &each.all } else { &each.gated };
        self.open.any.clone_from(all);
        self.open.one.clone_from(all);
        for (number, gate) in gates.into_iter().enumerate().filter(|(_, gate)| *gate != Gate::Unknown) {
            self.close(number, gate);
        }
        let one = self.open.one != self.open.any && self.is_one(text, &gates);
        self.has.clear();
        self.has.resize(each.needles.len(), None);
        let mut has = |needle: usize| *self.has[needle].get_or_insert_with(|| each.needles[needle].is_match(text));
        self.fits.clear();
        self.fits.resize(each.conditions.div_ceil(64), 0);
        let open = if one { &self.open.one } else { &self.open.any };
        for arm in numbers(open).map(|number| &each.arms[number]) {
            if !contains(&self.fits, arm.condition) && arm.found(&gates, &mut has) {
                insert(&mut self.fits, arm.condition);
            }
        }
        self.fits.iter().any(|word| *word != 0).then_some(&self.fits)
    }

    /// Whether a text is one event and no more, and the gates that are known are its own.
    fn is_one(&mut self, text: &[u8], gates: &[Gate<'_>; GATES.len()]) -> bool {
        let start = scan::space(text, 0);
        let end = match text.get(start) {
            Some(b'{') => scan::members(text, start, &mut self.nesting, &mut self.members),
            _ => return false,
        };
        let members = &self.members;
        let own = |name: &&str| {
            let key = name.split('.').next().unwrap_or(name).as_bytes();
            members.iter().any(|member| text.get(member.key.clone()) == Some(key))
        };
        end.is_ok_and(|end| scan::space(text, end) == text.len())
            && Shape::of(text, members).is_event()
            && GATES.iter().zip(gates).filter(|(_, gate)| matches!(gate, Gate::Is(_))).all(|(name, _)| own(name))
    }

    /// Closes the alternatives that a gate does not let through.
    fn close(&mut self, number: usize, gate: Gate<'t>) {
        #[expect(clippy::cast_possible_truncation, reason = "any part of a hash is a hash")]
        let place = &mut self.known[self.hasher.hash_one((number, gate)) as usize % REMEMBERED];
        let through = match place {
            Some((of, value, through)) if *of == number && *value == gate => through,
            place => &mut place.insert((number, gate, self.each.remembered(number, gate))).2,
        };
        let close = |open: &mut BitSet, through: &BitSet| {
            open.iter_mut().zip(through).for_each(|(open, through)| *open &= *through);
        };
        close(&mut self.open.any, &through.any);
        close(&mut self.open.one, &through.one);
    }
}

/// The alternatives that gates let through.
#[derive(Clone, Debug, Default)]
struct Through {
    /// Of any text: it can hold further events, without the fields that the gates are about.
    any: BitSet,
    /// Of a text that is one event and no more.
    one: BitSet,
}

/// Whether a gate lets an alternative through that wants one of these values of it.
fn opens(values: &[Value], gate: Gate<'_>) -> bool {
    match gate {
        Gate::Unknown => true,
        Gate::Absent => values.iter().any(|wanted| matches!(wanted, Value::Absent)),
        Gate::Is(value) => values.iter().any(|wanted| wanted.fits(value)),
    }
}

impl Alternative {
    fn unknown(&self, gates: &[Gate<'_>; GATES.len()]) -> bool {
        self.gates.iter().any(|(gate, _)| gates[*gate] == Gate::Unknown)
    }

    fn found(&self, gates: &[Gate<'_>; GATES.len()], mut has: impl FnMut(usize) -> bool) -> bool {
        self.needles.iter().all(|needle| has(*needle))
            && (!self.unknown(gates) || self.gate_needles.iter().all(|needle| has(*needle)))
    }
}

impl Value {
    fn fits(&self, value: &[u8]) -> bool {
        let Self::Matches(matcher) = self else { return false };
        // What is no text is read as other text.
        std::str::from_utf8(value).is_ok_and(|value| matcher.matches(value)) || std::str::from_utf8(value).is_err()
    }
}

#[derive(Default)]
struct Building {
    known: HashMap<String, usize>,
    needles: Vec<Regex>,
}

impl Building {
    fn alternative(&mut self, condition: usize, choices: &[Clause], gated: bool) -> Alternative {
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

    fn needles(&mut self, choice: &Clause) -> Vec<usize> {
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

/// An expression that is found wherever one of the options is, if no escape hides it, and how rare it is. Names begin alike
/// (`system:`), and an engine that looks for their beginnings stops everywhere: of each only what begins with the last
/// colon is looked for.
fn quick(choice: &Clause) -> Option<(String, usize)> {
    let text = |predicate: &Predicate| -> Option<String> {
        let (Predicate::Field { pattern, .. } | Predicate::Raw(pattern)) = predicate else { return None };
        let text = pattern.literals().max_by_key(|literal| literal.len())?;
        // What Go escapes stands in no text as it is.
        let text = text.split(['&', '<', '>']).max_by_key(|part| part.len())?;
        let behind = text.rfind(':').map(|colon| &text[colon..]).filter(|behind| behind.len() >= DISTINCT);
        Some(behind.unwrap_or(text).to_owned())
    };
    let options =
        choice.predicates.iter().map(|predicate| text(predicate).map(Condition::raw)).collect::<Option<Vec<_>>>()?;
    needles::plain_pattern(&Condition::Any(options))
}

/// A part of a name that is at least so long stands for the whole.
const DISTINCT: usize = 5;

/// The values that a choice allows.
fn values(choice: &Clause) -> Option<Vec<Value>> {
    let value = |predicate: &Predicate| match predicate {
        Predicate::Field { pattern, .. } => Some(Value::Matches(pattern.matcher())),
        Predicate::Absent(_) => Some(Value::Absent),
        Predicate::Raw(_) => None,
    };
    choice.predicates.iter().map(value).collect()
}

impl Finders {
    /// Nothing if the marks cannot be looked for, which no input can cause.
    fn new() -> Option<Self> {
        let marks = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok()?;
        Some(Self { marks })
    }

    /// The gates of a line in which no letter is escaped: a key that is written with an escape could be any of them.
    fn gates<'a>(&self, text: &'a [u8]) -> [Gate<'a>; GATES.len()] {
        let mut gates = [Gate::Unknown; GATES.len()];
        let mut places = [Place::Nowhere; MARKS.len()];
        for found in self.marks.find_iter(text) {
            let mark = found.pattern().as_usize();
            places[mark] = match places[mark] {
                Place::Nowhere => Place::Behind(found.end()),
                Place::Behind(_) | Place::Often => Place::Often,
            };
        }
        let behind = |mark: usize| match places[mark] {
            Place::Behind(at) => Some(&text[at..]),
            Place::Nowhere | Place::Often => None,
        };
        let only = |mark: usize, others: &[usize]| {
            behind(mark).filter(|_| others.iter().all(|other| places[*other] == Place::Nowhere))
        };
        gates[VERB] = only(VERB_MARK, &BARE_VERB).map_or(Gate::Unknown, string);
        gates[USER] = only(USER_MARK, &BARE_USER).map_or(Gate::Unknown, string);
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

/// What an escape with these four hexadecimal digits stands for.
fn escaped(digits: &[u8]) -> Escapes {
    match digits {
        [b'0', b'0', b'2', b'6', ..]
        | [b'0', b'0', b'3', b'c' | b'C' | b'e' | b'E', ..]
        | [b'2', b'0', b'2', b'8' | b'9', ..] => Escapes::Markup,
        // A quotation mark: JSON that stands as text has its keys between them.
        [b'0', b'0', b'2', b'2', ..] => Escapes::Letters,
        [b'0', b'0', b'0'..=b'3', ..]
        | [b'0', b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]
        | [b'1'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => Escapes::Others,
        _ => Escapes::Letters,
    }
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
    // The brace can stand in a text, which then is open.
    let open = memchr::memchr_iter(b'"', status).count() % 2 == 1 || memchr::memchr(b'\\', status).is_some();
    let nested =
        open || memchr::memchr(b'{', status).is_some() || memmem::find(&status[at + 1..], b"\"code\"").is_some();
    let digits = &status[at + b"\"code\":".len()..];
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match (nested || length == 0, digits.get(length)) {
        (false, None | Some(b',')) => Gate::Is(&digits[..length]),
        _ => Gate::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use dogwatch_predicate::Pattern;

    use super::*;

    const EVENT: &str = r#"{"verb":"get","user":{"username":"al"},"objectRef":{"resource":"pods","namespace":"a","subresource":"exec"}}"#;

    fn field(name: &str, value: &str) -> Condition {
        Condition::equals(name, value)
    }

    fn fits(conditions: &[Condition], text: &str) -> Vec<bool> {
        let each = Each::new(conditions, true);
        let mut looking = Looking::new(&each);
        let set = looking.fits(text.as_bytes()).unwrap_or_default();
        (0..conditions.len()).map(|number| contains(set, number)).collect()
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
    fn what_is_written_twice_or_inside_text_decides_nothing() {
        let part = |name: &str, literal: &str| Condition::field(name, Pattern::containing(literal));
        for (condition, text) in [
            (part("requestURI", "sh&stdin"), r#"{"auditID":"1","requestURI":"/exec?command=sh\u0026stdin=true"}"#),
            (part("userAgent", "<unknown>"), r#"{"auditID":"1","userAgent":"\u003cunknown\u003e"}"#),
            (
                field("verb", "create"),
                r#"{"verb":"get","log":"{\u0022auditID\u0022:\u00221\u0022,\u0022verb\u0022:\u0022create\u0022}"}"#,
            ),
            (
                field("user.username", "al"),
                r#"[{"auditID":"1","user.username":"al"},{"auditID":"2","user":{"username":"bo"}}]"#,
            ),
            (part("user.username", "al"), r#"{"auditID":"1","user":{"username":"bo","username":"al"}}"#),
            (
                part("responseStatus.code", "403"),
                r#"{"auditID":"1","responseStatus":{"code":200,"message":"x}","code":403}}"#,
            ),
            (part("responseStatus.code", "403"), r#"{"auditID":"1","responseStatus":{"code":200,"code" :403}}"#),
        ] {
            assert_eq!(fits(std::slice::from_ref(&condition), text), [true], "{text}");
        }
    }

    #[test]
    fn what_one_event_has_is_not_absent() {
        let none = Condition::absent("objectRef.subresource");
        let told = |text: &str| fits(std::slice::from_ref(&none), text)[0];
        let event = r#"{"auditID":"1","verb":"patch","objectRef":{"resource":"pods","subresource":"status"}}"#;
        assert!(!told(event) && !told(&format!(" {event}\r")));
        assert!(told(&event.replace("status", "")));
        let other = r#"{"auditID":"2","user":{"username":"al"}}"#;
        for further in [
            format!("{event}{other}"),
            format!(r#"{{"items":[{event},{other}]}}"#),
            format!(r#"{{"items":[{other}],"verb":"x","objectRef":{{"subresource":"status"}}}}"#),
            r#"{"auditID":"1","requestObject":{"objectRef":{"subresource":"status"}}}"#.to_owned(),
            event[..event.len() - 1].to_owned(),
        ] {
            assert!(told(&further), "{further}");
        }
    }

    #[test]
    fn a_field_of_one_event_is_not_that_of_its_neighbour() {
        let none = |name: &str| Condition::absent(name);
        let list = format!(r#"{{"kind":"EventList","items":[{EVENT},{{"verb":"get","requestURI":"/healthz"}}]}}"#);
        assert_eq!(fits(&[none("objectRef.subresource"), none("user.username")], &list), [true, true]);
    }

    #[test]
    fn needles_are_looked_for_beside_gates() {
        let pods = field("objectRef.resource", "pods");
        let token = Condition::raw("token");
        let alone = Condition::raw("exec");
        assert_eq!(fits(&[Condition::All(vec![pods, token]), alone], EVENT), [false, true]);
    }
}
