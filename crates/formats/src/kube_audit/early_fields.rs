//! The early fields of a Kubernetes audit event: who asked for what.
//!
//! The API server writes `verb`, the user's name, the resource and the status in a fixed form, early in the text. Where they
//! stand in it in that form, and once, they decide for most rules that the rest of the text need not be looked at.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use super::event::Shape;
use crate::json::early_fields::{EarlyFields, string};
use crate::json::events::Object;
use crate::rule_filter::Part;

/// The names of the fields, each in the place of its part.
const NAMES: [&str; 6] = [
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

/// See the file's first words.
#[derive(Debug)]
pub(super) struct AuditEventFields;

/// Finds all [`MARKS`]. Nothing if they cannot be looked for, which no input can cause.
static FINDER: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok());

impl EarlyFields for AuditEventFields {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn read<'t>(&self, text: &'t [u8], parts: &mut [Part<'t>]) {
        if let Some(finder) = &*FINDER {
            read(finder, text, parts);
        }
    }

    fn is_row(&self, object: &Object<'_>) -> bool {
        Shape::of(object).is_event()
    }
}

/// A key that is written with an escape could be any of them: no letter of the text is escaped.
fn read<'t>(finder: &AhoCorasick, text: &'t [u8], parts: &mut [Part<'t>]) {
    let mut places = [Place::Nowhere; MARKS.len()];
    for found in finder.find_iter(text) {
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
    parts[VERB] = only(VERB_MARK, &BARE_VERB).map_or(Part::Unknown, string);
    parts[USER] = only(USER_MARK, &BARE_USER).map_or(Part::Unknown, string);
    let named = [(RESOURCE, "resource"), (SUBRESOURCE, "subresource"), (NAMESPACE, "namespace")];
    match (behind(REFERENCE), places[REFERENCE], places[BARE_REFERENCE]) {
        (Some(object), _, Place::Nowhere) => reference(object, &named, parts),
        (None, Place::Nowhere, Place::Nowhere) => named.iter().for_each(|(field, _)| parts[*field] = Part::Absent),
        _ => {}
    }
    match (behind(STATUS), places[STATUS], places[BARE_STATUS]) {
        (Some(object), _, Place::Nowhere) => parts[CODE] = code(object),
        (None, Place::Nowhere, Place::Nowhere) => parts[CODE] = Part::Absent,
        _ => {}
    }
}

/// The fields of an object of plain strings.
fn reference<'t>(text: &'t [u8], named: &[(usize, &str)], parts: &mut [Part<'t>]) {
    let mut found = [Part::Unknown; NAMES.len()];
    named.iter().for_each(|(field, _)| found[*field] = Part::Absent);
    let mut rest = text;
    loop {
        let Some(Part::Text(key)) = rest.strip_prefix(b"\"").map(string) else { return };
        let Some(behind) = rest[key.len() + 2..].strip_prefix(b":\"") else { return };
        let Part::Text(value) = string(behind) else { return };
        if let Some((field, _)) = named.iter().find(|(_, name)| name.as_bytes() == key) {
            let plain = found[*field] == Part::Absent && !value.is_empty();
            found[*field] = if plain { Part::Text(value) } else { Part::Unknown };
        }
        match behind.get(value.len() + 1) {
            Some(b',') => rest = &behind[value.len() + 2..],
            Some(b'}') => break,
            _ => return,
        }
    }
    named.iter().for_each(|(field, _)| parts[*field] = found[*field]);
}

/// The code of a status. It is a number, and mostly the only one; a status with more in it may hold another `code` (in
/// its details), which decides nothing.
fn code(text: &[u8]) -> Part<'_> {
    // The API server writes the empty metadata of a Status first.
    let text = text.strip_prefix(b"\"metadata\":{},").unwrap_or(text);
    let end = memchr::memchr(b'}', text).unwrap_or(text.len());
    let status = &text[..end];
    let Some(at) = memmem::find(status, b"\"code\":") else { return Part::Unknown };
    // The brace can stand in a text, which then is open.
    let open = memchr::memchr_iter(b'"', status).count() % 2 == 1 || memchr::memchr(b'\\', status).is_some();
    let nested =
        open || memchr::memchr(b'{', status).is_some() || memmem::find(&status[at + 1..], b"\"code\"").is_some();
    let digits = &status[at + b"\"code\":".len()..];
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match (nested || length == 0, digits.get(length)) {
        (false, None | Some(b',')) => Part::Text(&digits[..length]),
        _ => Part::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use dogwatch_predicate::{Condition, Pattern};

    use super::*;
    use crate::json::atoms::rules;
    use crate::rule_filter::Found;

    const EVENT: &str = r#"{"verb":"get","user":{"username":"al"},"objectRef":{"resource":"pods","namespace":"a","subresource":"exec"}}"#;

    fn field(name: &str, value: &str) -> Condition {
        Condition::equals(name, value)
    }

    fn candidates(conditions: &[Condition], text: &str) -> Vec<bool> {
        let filter = rules(conditions, Some(&AuditEventFields));
        let mut matcher = filter.rules.as_ref().expect("a filter of rules").matcher();
        let found = matcher.observe(0, text.as_bytes(), Found::default());
        let set = matcher.candidates(found, 0, text.as_bytes()).unwrap_or_default();
        (0..conditions.len()).map(|number| set.iter().any(|word| word & 1 << number != 0)).collect()
    }

    #[test]
    fn early_fields_decide_where_they_stand_plainly() {
        let exec = Condition::All(vec![field("objectRef.resource", "PODS"), field("objectRef.subresource", "exec")]);
        let secrets = field("objectRef.resource", "secrets");
        let other = Condition::All(vec![field("user.username", "bo"), field("verb", "get")]);
        assert_eq!(candidates(&[exec.clone(), secrets.clone(), other], EVENT), [true, false, false]);
        let code = |code: &str| field("responseStatus.code", code);
        let status = r#"{"verb":"get","requestURI":"/a?b=c\u0026d=e","responseStatus":{"metadata":{},"code":403}}"#;
        assert_eq!(candidates(&[code("401"), code("403"), secrets.clone()], status), [false, true, false]);
        // No object is asked for.
        assert_eq!(candidates(&[exec, secrets], r#"{"verb":"get","requestURI":"/healthz"}"#), [false, false]);
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
            assert_eq!(candidates(std::slice::from_ref(&exec), hidden), [true], "{hidden}");
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
                        candidates(&[field("verb", "create"), field("user.username", "al")], &text),
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
            assert_eq!(candidates(std::slice::from_ref(&condition), text), [true], "{text}");
        }
    }

    #[test]
    fn what_one_event_has_is_not_absent() {
        let none = Condition::absent("objectRef.subresource");
        let told = |text: &str| candidates(std::slice::from_ref(&none), text)[0];
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
        assert_eq!(candidates(&[none("objectRef.subresource"), none("user.username")], &list), [true, true]);
    }

    #[test]
    fn literals_are_looked_for_beside_early_fields() {
        let pods = field("objectRef.resource", "pods");
        let token = Condition::raw("token");
        let alone = Condition::raw("exec");
        assert_eq!(candidates(&[Condition::All(vec![pods, token]), alone], EVENT), [false, true]);
    }
}
