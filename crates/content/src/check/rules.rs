//! What the keys of a detection have to do with each other.

use std::collections::BTreeMap;

use dogwatch_syntax::{Code, Diagnostic, Severity};
use serde_norway::Mapping;

use super::report::Report;
use crate::content::Content;
use crate::detection::{Detection, DetectionKind, Status};
use crate::detection_test::Expectation;
use crate::yaml;
use crate::yaml_position::Step::{Item, Key};

/// What stands for the detection's own search in a drilldown.
const ORIGINAL: &str = "%original_detection_search%";

/// How many drilldowns contentctl wants.
const DRILLDOWNS: usize = 2;

/// How many fields of a message or a list are looked for in the search; no detection has a tenth of them.
const MAX_FIELDS: usize = 100;

/// All rules.
pub(crate) fn detection(detection: &Detection, keys: &Mapping, content: &Content, report: &mut Report<'_>) {
    filter_macro(detection, report);
    risk(detection, keys, report);
    risk_fields(detection, report);
    drilldowns(detection, report);
    tests(detection, report);
    techniques(detection, report);
    throttling(detection, keys, report);
    enabled(detection, keys, report);
    output_fields(detection, content, report);
}

fn in_production(detection: &Detection) -> bool {
    detection.status == Status::Production
}

fn filter_macro(detection: &Detection, report: &mut Report<'_>) {
    let call = format!("`{}`", detection.filter_macro());
    if !detection.search.text.contains(&call) {
        let what = format!("the search does not call its filter macro {call}");
        let help = format!("end the search with `| {call}`, so that others can leave out what they know");
        report.at_key(Severity::Error, &[Key("search")], Code::BadValue, what, help);
    }
    if let Some(at) = detection.search.text.find("````") {
        let span = detection.search.span_to_file(dogwatch_syntax::Span::new(at, at + 4));
        report.add(
            Diagnostic::error(Code::BadValue, span, "four backticks in a row")
                .with_help("put a space between a macro and the end of the comment around it"),
        );
    }
}

/// Risk is what a finding of these types is for; the others have none (contentctl's default deployments).
fn risk(detection: &Detection, keys: &Mapping, report: &mut Report<'_>) {
    let written = keys.get("rba").is_some_and(|rba| !rba.is_null());
    let kind = detection.kind.as_str();
    match detection.kind {
        DetectionKind::Ttp | DetectionKind::Anomaly if !written => report.at_key(
            Severity::Error,
            &[Key("type")],
            Code::BadKey,
            format!("`rba` is missing: a detection of type {kind} says what risk its findings stand for"),
            "add `rba` with message, risk_objects and threat_objects, or make the type Hunting",
        ),
        DetectionKind::Hunting | DetectionKind::Correlation if written => report.at_key(
            Severity::Error,
            &[Key("rba")],
            Code::BadKey,
            format!("a detection of type {kind} has no risk"),
            "remove `rba`, or make the type TTP or Anomaly",
        ),
        _ => {}
    }
}

/// contentctl looks for the fields' names in the search's own text, upper or lower case, without expanding macros.
fn risk_fields(detection: &Detection, report: &mut Report<'_>) {
    let Some(rba) = &detection.rba else { return };
    if !in_production(detection) {
        return;
    }
    let search = detection.search.text.to_lowercase();
    let named = |field: &str| search.contains(&field.to_lowercase());
    let help = |field: &str| {
        format!(
            "contentctl looks for the word in the search itself, not in its macros: end with a `table` that has \
             `{field}`, or name it in a comment between ``` and ```"
        )
    };
    // A field with a dot is not looked for in the message.
    for field in rba.message_fields().into_iter().take(MAX_FIELDS).filter(|field| !field.contains('.') && !named(field))
    {
        let what = format!("the message has `${field}$`, but the search does not name `{field}`");
        report.at(&[Key("rba"), Key("message")], Code::BadToken, what, help(field));
    }
    let risks = rba.risk_objects.iter().map(|object| object.field.as_str());
    let threats = rba.threat_objects.iter().map(|object| object.field.as_str());
    let lists = [("risk_objects", risks.collect::<Vec<_>>()), ("threat_objects", threats.collect())];
    for (list, fields) in lists {
        for (index, field) in fields.into_iter().take(MAX_FIELDS).enumerate().filter(|(_, field)| !named(field)) {
            let what = format!("`{field}` in {list} is no field that the search names");
            report.at(&[Key("rba"), Key(list), Item(index), Key("field")], Code::BadToken, what, help(field));
        }
    }
}

