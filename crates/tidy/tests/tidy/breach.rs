//! A broken rule, told so that the reader needs no other page: where, why it is a rule, what to do.

use std::fmt;

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The file, with the line where there is one.
    pub place: String,
    /// What is wrong there.
    pub what: String,
    /// Why that is a rule, and what to do instead.
    pub remedy: &'static str,
}

impl Breach {
    /// A breach in a file as a whole.
    pub fn of_file(path: &str, what: impl Into<String>, remedy: &'static str) -> Self {
        Self { place: path.to_owned(), what: what.into(), remedy }
    }

    /// A breach on a line, counted from 1.
    pub fn at_line(path: &str, line: usize, what: impl Into<String>, remedy: &'static str) -> Self {
        Self { place: format!("{path}:{line}"), what: what.into(), remedy }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.remedy)
    }
}

/// Fails the test with all breaches, not only the first.
pub fn assert_none(breaches: &[Breach]) {
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(breaches.is_empty(), "{} broken rule(s):\n\n{}\n", breaches.len(), told.join("\n"));
}
