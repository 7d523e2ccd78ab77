//! That what is named exists: macros, lookups, data sources, stories, logs of tests, tables of lookups.

use std::path::Path;
use std::sync::Arc;

use dogwatch_syntax::outline::{MacroCall, outline};
use dogwatch_syntax::{Code, Diagnostic, Macros as _, Span, nearest};
use serde_norway::Mapping;

use super::report::Report;
use crate::content::Content;
use crate::detection::Detection;
use crate::embedded_search::EmbeddedSearch;
use crate::lookup::{Lookup, LookupKind};
use crate::lookup_names::lookups;
use crate::macro_file::MacroFile;
use crate::problem::Problem;
use crate::yaml;
use crate::yaml_position::Step::{self, Item, Key};

/// Macros of apps that Enterprise Security brings along; contentctl skips names that contain these.
const FOREIGN_MACROS: &[&str] =
    &["drop_dm_object_name", "get_asset", "get_risk_severity", "cim_corporate_web_domain_search", "globedistance"];

/// Lookups of such apps, which contentctl skips.
const FOREIGN_LOOKUPS: &[&str] = &[
    "admon_groups_def",
    "alexa_lookup_by_str",
    "asn_lookup_by_cidr",
    "asset_lookup_by_str",
    "cim_cloud_domain_lookup",
    "cim_corporate_email_domain_lookup",
    "cim_corporate_web_domain_lookup",
    "identity_lookup_expanded",
    "interesting_ports_lookup",
    "mitre_attack_lookup",
    "mitre_enrichment",
    "other_lookups",
    "ut_shannon_lookup",
];

/// How many faulty rows of a table are reported; the rest is of the same kind.
const MAX_ROWS: usize = 20;

pub(crate) fn detection(detection: &Detection, keys: &Mapping, content: &Content, report: &mut Report<'_>) {
    search(&detection.search, content, report);
    for drilldown in &detection.drilldowns {
        search(&drilldown.search, content, report);
    }
    // Detections without a project around them name stories and data sources that nobody brought along.
    if !content.data_sources.is_empty() {
        let names: Vec<&str> = content.data_sources.iter().map(|source| source.name.as_str()).collect();
        for name in detection.data_sources.iter().filter(|name| !names.contains(&name.as_str())) {
            if report.is_full() {
                break;
            }
            unresolved(report, &item_of("data_source", name, keys), "data source", name, &names);
        }
    }
    stories(&detection.tags.analytic_story, content, report);
    logs(detection, content, report);
}

pub(crate) fn baseline(baseline: &Detection, content: &Content, report: &mut Report<'_>) {
    search(&baseline.search, content, report);
    stories(&baseline.tags.analytic_story, content, report);
}

pub(crate) fn definition(defined: &MacroFile, content: &Content, report: &mut Report<'_>) {
    search(&defined.definition, content, report);
}

/// The macros and lookups of a search.
fn search(search: &EmbeddedSearch, content: &Content, report: &mut Report<'_>) {
    for call in outline(&search.text).calls.iter().filter(|call| !call.name.is_empty()) {
        if report.is_full() {
            return;
        }
        // What a macro's argument makes of a name is known only where it is called.
        if !call.name.contains('$') && content.macro_named(call.name, call.arguments).is_none() {
            macro_call(call, search, content, report);
        }
    }
    for (name, span) in lookups(&search.text) {
        let bare = name.strip_suffix(".csv").unwrap_or(&name);
        let known = content.lookup(&name).or_else(|| content.lookup(bare));
        let is_table = known.is_some_and(|lookup| lookup.kind == LookupKind::Undefined);
        if (known.is_some() && !is_table) || FOREIGN_LOOKUPS.contains(&bare) || report.is_full() {
            continue;
        }
        if is_table {
            let what = format!("the lookup `{name}` has a table, but no file defines it");
            let help = format!("add lookups/{bare}.yml with name, lookup_type and how fields are matched");
            report.add(search.place(Diagnostic::error(Code::Unresolved, span, what).with_help(help)));
            continue;
        }
        let names = content.lookups.iter().map(|lookup| lookup.name.as_str());
        let help = match nearest(bare, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("add lookups/{bare}.yml and, with the table, lookups/{bare}.csv"),
        };
        let diagnostic = Diagnostic::error(Code::Unresolved, span, format!("no lookup `{name}`")).with_help(help);
        report.add(search.place(diagnostic));
    }
}

fn macro_call(call: &MacroCall<'_>, search: &EmbeddedSearch, content: &Content, report: &mut Report<'_>) {
    if FOREIGN_MACROS.iter().any(|foreign| call.name.contains(foreign)) {
        return;
    }
    let name = call.name;
    let others: Vec<usize> = content.macros.iter().filter(|m| m.name == name).map(|m| m.arguments.len()).collect();
    let (what, help) = match others.first() {
        Some(wanted) => (
            format!("the macro `{name}` takes {wanted} argument(s), not {}", call.arguments),
            "an argument that holds a comma goes in double quotes".to_owned(),
        ),
        None => {
            let names = content.names();
            let bare = names.iter().map(|known| known.split('(').next().unwrap_or(known));
            let help = match nearest(name, bare) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add macros/{name}.yml with name, definition and description"),
            };
            (format!("no macro `{name}`"), help)
        }
    };
    report.add(search.place(Diagnostic::error(Code::Unresolved, call.span, what).with_help(help)));
}

