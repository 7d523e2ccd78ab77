//! The complaints about one file while they are collected, and the walk that holds its keys against a shape.

use dogwatch_syntax::{Code, Diagnostic, Severity, nearest};
use jiff::civil::Date;
use serde_norway::{Mapping, Value};

use super::schema::{Form, Kind, RETIRED, Shape};
use crate::yaml;
use crate::yaml_position::{Step, YamlPositions};

/// How many complaints one file can have; whoever mends these sees the rest. Each costs a walk through the file.
const MAX_COMPLAINTS: usize = 100;

/// Complaints about a file, with what is needed to place them.
pub(crate) struct Report<'t> {
    pub(crate) places: YamlPositions<'t>,
    pub(crate) today: Date,
    pub(crate) found: Vec<Diagnostic>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(text: &'t str, today: Date) -> Self {
        Self { places: YamlPositions::new(text), today, found: Vec::new() }
    }

    /// Whether there are as many complaints as are kept.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MAX_COMPLAINTS
    }

    /// Adds a complaint that has its place.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.found.push(diagnostic);
        }
    }

    /// An error at the value of a key.
    pub(crate) fn at(&mut self, path: &[Step<'_>], code: Code, what: impl Into<String>, help: impl Into<String>) {
        if !self.is_full() {
            let span = self.places.nearest(path);
            self.add(Diagnostic::error(code, span, what).with_help(help));
        }
    }

    /// A warning at the value of a key: contentctl lets it pass.
    pub(crate) fn warn(&mut self, path: &[Step<'_>], code: Code, what: impl Into<String>, help: impl Into<String>) {
        if !self.is_full() {
            let span = self.places.nearest(path);
            self.add(Diagnostic::warning(code, span, what).with_help(help));
        }
    }

    /// A complaint at a key itself.
    pub(crate) fn at_key(
        &mut self,
        severity: Severity,
        path: &[Step<'_>],
        code: Code,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.is_full() {
            let span = self.places.key(path);
            self.add(Diagnostic { severity, ..Diagnostic::error(code, span, what).with_help(help) });
        }
    }

    /// Holds the keys of a file against a shape.
    pub(crate) fn shape(&mut self, keys: &Mapping, shape: &'static Shape) {
        self.keys(keys, shape, &mut Vec::new());
    }

    fn keys<'v>(&mut self, keys: &'v Mapping, shape: &'static Shape, path: &mut Vec<Step<'v>>) {
        for (key, value) in keys {
            let Some(name) = key.as_str() else {
                self.at(path, Code::BadKey, "a key that is no text", "write keys as words");
                continue;
            };
            path.push(Step::Key(name));
            match shape.keys.iter().find(|known| known.name == name) {
                Some(known) if value.is_null() && !known.required => {}
                Some(known) => self.value(value, &known.kind, name, path),
                None => self.unknown(name, shape, path),
            }
            path.pop();
        }
        for known in shape.keys.iter().filter(|known| known.required && !keys.contains_key(known.name)) {
            let what = format!("`{}` is missing in {}", known.name, shape.what);
            let help = format!("add `{}: …`, {}", known.name, known.kind.described());
            self.at_key(Severity::Error, path, Code::BadKey, what, help);
        }
    }

    fn unknown(&mut self, name: &str, shape: &'static Shape, path: &[Step<'_>]) {
        let names = shape.keys.iter().map(|known| known.name);
        let retired = RETIRED.iter().find(|(retired, _)| *retired == name);
        let help = match (retired, nearest(name, names)) {
            (Some((_, instead)), _) => (*instead).to_owned(),
            (None, Some(meant)) => format!("did you mean `{meant}`?"),
            (None, None) => "contentctl refuses keys that it does not know: remove it".to_owned(),
        };
        self.at_key(Severity::Error, path, Code::BadKey, format!("{} has no key `{name}`", shape.what), help);
    }

    fn value<'v>(&mut self, value: &'v Value, kind: &'static Kind, name: &str, path: &mut Vec<Step<'v>>) {
        match kind {
            Kind::Anything => {}
            Kind::Keys(shape) => match value.as_mapping() {
                Some(keys) => self.keys(keys, shape, path),
                None => self.wrong_type(name, kind, path),
            },
            Kind::List { of, at_least } => match value.as_sequence() {
                Some(values) => self.list(values, (kind, of, *at_least), name, path),
                None => self.wrong_type(name, kind, path),
            },
            Kind::OneOf(words) => self.one_of(value, words, name, path),
            Kind::Text { from, to } => match value.as_str() {
                Some(text) => {
                    let length = text.chars().count();
                    if length < *from || length > *to {
                        let what = format!("`{name}` has {length} characters");
                        self.at(path, Code::BadValue, what, format!("write {from} to {to} of them"));
                    }
                }
                None => self.wrong_type(name, kind, path),
            },
            Kind::Number { from, to } => {
                let read = match value {
                    Value::Number(number) => number.as_u64(),
                    Value::String(text) => text.parse().ok(),
                    _ => return self.wrong_type(name, kind, path),
                };
                if read.is_none_or(|read| read < *from || read > *to) {
                    let what = format!("`{name}` is out of range");
                    self.at(path, Code::BadValue, what, format!("write {}", kind.described()));
                }
            }
            Kind::Truth => {
                let told = yaml::text(value).unwrap_or_default().to_ascii_lowercase();
                if !["true", "false", "yes", "no", "on", "off"].contains(&told.as_str()) {
                    self.wrong_type(name, kind, path);
                }
            }
            Kind::Written(form) => self.written(value, *form, name, path),
        }
    }

    fn list<'v>(
        &mut self,
        values: &'v [Value],
        (kind, of, at_least): (&'static Kind, &'static Kind, usize),
        name: &str,
        path: &mut Vec<Step<'v>>,
    ) {
        if values.len() < at_least {
            self.at_key(
                Severity::Error,
                path,
                Code::BadKey,
                format!("`{name}` is empty"),
                format!("write {}", kind.described()),
            );
        }
        for (index, value) in values.iter().enumerate() {
            path.push(Step::Item(index));
            self.value(value, of, name, path);
            path.pop();
        }
    }

    fn one_of(&mut self, value: &Value, words: &'static [&'static str], name: &str, path: &[Step<'_>]) {
        let Some(text) = value.as_str() else {
            return self.at(
                path,
                Code::BadKey,
                format!("`{name}` is no text"),
                format!("write one of {}", words.join(", ")),
            );
        };
        if !words.contains(&text) {
            let help = match nearest(text, words.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("write one of {}", words.join(", ")),
            };
            self.at(path, Code::BadValue, format!("`{text}` is no {name}"), help);
        }
    }

    fn written(&mut self, value: &Value, form: Form, name: &str, path: &[Step<'_>]) {
        let Some(text) = yaml::text(value) else {
            return self.at(path, Code::BadKey, format!("`{name}` is no text"), format!("write {}", form.described()));
        };
        if !form.fits(&text) {
            let what = format!("`{text}` is no {}", form.name());
            return self.at(path, Code::BadValue, what, format!("write {}", form.described()));
        }
        if form == Form::Date && text.parse::<Date>().is_ok_and(|day| day > self.today) {
            let what = format!("`{name}` is {text}, which is still to come");
            self.at(path, Code::BadValue, what, format!("write a day up to today, {} in UTC", self.today));
        }
    }

    fn wrong_type(&mut self, name: &str, kind: &'static Kind, path: &[Step<'_>]) {
        let what = format!("`{name}` holds the wrong kind of value");
        self.at(path, Code::BadKey, what, format!("write {}", kind.described()));
    }
}