fn drilldowns(detection: &Detection, report: &mut Report<'_>) {
    if detection.kind == DetectionKind::Hunting || !in_production(detection) {
        return;
    }
    let count = detection.drilldowns.len();
    if count < DRILLDOWNS {
        report.at_key(
            Severity::Error,
            &[Key("drilldown_searches")],
            Code::BadKey,
            format!("{count} of the {DRILLDOWNS} drilldown searches that contentctl wants"),
            "add one that shows the results of the finding and one that shows what else its user did",
        );
    } else if !detection.drilldowns.iter().any(|drilldown| drilldown.search.text.contains(ORIGINAL)) {
        report.at_key(
            Severity::Error,
            &[Key("drilldown_searches")],
            Code::BadValue,
            format!("no drilldown search has `{ORIGINAL}`"),
            format!("let one search begin with `{ORIGINAL}`"),
        );
    }
}

fn tests(detection: &Detection, report: &mut Report<'_>) {
    if !in_production(detection) || detection.kind == DetectionKind::Correlation || detection.tags.manual_test.is_some()
    {
        return;
    }
    if detection.tests.is_empty() {
        let what = "a detection in production has no test";
        let help = "add `tests` with a log that it must find something in";
        return report.at_key(Severity::Error, &[Key("tests")], Code::BadKey, what, help);
    }
    if detection.tests.iter().all(|test| test.expects == Expectation::Fires) {
        let what = "no test says what the search must not find";
        let help = "add a test whose name starts with `True Negative`, on a log without the behaviour";
        report.at_key(Severity::Note, &[Key("tests")], Code::BadKey, what, help);
    }
    if detection.tests.iter().all(|test| test.expects == Expectation::Silent) {
        let what = "no test says what the search must find";
        let help = "add a test whose name starts with `True Positive`, on a log with the behaviour";
        report.at_key(Severity::Warning, &[Key("tests")], Code::BadKey, what, help);
    }
    for (index, test) in detection.tests.iter().enumerate().filter(|(_, test)| test.attack_data.is_empty()) {
        let what = format!("the test `{}` has no log", test.name);
        let help = "add `attack_data` with data, source and sourcetype";
        report.at_key(Severity::Warning, &[Key("tests"), Item(index)], Code::BadKey, what, help);
    }
}

/// A technique and a part of it.
fn techniques(detection: &Detection, report: &mut Report<'_>) {
    let all = &detection.tags.mitre_attack_id;
    let parts: BTreeMap<&str, &str> =
        all.iter().filter_map(|part| Some((part.split_once('.')?.0, part.as_str()))).collect();
    for (index, technique) in all.iter().enumerate() {
        if let Some(part) = parts.get(technique.as_str()) {
            let what = format!("{technique} is there twice, since {part} is a part of it");
            let path = [Key("tags"), Key("mitre_attack_id"), Item(index)];
            report.at(&path, Code::BadValue, what, format!("keep {part}"));
        }
    }
}

fn throttling(detection: &Detection, keys: &Mapping, report: &mut Report<'_>) {
    let tags = keys.get("tags").and_then(|tags| tags.as_mapping());
    let Some(throttling) = tags.and_then(|tags| tags.get("throttling")).and_then(|value| value.as_mapping()) else {
        return;
    };
    for (index, field) in yaml::texts_of(throttling, "fields").iter().take(MAX_FIELDS).enumerate() {
        let path = [Key("tags"), Key("throttling"), Key("fields"), Item(index)];
        if field.contains(' ') {
            let what = format!("`{field}` has a space, which savedsearches.conf cannot hold");
            report.at(&path, Code::BadValue, what, "rename the field in the search");
        } else if !detection.search.text.contains(field.as_str()) {
            let what = format!("the search does not name `{field}`");
            report.at(&path, Code::BadToken, what, "throttle by a field that the search names");
        }
    }
}

fn enabled(detection: &Detection, keys: &Mapping, report: &mut Report<'_>) {
    if yaml::truth_of(keys, "enabled_by_default") != Some(true) {
        return;
    }
    if !in_production(detection) || detection.kind == DetectionKind::Hunting {
        report.at(
            &[Key("enabled_by_default")],
            Code::BadValue,
            "only a detection in production that is no hunting search can be enabled by default",
            "remove the line",
        );
    }
}

fn output_fields(detection: &Detection, content: &Content, report: &mut Report<'_>) {
    if !in_production(detection) || matches!(detection.kind, DetectionKind::Hunting | DetectionKind::Correlation) {
        return;
    }
    for name in &detection.data_sources {
        let Some(source) = content.data_sources.iter().find(|source| source.name == *name) else { continue };
        let missing = |field: &&String| !detection.search.text.contains(field.as_str());
        let missing: Vec<&str> = source.output_fields.iter().filter(missing).map(String::as_str).collect();
        if !missing.is_empty() {
            let what = format!("the data source `{name}` wants `{}` in the search's results", missing.join("`, `"));
            report.at_key(Severity::Error, &[Key("search")], Code::BadValue, what, "name these fields in the search");
        }
    }
}