fn stories(named: &[String], content: &Content, report: &mut Report<'_>) {
    if content.stories.is_empty() {
        return;
    }
    let names: Vec<&str> = content.stories.iter().map(|story| story.name.as_str()).collect();
    for (index, name) in named.iter().enumerate().filter(|(_, name)| !names.contains(&name.as_str())) {
        unresolved(report, &[Key("tags"), Key("analytic_story"), Item(index)], "story", name, &names);
    }
}

/// Where a list holds a name.
fn item_of<'k>(key: &'k str, name: &str, keys: &Mapping) -> [Step<'k>; 2] {
    let texts = yaml::texts_of(keys, key);
    let index = texts.iter().position(|text| text.contains(name)).unwrap_or_default();
    [Key(key), Item(index)]
}

fn unresolved(report: &mut Report<'_>, path: &[Step<'_>], what: &str, name: &str, known: &[&str]) {
    let help = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are: {}", known.iter().take(10).copied().collect::<Vec<_>>().join(", ")),
    };
    report.at(path, Code::Unresolved, format!("no {what} `{name}`"), help);
}

/// The logs of tests, as far as they are files of this machine.
fn logs(detection: &Detection, content: &Content, report: &mut Report<'_>) {
    for (test_at, test) in detection.tests.iter().enumerate() {
        for (data_at, data) in test.attack_data.iter().enumerate() {
            let missing = content.attack_data_path(data).is_some_and(|path| !path.exists());
            if missing {
                let path = [Key("tests"), Item(test_at), Key("attack_data"), Item(data_at), Key("data")];
                let what = format!("no log `{}`", data.data);
                report.at(&path, Code::Unresolved, what, "paths count from the folder that contentctl.yml is in");
            }
        }
    }
}

/// What is wrong with the definition of a lookup beside its keys.
pub(crate) fn lookup(lookup: &Lookup, keys: &Mapping, report: &mut Report<'_>) {
    if lookup.kind == LookupKind::KvStore {
        let fields = yaml::texts_of(keys, "fields");
        if fields.first().is_some_and(|first| first != "_key") {
            let what = "the fields of a KV store lookup start with `_key`";
            report.at(&[Key("fields"), Item(0)], Code::BadValue, what, "put `- _key` in front");
        }
    }
    let written = lookup.file.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    if lookup.kind == LookupKind::Csv && lookup.csv.is_none() {
        report.at(&[Key("name")], Code::Unresolved, format!("no table `{written}`"), "put it beside this file");
    }
    let Some(columns) = lookup.csv.as_deref().and_then(columns) else { return };
    for (index, (_, field)) in lookup.match_types.iter().enumerate() {
        if !columns.contains(field) {
            let what = format!("the table has no column `{field}`");
            let help = format!("its columns are {}", columns.join(", "));
            report.warn(&[Key("match_type"), Item(index)], Code::Unresolved, what, help);
        }
    }
}

fn columns(table: &[u8]) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table);
    let first = reader.byte_records().next()?.ok()?;
    let clean = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').to_owned();
    Some(first.iter().map(clean).collect())
}

/// The rows of a lookup's table that have more or fewer cells than its header, which contentctl refuses.
pub(crate) fn table(lookup: &Lookup) -> Vec<Problem> {
    let (Some(path), Some(bytes)) = (&lookup.file, &lookup.csv) else { return Vec::new() };
    // The allow-list says more about its own rows.
    if lookup.name == crate::allow_list::ALLOW_LIST {
        return Vec::new();
    }
    let text: Arc<str> = std::str::from_utf8(bytes).map(Arc::from).unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_ref());
    let mut found = Vec::new();
    let mut width = None;
    let mut record = csv::ByteRecord::new();
    while found.len() < MAX_ROWS && matches!(reader.read_byte_record(&mut record), Ok(true)) {
        let wanted = *width.get_or_insert(record.len());
        if record.len() == wanted {
            continue;
        }
        let position = record.position().map_or((0, 0), |position| (position.byte(), position.line()));
        let start = usize::try_from(position.0).unwrap_or(usize::MAX);
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let what = format!("line {} has {} cells, the header {wanted}", position.1, record.len());
        let diagnostic =
            Diagnostic::error(Code::BadRow, Span::new(start.min(text.len()), start.min(text.len()) + line.len()), what)
                .with_help("put a cell with a comma in it in double quotes");
        found.push(Problem { path: path.clone(), text: Arc::clone(&text), diagnostic });
    }
    if width.is_none() {
        let diagnostic = Diagnostic::error(Code::BadRow, Span::at(0), "the table is empty")
            .with_help("its first line names the columns");
        found.push(Problem { path: path.clone(), text, diagnostic });
    }
    found
}
