//! What the events of a JSON log are, as data: what tells one from other objects, what it travels in, and where in it stands
//! what every row has.

use std::ops::Range;

use dogwatch_predicate::{Condition, Predicate};

use dogwatch_json::scan::{self, Member, Nesting};
use dogwatch_json::text::unquoted;

/// What the events of a format are.
#[derive(Debug)]
pub(crate) struct Events {
    /// Whether an object is an event.
    pub(crate) is_event: fn(&Object<'_>) -> bool,
    /// What stands in the beginning of a file whose first value does not end in it: all words of one of these lists.
    pub(crate) marks: &'static [&'static [&'static str]],
    /// Whether a file is of the format even where most of what stands in its beginning is no event. A line that quotes an event
    /// must not make a log of something else one of this format, in which its other lines are no rows.
    pub(crate) claims_minority: bool,
    /// What events travel in. Of the envelopes whose key an object has the first counts that has a mark of an event in it.
    pub(crate) envelopes: &'static [Envelope],
    /// Where an event has its own id.
    pub(crate) id: &'static str,
    /// Where it has its time: paths, of which the first that leads to a time counts.
    pub(crate) times: &'static [&'static str],
    /// Fields that it has beside its own.
    pub(crate) aliases: &'static [Alias],
    /// Whether a line is one that other programs write between events, which is no fault.
    pub(crate) is_other_text: fn(&[u8]) -> bool,
}

/// An envelope: an object that carries events.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// The key under which it carries an object, an array of them, or a string with their JSON in it.
    pub(crate) key: &'static str,
    /// The key of the host that it names, which is that of events that name none.
    pub(crate) host: Option<&'static str>,
    /// What an object with this key carries.
    pub(crate) carries: fn(&Object<'_>) -> Carries,
}

/// What an object carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    /// Nothing of this format.
    Nothing,
    /// Perhaps events.
    Anything,
    /// Events alone, even where they do not look like any.
    Events,
}

impl Envelope {
    /// An envelope with this key, whatever else it has.
    pub(crate) const fn of(key: &'static str) -> Self {
        Self { key, host: None, carries: |_| Carries::Anything }
    }
}

/// A field that an event has beside its own, unless it has a value of its own under this name.
#[derive(Debug)]
pub(crate) struct Alias {
    /// Its name.
    pub(crate) name: &'static str,
    /// Where its value stands: paths of keys, set apart by dots, of which the first that leads to a value counts. `{}` at the
    /// end takes an array's first element.
    pub(crate) paths: &'static [&'static str],
    /// What the value is called there.
    pub(crate) value: Option<fn(&str) -> &str>,
    /// The value where no path leads to one.
    pub(crate) absent: Option<&'static str>,
}

impl Alias {
    /// Another name for the value at a path.
    pub(crate) const fn of(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, paths, value: None, absent: None }
    }

    /// Whether its values need not stand in the text.
    fn is_derived(&self) -> bool {
        self.value.is_some() || self.absent.is_some()
    }
}

impl Events {
    /// Whether a text has what tells of events: all words of one of the lists.
    pub(crate) fn has_mark(&self, text: &[u8]) -> bool {
        let has = |word: &&str| memchr::memmem::find(text, word.as_bytes()).is_some();
        self.marks.iter().any(|words| words.iter().all(has))
    }

    /// What of a condition can be looked for in the text: fields with derived values say nothing there.
    pub(crate) fn in_text(&self, condition: &Condition) -> Condition {
        let derived = |name: &str| self.aliases.iter().any(|alias| alias.name == name && alias.is_derived());
        condition.replace(&mut |predicate| match predicate {
            Predicate::Field { name, .. } | Predicate::Absent(name) if derived(name) => Condition::Anything,
            other => Condition::Test(other.clone()),
        })
    }
}

/// An object whose grammar has been checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    /// The text that it stands in.
    pub(crate) text: &'a [u8],
    /// Its members.
    pub(crate) members: &'a [Member],
}

impl<'a> Object<'a> {
    /// The place of the value of the first member with this key.
    pub(crate) fn place(&self, key: &str) -> Option<Range<usize>> {
        let named = |member: &&Member| self.text.get(member.key.clone()) == Some(key.as_bytes());
        self.members.iter().find(named).map(|member| member.value.clone())
    }

    /// The value of the first member with this key.
    pub(crate) fn value(&self, key: &str) -> Option<&'a [u8]> {
        self.text.get(self.place(key)?)
    }

    /// Whether the first member with this key is a string.
    pub(crate) fn has_string(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value.starts_with(b"\""))
    }

    /// What stands between the quotes of the last member with this key: for a key that stands twice the last one counts, as for
    /// most that read JSON.
    pub(crate) fn last_string(&self, key: &str) -> Option<&'a [u8]> {
        let named = |member: &&Member| self.text.get(member.key.clone()) == Some(key.as_bytes());
        let value = self.text.get(self.members.iter().rfind(named)?.value.clone())?;
        value.starts_with(b"\"").then(|| unquoted(value))
    }

    /// The value at a path of keys, set apart by dots.
    pub(crate) fn at(&self, path: &str) -> Option<&'a [u8]> {
        let (path, is_first) = match path.strip_suffix("{}") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let mut keys = path.split('.');
        let mut place = self.place(keys.next()?)?;
        for key in keys {
            place = inner(self.text, place.start, key.as_bytes())?;
        }
        if is_first {
            place = first(self.text, place.start)?;
        }
        self.text.get(place)
    }
}

/// The value of `key` in the object at `at`.
fn inner(text: &[u8], at: usize, key: &[u8]) -> Option<Range<usize>> {
    if text.get(at) != Some(&b'{') {
        return None;
    }
    let mut open = Nesting::default();
    let mut at = scan::space(text, at + 1);
    loop {
        let (name, start) = scan::key(text, at, "a key").ok()?;
        let end = scan::value(text, start, &mut open).ok()?;
        if text.get(name) == Some(key) {
            return Some(start..end);
        }
        at = scan::space(text, end);
        if text.get(at) != Some(&b',') {
            return None;
        }
        at = scan::space(text, at + 1);
    }
}

/// The first element of the array at `at`.
fn first(text: &[u8], at: usize) -> Option<Range<usize>> {
    if text.get(at) != Some(&b'[') {
        return None;
    }
    let start = scan::space(text, at + 1);
    let end = scan::value(text, start, &mut Nesting::default()).ok()?;
    Some(start..end)
}
