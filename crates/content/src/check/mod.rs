//! What contentctl would refuse, and what it would not notice.
//!
//! [`schema`] says which keys there are and what they hold, as data; [`rules`] what a detection's keys have to do with
//! each other; [`references`] that everything that is named exists; [`names`] that names are unique and fit their
//! files. The rules are those of contentctl 5 (its `objects` package). All complaints about a file are reported at once.

mod names;
mod references;
mod report;
mod rules;
mod schema;

use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;

use crate::allow_list::{ALLOW_LIST, AllowList};
use crate::content::Content;
use crate::problem::Problem;
use report::Report;

/// All complaints about the content: those of loading it, then those of its files, in the order of their paths.
pub(crate) fn check(content: &Content, today: Date) -> Vec<Problem> {
    let mut found = content.problems.clone();
    let mut of_files = Vec::new();
    for detection in &content.detections {
        of_files.extend(file(&detection.path, &detection.text, &schema::DETECTION, today, |report, keys| {
            rules::detection(detection, keys, content, report);
            references::detection(detection, keys, content, report);
        }));
    }
    for baseline in &content.baselines {
        of_files.extend(file(&baseline.path, &baseline.text, &schema::BASELINE, today, |report, _| {
            references::baseline(baseline, content, report);
        }));
    }
    for defined in &content.macros {
        let Some(path) = &defined.path else { continue };
        of_files.extend(file(path, &defined.text, &schema::MACRO, today, |report, _| {
            references::definition(defined, content, report);
        }));
    }
    for lookup in &content.lookups {
        of_files.extend(references::table(lookup));
        if lookup.name == ALLOW_LIST {
            of_files.extend(allow_list(lookup, today));
        }
        if !lookup.text.is_empty() {
            of_files.extend(file(&lookup.path, &lookup.text, schema::lookup(lookup), today, |report, keys| {
                references::lookup(lookup, keys, report);
            }));
        }
    }
    for story in &content.stories {
        of_files.extend(file(&story.path, &story.text, &schema::STORY, today, |_, _| {}));
    }
    for source in &content.data_sources {
        of_files.extend(file(&source.path, &source.text, &schema::DATA_SOURCE, today, |_, _| {}));
    }
    of_files.extend(names::check(content));
    of_files.sort_by(|a, b| {
        let place = |problem: &Problem| (problem.diagnostic.span.start, problem.diagnostic.span.end);
        a.path.cmp(&b.path).then_with(|| place(a).cmp(&place(b)))
    });
    found.append(&mut of_files);
    found
}

/// The complaints about one file: its keys, and what `more` has to say.
fn file(
    path: &Path,
    text: &Arc<str>,
    shape: &'static schema::Shape,
    today: Date,
    more: impl FnOnce(&mut Report<'_>, &serde_norway::Mapping),
) -> Vec<Problem> {
    let mut report = Report::new(text, today);
    // What is no YAML has been reported when it was loaded.
    if let Ok(keys) = crate::yaml::parse(text) {
        report.shape(&keys, shape);
        more(&mut report, &keys);
    }
    let problem = |diagnostic| Problem { path: path.to_owned(), text: Arc::clone(text), diagnostic };
    report.found.into_iter().map(problem).collect()
}

fn allow_list(lookup: &crate::lookup::Lookup, today: Date) -> Vec<Problem> {
    let (Some(path), Some(bytes)) = (&lookup.file, &lookup.csv) else { return Vec::new() };
    // Spans count in bytes; text that is no UTF-8 would move them, and then the whole table is meant.
    let text: Arc<str> = std::str::from_utf8(bytes).map(Arc::from).unwrap_or_default();
    let fits = |mut diagnostic: dogwatch_syntax::Diagnostic| {
        if text.get(diagnostic.span.range()).is_none() {
            diagnostic.span = dogwatch_syntax::Span::at(0);
        }
        diagnostic
    };
    let found = AllowList::parse(bytes, today).diagnostics();
    let problem = |diagnostic| Problem { path: path.clone(), text: Arc::clone(&text), diagnostic: fits(diagnostic) };
    found.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests;
