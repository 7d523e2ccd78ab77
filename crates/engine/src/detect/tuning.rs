//! Tuning: derives, from findings known to be harmless, rows that would silence them (of the allow-list, or of a baseline
//! that the detection compares with), and determines the detection tests that these rows would break.
//!
//! A row is as narrow as the finding: its identity, its client without the version, its namespace, its command and its
//! address. It is widened only if a finding has too many values in one field to make a row for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dogwatch_content::{
    ALLOW_LIST, ALLOW_LIST_COLUMNS as COLUMNS, AllowList, AllowRow, Content, Detection, Expectation, Finding, RowState,
    append, csv_line, mask,
};
use jiff::civil::Date;

use super::finding_buffer::Findings;
use super::test_runner::{TestRunner, TestStatus};
use crate::error::EngineError;
use crate::session::Session;

/// Maximum number of values of one field that get rows of their own.
const MOST_VALUES: usize = 12;
/// Maximum number of rows for one finding.
const MOST_ROWS: usize = 48;

/// The columns of a baseline: the identity, the namespace that it reads from, and since when this is known.
const BASELINE: [&str; 3] = ["user", "namespace", "since"];

/// The values of a row's columns that are not matched.
pub struct Policy {
    owner: String,
    reason: String,
    since: String,
    expires: String,
    today: Date,
}

impl Policy {
    /// Rows that belong to `owner` and are valid for `days` days from `today`.
    pub fn new(owner: String, days: u16, today: Date) -> Self {
        let expires = today.checked_add(jiff::Span::new().days(i64::from(days))).unwrap_or(today);
        Self {
            owner,
            reason: format!("in known good logs on {today}"),
            since: today.to_string(),
            expires: expires.to_string(),
            today,
        }
    }
}

/// A row that is proposed.
pub struct Proposal {
    /// The lookup that it is for.
    pub table: String,
    /// Its cells.
    pub cells: Vec<String>,
    /// The detection whose findings it covers.
    pub detection: String,
    /// How many.
    pub covers: usize,
    /// The tests that it breaks: detection and test.
    pub breaks: Vec<(String, String)>,
}

impl Proposal {
    /// The row as CSV.
    pub fn line(&self) -> String {
        csv_line(self.cells.iter().map(String::as_str))
    }
}

/// The current tables, to which rows can be added.
pub struct Tables {
    tables: BTreeMap<String, Arc<[u8]>>,
    /// The baseline that a detection compares with, by the detection's name.
    baselines: BTreeMap<String, String>,
}

