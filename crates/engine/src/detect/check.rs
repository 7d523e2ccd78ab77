//! Checks a detection's search without logs, and reports every problem with its position in the file.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use dogwatch_content::{Content, Detection, Problem};
use dogwatch_plan::EVENT_COLUMNS;
use dogwatch_scan::{Inputs, ScanStats};
use dogwatch_syntax::{Code, Diagnostic, Severity, Sources, Span, nearest, walk};

use super::{DetectionMacros, search_of};
use crate::error::EngineError;
use crate::session::{Session, parse};

impl Session {
    /// All problems of a detection's search: mistakes in the SPL, macros and lookups that do not resolve, constructs that
    /// Splunk refuses, fields that none of its data sources has, and fields that its `rba` section names but its results
    /// do not have.
    ///
    /// # Errors
    /// If DataFusion cannot be set up.
    pub fn check_detection(&self, content: &Content, detection: &Detection) -> Result<Vec<Problem>, EngineError> {
        let (inputs, _) = Inputs::list(&[], &self.input_options());
        let catalog = self.catalog(Arc::new(inputs), Arc::new(ScanStats::default()), &self.runtime()?, 1);
        let (text, macros) = (search_of(detection), DetectionMacros { session: &self.macros, content });
        let (pipeline, sources, mut found) = parse(&text, &macros, &catalog);
        found.iter_mut().for_each(refused_by_splunk);
        if !found.iter().any(Diagnostic::is_error) {
            match self.parse(&text, &macros, &catalog).and_then(|parsed| parsed.plan(&catalog)) {
                Ok(planned) => {
                    let made = dogwatch_plan::commands::made(&pipeline);
                    let read = planned.reads.iter().flat_map(|request| &request.fields);
                    let read = read.filter(|field| !made.contains(*field));
                    found.extend(unknown_fields(content, detection, read, &walk::field_references(&pipeline)));
                    let names = planned.plan.schema().fields().iter().map(|field| field.name().clone());
                    found.extend(missing_results(detection, &names.collect()));
                }
                Err(EngineError::Search(failure)) => found.extend(failure.diagnostics),
                Err(other) => return Err(other),
            }
        }
        Ok(found.into_iter().map(|diagnostic| placed(content, detection, &sources, diagnostic)).collect())
    }
}

/// A diagnostic with its position in the file that the text comes from: the detection's or a macro's.
pub fn placed(content: &Content, detection: &Detection, sources: &Sources, mut diagnostic: Diagnostic) -> Problem {
    let (index, range) = sources.locate(diagnostic.span);
    diagnostic.span = Span::new(range.start, range.end);
    if index == 0 {
        let diagnostic = detection.search.place(diagnostic);
        return Problem { path: detection.path.clone(), text: Arc::clone(&detection.text), diagnostic };
    }
    let Some(source) = sources.sources.get(index) else {
        return Problem { path: detection.path.clone(), text: Arc::clone(&detection.text), diagnostic };
    };
    let defines = content.macros.iter().find(|known| known.path.is_some() && known.definition.text == source.text);
    match defines {
        Some(known) => Problem {
            path: known.path.clone().unwrap_or_default(),
            text: Arc::clone(&known.text),
            diagnostic: known.definition.place(diagnostic),
        },
        None => Problem { path: PathBuf::from(&source.name), text: source.text.as_str().into(), diagnostic },
    }
}

/// Turns notes about constructs that run here but not in Splunk into errors: a detection file must run in both.
fn refused_by_splunk(diagnostic: &mut Diagnostic) {
    if diagnostic.code == Code::Branch && diagnostic.severity == Severity::Note {
        diagnostic.severity = Severity::Error;
        diagnostic.message = "Splunk refuses a pipeline inside a search expression".to_owned();
        diagnostic.help = Some("`dogwatch explain` prints the form that Splunk accepts".to_owned());
    }
}

/// Fields that the search reads from the logs and that no data source of the detection lists.
fn unknown_fields<'a>(
    content: &Content,
    detection: &Detection,
    read: impl Iterator<Item = &'a String>,
    references: &[(String, Span)],
) -> Vec<Diagnostic> {
    let of_detection = |name: &String| content.data_sources.iter().find(|source| source.name == *name);
    let sources: Vec<_> = detection.data_sources.iter().filter_map(of_detection).collect();
    let known: Vec<&str> = sources.iter().flat_map(|source| &source.fields).map(String::as_str).collect();
    if known.is_empty() {
        return vec![];
    }
    let read: BTreeSet<&String> = read.collect();
    let unknown = read.into_iter().filter(|field| !is_known(field, &known));
    unknown
        .map(|field| {
            let place = references.iter().find(|(name, _)| name == field).map_or(Span::at(0), |(_, span)| *span);
            let message = format!("no data source of this detection has a field `{field}`");
            let complaint = Diagnostic::warning(Code::UnknownField, place, message);
            match nearest(field, known.iter().copied()) {
                Some(near) => complaint.with_help(format!("did you mean `{near}`?")),
                None => complaint.with_help(format!(
                    "add it to the `fields` of {}, or name the data source that has it",
                    detection.data_sources.join(" or ")
                )),
            }
        })
        .collect()
}

fn is_known(field: &str, known: &[&str]) -> bool {
    let fits = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => field.starts_with(start),
        None => *pattern == field,
    };
    EVENT_COLUMNS.contains(&field) || known.iter().any(fits)
}

/// Fields that the `rba` section names but the results do not have, and `event_id` if it is missing.
fn missing_results(detection: &Detection, results: &BTreeSet<String>) -> Vec<Diagnostic> {
    let Some(rba) = &detection.rba else { return vec![] };
    let objects = rba.risk_objects.iter().map(|object| object.field.as_str());
    let threats = rba.threat_objects.iter().map(|object| object.field.as_str());
    let named: BTreeSet<&str> = objects.chain(threats).chain(rba.message_fields()).collect();
    let end = detection.search.text.len();
    let last = Span::new(detection.search.text.trim_end().rfind('\n').map_or(0, |at| at + 1), end);
    let mut found: Vec<Diagnostic> = named
        .into_iter()
        .filter(|field| !results.contains(*field))
        .map(|field| {
            let message = format!("the results have no field `{field}`, which `rba` names");
            Diagnostic::error(Code::BadToken, last, message)
                .with_help(format!("they have {}", results.iter().cloned().collect::<Vec<_>>().join(", ")))
        })
        .collect();
    if !results.contains("event_id") {
        let message = "the results have no `event_id`, so that a finding cannot name its events";
        found.push(
            Diagnostic::note(Code::BadToken, last, message)
                .with_help("keep it: `… values(event_id) AS event_id BY …`, or `table … event_id`"),
        );
    }
    found
}
