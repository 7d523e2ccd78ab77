//! What a search would do, for people who write searches.

use dogwatch_plan::EventRequest;
use dogwatch_syntax::{Diagnostic, Sources};

/// What a search would do.
#[derive(Debug)]
pub struct Explanation {
    /// The search as it is understood, macros expanded, a command a line.
    pub search: String,
    /// The form that Splunk accepts, if the search as written is not one.
    pub splunk_form: Option<String>,
    /// What is read of the logs, one for each search in it.
    pub reads: Vec<Read>,
    /// DataFusion's plan, optimised.
    pub plan: String,
    /// Notes and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they refer to.
    pub sources: Sources,
}

/// What one search reads.
#[derive(Debug)]
pub struct Read {
    /// The request: fields, condition, time range.
    pub request: EventRequest,
    /// For each format: the byte patterns that an event must contain, all of them, before it is parsed. None where every
    /// event is parsed; `None` in place of the list where no event of the format is read.
    pub words: Vec<(&'static str, Option<Vec<String>>)>,
}