impl Tables {
    /// The allow-list and the baselines of the content, as the session sees them.
    pub fn of(session: &Session, content: &Content) -> Self {
        let bytes = |name: &str| session.lookup_bytes(name).map(|(_, bytes)| bytes);
        let mut tables: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
        tables.insert(ALLOW_LIST.to_owned(), bytes(ALLOW_LIST).unwrap_or_default());
        let mut baselines = BTreeMap::new();
        for lookup in &content.lookups {
            let Some(table) = bytes(&lookup.name).filter(|table| header_of(table) == BASELINE) else { continue };
            let uses = |detection: &&Arc<Detection>| {
                detection.lookups().iter().any(|name| name.strip_suffix(".csv").unwrap_or(name) == lookup.name)
            };
            for detection in content.detections.iter().filter(uses) {
                baselines.insert(detection.name.clone(), lookup.name.clone());
            }
            tables.insert(lookup.name.clone(), table);
        }
        Self { tables, baselines }
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// The columns of a table.
    pub fn header(&self, table: &str) -> Vec<String> {
        if table == ALLOW_LIST { COLUMNS.map(str::to_owned).to_vec() } else { BASELINE.map(str::to_owned).to_vec() }
    }

    /// The rows that would silence the findings, without duplicates, in the order of the findings' detections, and the
    /// number of findings without a row: those with too little information for a safe row.
    ///
    /// # Errors
    /// If reading the findings fails.
    pub fn proposals(&self, findings: &mut Findings, policy: &Policy) -> Result<(Vec<Proposal>, usize), EngineError> {
        let mut without = 0;
        let mut rows: BTreeMap<(String, String, Vec<String>), usize> = BTreeMap::new();
        for finding in findings {
            let finding = &finding?;
            let detection = &finding.detection.name;
            let (table, cells) = match self.baselines.get(detection) {
                Some(table) => (table.clone(), baseline_rows(finding, policy)),
                None => (ALLOW_LIST.to_owned(), allow_rows(finding, policy)),
            };
            without += usize::from(cells.is_empty());
            for cells in cells {
                *rows.entry((detection.clone(), table.clone(), cells)).or_default() += 1;
            }
        }
        let proposal =
            |((detection, table, cells), covers)| Proposal { table, cells, detection, covers, breaks: vec![] };
        Ok((rows.into_iter().map(proposal).collect(), without))
    }

    /// Writes the tables that get rows into a directory, including their existing rows. Returns the files.
    ///
    /// # Errors
    /// If a table cannot be written.
    pub fn write(&self, directory: &Path, rows: &[&Proposal]) -> Result<Vec<PathBuf>, EngineError> {
        let mut written = Vec::new();
        for (name, bytes) in &self.tables {
            let added: Vec<&&Proposal> = rows.iter().filter(|row| row.table == *name).collect();
            if added.is_empty() {
                continue;
            }
            let path = directory.join(format!("{name}.csv"));
            let failed =
                |error: std::io::Error| EngineError::Resources(format!("cannot write {}: {error}", path.display()));
            fs::create_dir_all(directory).map_err(failed)?;
            let text = if name == ALLOW_LIST {
                allow_list(bytes, &added)
            } else {
                append(bytes, &BASELINE, added.iter().map(|row| row.line()))
            };
            let partial = directory.join(format!(".{name}.csv.partial"));
            fs::write(&partial, text).map_err(failed)?;
            fs::rename(&partial, &path).map_err(failed)?;
            written.push(path);
        }
        Ok(written)
    }
}

fn allow_list(bytes: &[u8], rows: &[&&Proposal]) -> Vec<u8> {
    let rows: Vec<AllowRow> = rows.iter().filter_map(|row| row_of(&row.cells)).collect();
    AllowList::append(bytes, &rows)
}

fn row_of(cells: &[String]) -> Option<AllowRow> {
    let [detection, user, dest, user_agent, namespace, command, src, reason, owner, expires] = cells else {
        return None;
    };
    let [detection, user, dest, user_agent, namespace] =
        [detection, user, dest, user_agent, namespace].map(String::clone);
    let [command, src, reason, owner, expires] = [command, src, reason, owner, expires].map(String::clone);
    Some(AllowRow {
        detection,
        user,
        dest,
        user_agent,
        namespace,
        command,
        src,
        reason,
        owner,
        expires,
        ..AllowRow::default()
    })
}

fn header_of(table: &[u8]) -> Vec<String> {
    let first = table.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(first)
        .trim_start_matches('\u{feff}')
        .trim()
        .split(',')
        .map(|name| name.trim_matches('"').to_owned())
        .collect()
}

fn baseline_rows(finding: &Finding, policy: &Policy) -> Vec<Vec<String>> {
    let user = value(finding, "user");
    let namespaces = values(finding, "namespace");
    namespaces.into_iter().map(|namespace| vec![user.clone(), namespace, policy.since.clone()]).collect()
}

/// The allow-list rows for a finding; none if a row would silence more than similar findings: a `*` that comes from the
/// log would match anything.
fn allow_rows(finding: &Finding, policy: &Policy) -> Vec<Vec<String>> {
    let literal = ["user", "dest", "user_agent", "namespace", "command"].iter().all(|name| {
        finding
            .fields
            .iter()
            .filter(|(field, _)| field == name)
            .all(|(_, values)| !values.iter().any(|v| v.contains('*')))
    });
    if !literal {
        return Vec::new();
    }
    let few = |name: &str| {
        let values = values(finding, name);
        if values.len() > MOST_VALUES { vec!["*".to_owned()] } else { values }
    };
    // The host `unknown` of auditd is not a name.
    let dest = Some(value(finding, "dest")).filter(|dest| dest != "unknown").unwrap_or_else(|| "*".to_owned());
    let sources = match few("src_peer").as_slice() {
        [star] if star == "*" => few("src"),
        known => known.to_vec(),
    };
    let address =
        |source: &String| if source.parse::<std::net::IpAddr>().is_ok() { source.clone() } else { "*".to_owned() };
    let mut sources: Vec<String> = sources.iter().map(address).collect();
    let mut clients: Vec<String> = few("user_agent").iter().map(|client| without_version(client)).collect();
    let mut commands: Vec<String> = few("command").iter().map(|command| without_secrets(command)).collect();
    let namespaces = few("namespace");
    for values in [&mut sources, &mut clients, &mut commands] {
        values.sort();
        values.dedup();
    }
    // If the combinations of values are too many, the least specific fields are widened first.
    let product = |lists: [&Vec<String>; 4]| lists.iter().map(|list| list.len()).product::<usize>();
    for widened in 0..2 {
        if product([&sources, &clients, &commands, &namespaces]) > MOST_ROWS {
            *[&mut sources, &mut clients][widened] = vec!["*".to_owned()];
        }
    }
    let mut rows = Vec::new();
    for client in &clients {
        for namespace in &namespaces {
            for command in &commands {
                for source in &sources {
                    let row = AllowRow {
                        detection: finding.detection.name.clone(),
                        user: value(finding, "user"),
                        dest: dest.clone(),
                        user_agent: client.clone(),
                        namespace: namespace.clone(),
                        command: command.clone(),
                        src: source.clone(),
                        reason: policy.reason.clone(),
                        owner: policy.owner.clone(),
                        expires: policy.expires.clone(),
                        ..AllowRow::default()
                    };
                    let names = [&row.user, &row.dest, &row.user_agent, &row.namespace, &row.command, &row.src];
                    if names.iter().any(|cell| *cell != "*") && row.check(policy.today) == RowState::Active {
                        rows.push(row.cells().map(str::to_owned).to_vec());
                    }
                }
            }
        }
    }
    rows
}

/// The values of a field of the finding, `*` if it has none.
fn values(finding: &Finding, name: &str) -> Vec<String> {
    let found = finding.fields.iter().find(|(field, _)| field == name).map(|(_, values)| values.clone());
    found.filter(|values| !values.is_empty()).unwrap_or_else(|| vec!["*".to_owned()])
}

fn value(finding: &Finding, name: &str) -> String {
    values(finding, name).into_iter().next().unwrap_or_default()
}

/// A client without its version, which changes: `kubectl/v1.34.4 (linux/amd64) …` becomes `kubectl/*`.
fn without_version(client: &str) -> String {
    match client.split_once('/') {
        Some((name, version)) if !version.is_empty() => format!("{name}/*"),
        _ => client.to_owned(),
    }
}

/// A command cut at its first secret, with `*` for the rest: secrets change, and do not belong in a table.
fn without_secrets(command: &str) -> String {
    let masked = mask(command);
    if masked == command {
        return command.to_owned();
    }
    let same = command.chars().zip(masked.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a);
    format!("{}*", same.collect::<String>())
}

/// Runs the true-positive tests of the detections with the rows in place, and records in each row the tests that it
/// breaks.
///
/// # Errors
/// If a test cannot be run, or the rows cannot be written to a temporary directory.
pub async fn refuse_what_breaks_tests(
    tested: &Content,
    tables: &Tables,
    proposals: &mut [Proposal],
) -> Result<(), EngineError> {
    let all: Vec<&Proposal> = proposals.iter().collect();
    let broken = broken_tests(tested, tables, &all).await?;
    if broken.is_empty() {
        return Ok(());
    }
    for proposal in proposals.iter_mut().filter(|p| broken.iter().any(|(detection, _)| *detection == p.detection)) {
        let alone = broken_tests(tested, tables, &[&*proposal]).await?;
        proposal.breaks = alone;
    }
    // Rows that only break a test together are refused together.
    let kept: Vec<&Proposal> = proposals.iter().filter(|proposal| proposal.breaks.is_empty()).collect();
    let together = broken_tests(tested, tables, &kept).await?;
    for (detection, test) in together {
        for proposal in proposals.iter_mut().filter(|p| p.breaks.is_empty() && p.detection == detection) {
            proposal.breaks.push((detection.clone(), test.clone()));
        }
    }
    Ok(())
}

/// A temporary directory with the tables including the rows. It is deleted on drop.
///
/// # Errors
/// If it cannot be written.
pub fn overlay(tables: &Tables, rows: &[&Proposal]) -> Result<tempfile::TempDir, EngineError> {
    let directory = tempfile::tempdir().map_err(|error| EngineError::temporary(&error))?;
    tables.write(directory.path(), rows)?;
    Ok(directory)
}

/// The true-positive tests that pass without these rows and fail with them: detection and test.
async fn broken_tests(
    tested: &Content,
    tables: &Tables,
    rows: &[&Proposal],
) -> Result<Vec<(String, String)>, EngineError> {
    let overlay = overlay(tables, rows)?;
    let mut broken = Vec::new();
    for detection in &tested.detections {
        // Rows of the allow-list name one detection, a baseline is used by one: no other test can break.
        if !rows.iter().any(|row| row.detection == detection.name) {
            continue;
        }
        let names: Vec<String> = failing(tested, detection, vec![overlay.path().to_owned()]).await?;
        if names.is_empty() {
            continue;
        }
        let before = failing(tested, detection, vec![]).await?;
        let new = names.into_iter().filter(|name| !before.contains(name));
        broken.extend(new.map(|name| (detection.name.clone(), name)));
    }
    Ok(broken)
}

async fn failing(
    tested: &Content,
    detection: &Arc<Detection>,
    lookups: Vec<PathBuf>,
) -> Result<Vec<String>, EngineError> {
    let runner = TestRunner { content: tested, lookups };
    let positive =
        |name: &str| detection.tests.iter().any(|test| test.name == name && test.expects == Expectation::Fires);
    let outcomes = runner.detection(detection).await?;
    let failed = outcomes.into_iter().filter(|outcome| outcome.status == TestStatus::Failed);
    Ok(failed.map(|outcome| outcome.test).filter(|name| positive(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_lose_their_version_and_commands_their_secrets() {
        assert_eq!(without_version("kubectl/v1.34.4 (linux/amd64) kubernetes/9a7"), "kubectl/*");
        assert_eq!(without_version("curl"), "curl");
        assert_eq!(without_secrets("kubectl get pods"), "kubectl get pods");
        let command =
            without_secrets("kubectl --token=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWIifQ.c2lnbmF0dXJl get secrets");
        assert!(command.ends_with('*') && !command.contains("c2lnbmF0dXJl"), "{command}");
    }

    #[test]
    fn rows_are_added_behind_what_there_is() {
        let row = Proposal {
            table: "t".to_owned(),
            cells: vec!["a,b".to_owned(), "web".to_owned(), "2026-11-25".to_owned()],
            detection: "D".to_owned(),
            covers: 1,
            breaks: vec![],
        };
        let added = |bytes: &[u8]| append(bytes, &BASELINE, std::iter::once(row.line()));
        assert_eq!(added(b"user,namespace,since"), b"user,namespace,since\n\"a,b\",web,2026-11-25\n");
        assert_eq!(added(b"user,namespace,since\r\n"), b"user,namespace,since\r\n\"a,b\",web,2026-11-25\r\n");
        assert_eq!(header_of(b"user,namespace,since\r\nx"), BASELINE);
    }
}
